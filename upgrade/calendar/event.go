package calendar

import (
	"slices"
	"time"
)

// Event is something that takes time, once or again and again.
type Event struct {
	Name  string
	Start time.Time // its zone is that in which the event recurs
	// The event lasts Days calendar days of that zone and then Rest, so that days stay days when the clock changes.
	Days   int
	Rest   time.Duration
	Rule   Rule
	Except []Exception // starts that are left out
	Since  time.Time   // starts before it are left out; zero for none
	Before time.Time   // starts at it or after are left out; zero for none
	Moved  Shift       // how far every start that is left is moved
}

// Exception is a start that is left out: at an instant or, with Day, at any hour of a day.
type Exception struct {
	At  time.Time
	Day bool
}

// covers reports whether a start is the one that is left out.
func (x Exception) covers(at time.Time) bool {
	if !x.Day {
		return x.At.Equal(at)
	}
	y, m, d := x.At.Date()
	y2, m2, d2 := at.Date()
	return y == y2 && m == m2 && d == d2
}

// Shift is a distance by the wall clock: days of the calendar, and time of day.
type Shift struct {
	Days  int
	Clock time.Duration
}

// shiftBetween is the shift that brings one time to another in a zone.
func shiftBetween(from, to time.Time, zone *time.Location) Shift {
	from, to = from.In(zone), to.In(zone)
	clock := func(t time.Time) time.Duration {
		return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second
	}
	return Shift{Days: days(from, to), Clock: clock(to) - clock(from)}
}

func (s Shift) move(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d+s.Days, t.Hour(), t.Minute(), t.Second()+int(s.Clock/time.Second), 0, t.Location())
}

// Lasting sets how long the event takes: whole days as days of the calendar.
func (e Event) Lasting(d time.Duration) Event {
	const day = 24 * time.Hour
	e.Days, e.Rest = int(d/day), d%day
	return e
}

func (e Event) end(start time.Time) time.Time { return start.AddDate(0, 0, e.Days).Add(e.Rest) }

// Spans lists the times that the event takes and that share time with a span, in order of their start.
func (e Event) Spans(in Span) []Span {
	starts := []time.Time{e.Start}
	if !e.Rule.IsZero() {
		early := in.From.AddDate(0, 0, -e.Days-1-max(0, e.Moved.Days+1)).Add(-e.Rest)
		starts = e.Rule.Starts(e.Start, Span{early, in.To.AddDate(0, 0, max(0, 1-e.Moved.Days))})
	}
	var out []Span
	for _, at := range starts {
		if e.leavesOut(at) {
			continue
		}
		at = e.Moved.move(at)
		s := Span{at, e.end(at)}
		if s.From.Before(in.To) && s.To.After(in.From) {
			out = append(out, s)
		}
	}
	return out
}

func (e Event) leavesOut(at time.Time) bool {
	return !e.Since.IsZero() && at.Before(e.Since) || !e.Before.IsZero() && !at.Before(e.Before) ||
		slices.ContainsFunc(e.Except, func(x Exception) bool { return x.covers(at) })
}
