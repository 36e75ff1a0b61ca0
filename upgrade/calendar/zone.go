package calendar

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// atlas keeps zones by name: loading one takes long, and calendars have many events. What is no zone is nil.
type atlas map[string]*time.Location

func (a atlas) load(name string) *time.Location {
	loc, known := a[name]
	if !known {
		if l, err := time.LoadLocation(name); err == nil && name != "" && name != "UTC" && name != "Local" {
			loc = l
		}
		a[name] = loc
	}
	return loc
}

// zones defines the time zones of events (VTIMEZONE, RFC 5545 section 3.6.5), by name.
func (w *icsWriter) zones(events []eventText) {
	type use struct {
		loc         *time.Location
		first, last time.Time
	}
	used := map[string]*use{}
	for _, e := range events {
		if !e.zoned {
			continue
		}
		name := e.from.Location().String()
		u := used[name]
		if u == nil {
			u = &use{e.from.Location(), e.from, e.to}
			used[name] = u
		}
		if e.from.Before(u.first) {
			u.first = e.from
		}
		if e.to.After(u.last) {
			u.last = e.to
		}
	}
	names := make([]string, 0, len(used))
	for name := range used {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		w.line("BEGIN", "VTIMEZONE")
		w.line("TZID", name)
		for _, o := range observances(used[name].loc, used[name].first, used[name].last) {
			w.observance(o)
		}
		w.line("END", "VTIMEZONE")
	}
}

// onset is a change of the clocks of a zone: when, and how far clocks are ahead of UTC before and after it, in seconds.
type onset struct {
	at       time.Time // by the clock that was valid before it, as UTC
	from, to int
	name     string
	summer   bool
	rule     string // it comes every year; "" for once
}

// leapCycle is how many years the same days of the month fall on the same days of the week, leap years too: what was so for so long is a
// rule.
const leapCycle = 28

// observances lists how a zone keeps its clocks from the first to the last time, as rules where the years follow one.
func observances(loc *time.Location, first, last time.Time) []onset {
	begin := time.Date(first.Year()-1, 1, 1, 0, 0, 0, 0, loc)
	kinds := map[onset][]onset{}
	for _, at := range changes(loc, begin, time.Date(last.Year()+leapCycle+1, 1, 1, 0, 0, 0, 0, loc)) {
		o := change(at, at.Add(-time.Second))
		kind := onset{from: o.from, to: o.to, name: o.name, summer: o.summer}
		kinds[kind] = append(kinds[kind], o)
	}
	var out []onset
	for _, all := range kinds {
		if rule := yearly(all, last.Year()+leapCycle); rule != "" {
			all[0].rule = rule
			out = append(out, all[0])
			continue
		}
		for _, o := range all {
			if o.at.Year() <= last.Year()+1 {
				out = append(out, o)
			}
		}
	}
	slices.SortFunc(out, func(a, b onset) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.to, b.to)) })
	if len(out) == 0 || out[0].at.After(first.Add(-24*time.Hour)) {
		o := change(begin, begin)
		out = slices.Insert(out, 0, o)
	}
	return out
}

// changes lists when the clocks of a zone change between two times. They are looked for day by day, as the bounds that time.Time.ZoneBounds
// gives are those of the year where a zone goes by a rule.
func changes(loc *time.Location, from, to time.Time) []time.Time {
	var out []time.Time
	same := func(a, b int64) bool {
		x, y := time.Unix(a, 0).In(loc), time.Unix(b, 0).In(loc)
		nameX, offsetX := x.Zone()
		nameY, offsetY := y.Zone()
		return nameX == nameY && offsetX == offsetY && x.IsDST() == y.IsDST()
	}
	const day = 24 * 60 * 60
	for t := from.Unix(); t < to.Unix(); t += day {
		if same(t, t+day) {
			continue
		}
		low, high := t, t+day // the change lies after low, and not after high
		for high-low > 1 {
			if mid := (low + high) / 2; same(low, mid) {
				low = mid
			} else {
				high = mid
			}
		}
		out = append(out, time.Unix(high, 0).In(loc))
	}
	return out
}

// change is the change of the clocks at a time; before is a time at which the clocks of before it were valid.
func change(at, before time.Time) onset {
	_, from := before.Zone()
	name, to := at.Zone()
	return onset{at: at.UTC().Add(time.Duration(from) * time.Second), from: from, to: to, name: name, summer: at.IsDST()}
}

// yearly writes the rule by which onsets come once in every year up to the last, on the same weekday of the same week of a month; "" where
// they follow none.
func yearly(all []onset, last int) string {
	first := all[0].at
	nth, fromEnd := week(first), true
	for i, o := range all {
		if o.at.Year() != first.Year()+i || o.at.Month() != first.Month() || o.at.Weekday() != first.Weekday() ||
			o.at.Sub(o.at.Truncate(24*time.Hour)) != first.Sub(first.Truncate(24*time.Hour)) {
			return ""
		}
		if week(o.at) != nth {
			nth = 0
		}
		fromEnd = fromEnd && o.at.AddDate(0, 0, 7).Month() != o.at.Month()
	}
	switch day := strings.ToUpper(first.Weekday().String()[:2]); {
	case first.Year()+len(all)-1 != last || len(all) < leapCycle:
		return ""
	case fromEnd:
		return fmt.Sprintf("FREQ=YEARLY;BYMONTH=%d;BYDAY=-1%s", first.Month(), day)
	case nth > 0:
		return fmt.Sprintf("FREQ=YEARLY;BYMONTH=%d;BYDAY=%d%s", first.Month(), nth, day)
	default:
		return ""
	}
}

// week says the how-manieth of its weekday a day is in its month.
func week(t time.Time) int { return (t.Day() + 6) / 7 }

func (w *icsWriter) observance(o onset) {
	kind := map[bool]string{true: "DAYLIGHT", false: "STANDARD"}[o.summer]
	w.line("BEGIN", kind)
	w.line("TZOFFSETFROM", offset(o.from))
	w.line("TZOFFSETTO", offset(o.to))
	w.line("TZNAME", escape(o.name))
	w.line("DTSTART", o.at.Format(localTime))
	if o.rule != "" {
		w.line("RRULE", o.rule)
	}
	w.line("END", kind)
}

// offset writes how far clocks are ahead of UTC (UTC-OFFSET): +0100, or +013015 where there are seconds.
func offset(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	s := fmt.Sprintf("%c%02d%02d", sign, seconds/3600, seconds/60%60)
	if seconds%60 != 0 {
		s += fmt.Sprintf("%02d", seconds%60)
	}
	return s
}
