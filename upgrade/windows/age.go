package windows

import (
	"fmt"
	"slices"
	"strings"

	"treadmill/upgrade"
)

// Old is what a provider's calendar holds that was read long ago and may have changed since.
type Old struct {
	Read   Day             // the day the oldest of it was read; zero when nothing is old
	Minors []upgrade.Minor // whose dates it is, rising
	Price  bool            // the price of extended support is among it
}

// IsZero reports whether nothing is old.
func (o Old) IsZero() bool { return o.Read == 0 }

// Message says in words what is old of a provider, and what to do about it.
func (o Old) Message(provider string, now Day) string {
	var what []string
	if len(o.Minors) > 0 {
		var names []string
		for _, m := range o.Minors {
			names = append(names, m.String())
		}
		what = append(what, "the support dates of "+provider+" "+strings.Join(names, ", "))
	}
	if o.Price {
		what = append(what, "the price of extended support of "+provider)
	}
	return fmt.Sprintf("%s: read on %s, %d days ago, and may have changed; give newer ones with --windows", strings.Join(what, ", and "), o.Read, now-o.Read)
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

// Old is what is old on a day of a provider's versions that have not ended: dates that lay ahead when their newest source was read, more than
// StaleAfter days ago, and the price. A date that had come by then is settled, however long ago that was; one computed here is as new as what it
// was computed from.
func (t Table) Old(provider string, now Day) Old {
	var o Old
	p, ok := t.Provider(provider)
	if !ok {
		return o
	}
	note := func(read Day) bool {
		old := read != 0 && int(now-read) > StaleAfter
		if old && (o.Read == 0 || read < o.Read) {
			o.Read = read
		}
		return old
	}
	for _, w := range t.Windows(p.Name) {
		if w.State(now) == Ended {
			continue
		}
		for _, d := range append([]Date{w.Available, w.StandardEnd}, datesOf(w.Terms())...) {
			read := p.ReadOf(d)
			if d.Day > read && note(read) && !slices.Contains(o.Minors, w.Minor) {
				o.Minors = append(o.Minors, w.Minor)
			}
		}
	}
	if p.Extended != nil {
		s, _ := p.Source(p.Extended.Source)
		o.Price = note(s.Read)
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
