package calendar

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Clock is a time of day in minutes after midnight, up to 24:00.
type Clock int

// UnmarshalText reads "09:00" or "24:00".
func (c *Clock) UnmarshalText(text []byte) error {
	s := string(text)
	if s == "24:00" {
		*c = 24 * 60
		return nil
	}
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != 5 {
		return fmt.Errorf("%q is not a time of day: want one such as \"09:00\", in quotes", s)
	}
	*c = Clock(t.Hour()*60 + t.Minute())
	return nil
}

// String writes "09:00".
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", c/60, c%60) }

// Weekday is a day of the week by its English name.
type Weekday time.Weekday

// UnmarshalText reads "Tue" or "Tuesday", in any case.
func (w *Weekday) UnmarshalText(text []byte) error {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if s := string(text); strings.EqualFold(s, d.String()) || strings.EqualFold(s, d.String()[:3]) {
			*w = Weekday(d)
			return nil
		}
	}
	return fmt.Errorf("%q is not a day of the week: want Mon, Tue, Wed, Thu, Fri, Sat or Sun", text)
}

// Window is a time of the week in which clusters may be changed. A To that is not after From lies on the next day.
type Window struct {
	Days     [7]bool // by time.Weekday: the days on which the window opens
	From, To Clock
	Zone     *time.Location
	During   Event // the only times in which it opens; always where the event has no rule
}

// Opening is the span that the window opens on a day of its zone. Where the clock is put forward inside the window the span is
// shorter, and it is false when nothing is left.
func (w Window) Opening(year int, month time.Month, day int) (Span, bool) {
	if !w.Days[time.Date(year, month, day, 12, 0, 0, 0, time.UTC).Weekday()] {
		return Span{}, false
	}
	next := day
	if w.To <= w.From {
		next++
	}
	s := Span{
		time.Date(year, month, day, int(w.From)/60, int(w.From)%60, 0, 0, w.Zone),
		time.Date(year, month, next, int(w.To)/60, int(w.To)%60, 0, 0, w.Zone),
	}
	return s, s.From.Before(s.To)
}

// Openings lists the openings of the window that lie wholly in a span and in one of the times in which it opens, in order.
func (w Window) Openings(in Span) []Span {
	var out []Span
	opens := func(Span) bool { return true }
	if !w.During.Rule.IsZero() {
		times := w.During.Spans(in)
		opens = func(s Span) bool {
			return slices.ContainsFunc(times, func(t Span) bool { return !s.From.Before(t.From) && !s.To.After(t.To) })
		}
	}
	first := in.From.In(w.Zone).AddDate(0, 0, -1)
	for i := 0; ; i++ {
		y, m, d := first.Date()
		start := time.Date(y, m, d+i, 0, 0, 0, 0, time.UTC)
		if start.AddDate(0, 0, -2).After(in.To) {
			return out
		}
		if s, ok := w.Opening(start.Year(), start.Month(), start.Day()); ok && !s.From.Before(in.From) && !s.To.After(in.To) && opens(s) {
			out = append(out, s)
		}
	}
}
