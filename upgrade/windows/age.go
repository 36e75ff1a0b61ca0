package windows

import (
	"fmt"
	"slices"
	"strings"

	"treadmill/upgrade"
)

// Old is what a provider's calendar holds that was read long ago and may have changed since.
type Old struct {
	Minors []upgrade.Minor // with dates that are old, rising
	Dates  Day             // the day the oldest of those was read; zero when none is old
	Price  Day             // the day the price of extended support was read; zero when it is not old
}

// IsZero reports whether nothing is old.
func (o Old) IsZero() bool { return o.Dates == 0 && o.Price == 0 }

// Read is the day the oldest of it was read; zero when nothing is old.
func (o Old) Read() Day {
	if o.Price != 0 && (o.Dates == 0 || o.Price < o.Dates) {
		return o.Price
	}
	return o.Dates
}

// Message says in words what is old of a provider, and what to do about it.
func (o Old) Message(provider string, now Day) string {
	var what []string
	if len(o.Minors) > 0 {
		var names []string
		for _, m := range o.Minors {
			names = append(names, m.String())
		}
		what = append(
			what,
			fmt.Sprintf("the support dates of %s %s were read on %s, %d days ago", provider, strings.Join(names, ", "), o.Dates, now-o.Dates),
		)
	}
	if o.Price != 0 {
		what = append(what, fmt.Sprintf("the price of extended support of %s was read on %s, %d days ago", provider, o.Price, now-o.Price))
	}
	return strings.Join(what, "; ") + "; give newer ones with --windows"
}

// ReadOf is the day a date was read: that of the newest of the sources that give it. A date that was computed here has none.
func (p Provider) ReadOf(d Date) Day {
	var newest Day
	for _, key := range append([]string{d.Source}, d.Also...) {
		s, _ := p.Source(key)
		newest = max(newest, s.Read)
	}
	return newest
}

// Old is what is old on a day of a provider's versions that have not ended: dates that lay ahead when their newest source was read, more
// than StaleAfter days ago, and the price. A date that had come by then is settled, however long ago that was; one computed here is as
// new as what it was computed from.
func (t Table) Old(provider string, now Day) Old {
	var o Old
	p, ok := t.Provider(provider)
	if !ok {
		return o
	}
	old := func(read Day) bool { return read != 0 && int(now-read) > StaleAfter }
	for _, w := range t.Windows(p.Name) {
		if w.State(now) == Ended {
			continue
		}
		for _, d := range append([]Date{w.Available, w.StandardEnd}, datesOf(w.Terms())...) {
			read := p.ReadOf(d)
			if d.Day <= read || !old(read) {
				continue
			}
			if o.Dates == 0 || read < o.Dates {
				o.Dates = read
			}
			if !slices.Contains(o.Minors, w.Minor) {
				o.Minors = append(o.Minors, w.Minor)
			}
		}
	}
	if p.Extended != nil {
		if s, _ := p.Source(p.Extended.Source); old(s.Read) {
			o.Price = s.Read
		}
	}
	return o
}

func datesOf(ms []Milestone) []Date {
	var out []Date
	for _, m := range ms {
		out = append(out, m.Date)
	}
	return out
}
