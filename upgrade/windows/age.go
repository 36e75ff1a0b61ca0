package windows

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Aged is something and the day it was read.
type Aged struct {
	Name string
	Read Day
}

// Ages says in words on which days things were read, the oldest first and those of one day together: "A, B VERB on ..., 99 days ago", and
// for each further day the same after "and" and the word or words that stand for what was read.
func Ages(things []Aged, now Day, verb, further string) string {
	byDay := map[Day][]string{}
	for _, x := range things {
		byDay[x.Read] = append(byDay[x.Read], x.Name)
	}
	var out []string
	for i, read := range slices.Sorted(maps.Keys(byDay)) {
		names := strings.Join(byDay[read], ", ")
		if i == 0 {
			names += " " + verb
		} else {
			names = further + " " + names
		}
		out = append(out, fmt.Sprintf("%s on %s, %d days ago", names, read, now-read))
	}
	return strings.Join(out, ", and ")
}

// Old is what a provider's calendar holds that was read long ago and may have changed since.
type Old struct {
	Minors []Aged // with dates that are old, rising, each with the day the oldest of those was read
	Price  Day    // the day the price of extended support was read; zero when it is not old
}

// IsZero reports whether nothing is old.
func (o Old) IsZero() bool { return len(o.Minors) == 0 && o.Price == 0 }

// Read is the day the oldest of it was read; zero when nothing is old.
func (o Old) Read() Day {
	oldest := o.Price
	for _, m := range o.Minors {
		if oldest == 0 || m.Read < oldest {
			oldest = m.Read
		}
	}
	return oldest
}

// Message says in words what is old of a provider, and what to do about it.
func (o Old) Message(provider string, now Day) string {
	var what []string
	if len(o.Minors) > 0 {
		what = append(what, "the support dates of "+provider+" "+Ages(o.Minors, now, "were read", "those of"))
	}
	if o.Price != 0 {
		what = append(what, "the price of extended support of "+Ages([]Aged{{Name: provider, Read: o.Price}}, now, "was read", ""))
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
		var oldest Day
		for _, d := range append([]Date{w.Available, w.StandardEnd}, datesOf(w.Terms())...) {
			if read := p.ReadOf(d); d.Day > read && old(read) && (oldest == 0 || read < oldest) {
				oldest = read
			}
		}
		if oldest != 0 {
			o.Minors = append(o.Minors, Aged{Name: w.Minor.String(), Read: oldest})
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
