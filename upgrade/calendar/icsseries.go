package calendar

import (
	"slices"
	"time"
)

// resolveSeries makes events of what was read: a series loses the occurrences that other entries with its UID are about, which are events
// of their own where they were moved and not cancelled (RFC 5545 section 3.8.4.4). Of several versions of one entry the last one counts
// (SEQUENCE, section 3.8.7.4).
func resolveSeries(all []icsEvent) []Event {
	changes := map[string][]icsEvent{} // by UID: what became of occurrences, in the order of the series
	all = newest(all)
	for _, e := range all {
		if e.occurrence != nil && e.uid != "" {
			changes[e.uid] = append(changes[e.uid], e)
		}
	}
	for _, list := range changes {
		slices.SortStableFunc(list, func(a, b icsEvent) int { return a.occurrence.At.Compare(b.occurrence.At) })
	}
	series := map[string]bool{}
	var out []Event
	for _, e := range all {
		if e.occurrence == nil {
			series[e.uid] = true
			if !e.cancelled {
				out = append(out, e.with(changes[e.uid])...)
			}
		}
	}
	for _, e := range all {
		if e.occurrence != nil && !e.cancelled && !(e.andFuture && series[e.uid]) {
			out = append(out, e.parts()...)
		}
	}
	return out
}

// parts are the event, and once more for every RDATE.
func (e icsEvent) parts() []Event {
	out := []Event{e.Event}
	for _, x := range e.more {
		x.Except = e.Except
		out = append(out, x)
	}
	return out
}

// with is a series after what became of its occurrences. From one with THISANDFUTURE on, all starts are moved as far as that one was.
func (e icsEvent) with(changes []icsEvent) []Event {
	var out []Event
	part := e.Event // what the series is like from the last such change on
	emit := func() {
		for _, x := range e.parts() {
			x.Name, x.Since, x.Before, x.Moved = part.Name, part.Since, part.Before, part.Moved
			if !part.Since.IsZero() {
				x.Days, x.Rest = part.Days, part.Rest
			}
			out = append(out, x)
		}
	}
	for _, c := range changes {
		id := e.idOf(*c.occurrence)
		if !c.andFuture {
			e.Except = append(slices.Clip(e.Except), id)
			continue
		}
		part.Before = startOf(id, e.Start)
		emit()
		if c.cancelled {
			return out
		}
		if !c.Rule.IsZero() { // a series of its own
			return append(out, c.parts()...)
		}
		part = Event{Name: c.Name, Days: c.Days, Rest: c.Rest, Since: part.Before, Moved: shiftBetween(part.Before, c.Start, e.Start.Location())}
	}
	emit()
	return out
}

// idOf is a RECURRENCE-ID as the series has its starts: where the series is of whole days, a time means its day.
func (e icsEvent) idOf(x Exception) Exception {
	x.Day = x.Day || e.allDay
	return x
}

// startOf is the instant of an occurrence: a day means the start of that day's occurrence, at the hour of the series.
func startOf(x Exception, start time.Time) time.Time {
	if !x.Day {
		return x.At
	}
	y, m, d := x.At.Date()
	return time.Date(y, m, d, start.Hour(), start.Minute(), start.Second(), 0, start.Location())
}

// newest leaves out entries of which there is a later version: one of the same UID and occurrence with a higher SEQUENCE.
func newest(all []icsEvent) []icsEvent {
	type key struct {
		uid string
		at  int64
		of  bool
	}
	keyOf := func(e icsEvent) key {
		if e.occurrence == nil {
			return key{uid: e.uid}
		}
		return key{e.uid, e.occurrence.At.Unix(), true}
	}
	last := map[key]int{}
	for _, e := range all {
		last[keyOf(e)] = max(last[keyOf(e)], e.sequence)
	}
	return slices.DeleteFunc(all, func(e icsEvent) bool { return e.uid != "" && e.sequence < last[keyOf(e)] })
}
