package model

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"treadmill/upgrade/calendar"
	"treadmill/upgrade/fleet"
)

// Exemption is a freeze, by its place in the policy, that does not hold for a cluster.
type Exemption struct {
	Freeze  int
	Cluster string
}

// Slot is one opening of a maintenance window that no freeze touches.
type Slot struct {
	Start, End Minutes
	Week       int32
	Zone       *time.Location
}

// Slots are the openings of one kind of cluster, in order of their start.
type Slots struct {
	All   []Slot
	First []int32 // by week: the first slot of the week or of a later one; one more entry than there are weeks
}

// After returns the index of the first slot that starts at or after a time.
func (s *Slots) After(t Minutes, from int32) int32 {
	i := from
	for int(i) < len(s.All) && s.All[i].Start < t {
		i++
	}
	return i
}

// mondayOf is the number of the Monday on or before a day, in weeks since 1970-01-05 (a Monday).
func mondayOf(t time.Time) int {
	y, m, d := t.Date()
	days := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400
	n := days - 4
	if n < 0 {
		n -= 6
	}
	return int(n / 7)
}

// WeekName is the ISO name of a week of the plan, such as 2027-W11.
func (p *Problem) WeekName(week int) string {
	y, w := time.Unix(int64((p.monday+week)*7+4)*86400, 0).UTC().ISOWeek()
	return fmt.Sprintf("%d-W%02d", y, w)
}

// rules of the calendar that apply to a cluster, as a comparable key: clusters with the same rules share their slots.
func (p *Problem) slotsFor(c fleet.Cluster, ws []int) *Slots {
	key := make([]byte, 0, 16)
	var fs []int
	for i := range p.Fleet.Policy.Freezes {
		if p.Fleet.Policy.Freezes[i].Clusters.Matches(c) && !p.lifted[Exemption{i, c.Name.V}] {
			fs = append(fs, i)
		}
	}
	short := p.Shortages(c)
	for _, i := range ws {
		key = fmt.Appendf(key, "%v", p.Fleet.Policy.Windows[i].During.RRule.V)
	}
	key = fmt.Appendf(key, "%v%v%v", ws, fs, short)
	if s, ok := p.Shared.calendars[string(key)]; ok {
		return s
	}
	s := p.buildSlots(ws, fs, short)
	p.Shared.calendars[string(key)] = s
	return s
}

// buildSlots lists the openings of windows from now on, without what freezes and shortages cover. What is left of one is an opening where
// it is long enough.
func (p *Problem) buildSlots(ws, fs []int, short calendar.Spans) *Slots {
	reach := calendar.Span{From: p.Span.From.AddDate(0, 0, -2), To: p.Span.To}
	closed := append(slices.Clone(short), calendar.Span{From: reach.From.AddDate(0, 0, -2), To: p.Span.From})
	for _, i := range fs {
		closed = append(closed, p.Frozen(i)...)
	}
	closed = calendar.Union(closed)
	var openings []Slot
	add := func(w calendar.Window) {
		for _, whole := range w.Openings(reach) {
			for _, o := range closed.Outside(whole) {
				if o == whole || o.To.Sub(o.From) >= fleet.ShortestRest {
					openings = append(openings, Slot{Start: minuteFrom(o.From), End: MinutesOf(o.To), Zone: w.Zone})
				}
			}
		}
	}
	for _, i := range ws {
		add(p.Fleet.Policy.Windows[i].Calendar())
	}
	if len(ws) == 0 {
		add(fleet.DefaultWindow())
	}
	return p.index(openings)
}

// minuteFrom is the first whole minute that is not before a time.
func minuteFrom(t time.Time) Minutes { return MinutesOf(t.Add(time.Minute - 1)) }

// index orders openings and leaves out those that begin before the end of one before them. Work may begin at any minute of an opening. As
// what it waits for comes at the beginning of a day (UTC), if not with the opening itself, an opening over midnight is there twice: from
// its beginning and from midnight on.
func (p *Problem) index(openings []Slot) *Slots {
	slices.SortFunc(openings, func(a, b Slot) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End), cmp.Compare(a.Zone.String(), b.Zone.String()))
	})
	s := &Slots{First: make([]int32, p.Weeks+1)}
	for _, o := range openings {
		if len(s.All) > 0 && o.Start < s.All[len(s.All)-1].End {
			continue
		}
		for whole := true; whole || o.End-o.Start >= Minutes(fleet.ShortestRest/time.Minute); whole = false {
			if week := mondayOf(TimeOf(o.Start, o.Zone)) - p.monday; week >= 0 && week < p.Weeks {
				o.Week = int32(week)
				s.All = append(s.All, o)
			}
			o.Start = (o.Start/Day + 1) * Day
		}
	}
	i := 0
	for w := range s.First {
		for i < len(s.All) && int(s.All[i].Week) < w {
			i++
		}
		s.First[w] = int32(i)
	}
	return s
}

// TimeOf is the time in a zone that the inner clock shows.
func TimeOf(t Minutes, zone *time.Location) time.Time { return time.Unix(t*60, 0).In(zone) }

// FrozenAt reports whether a freeze covers any of a time.
func (p *Problem) FrozenAt(i int, from, to Minutes) bool {
	_, hit := p.Frozen(i).Overlap(calendar.Span{From: TimeOf(from, time.UTC), To: TimeOf(to, time.UTC)})
	return hit
}

// Frozen are the spans of a freeze within the plan, expanded once.
func (p *Problem) Frozen(i int) calendar.Spans {
	if p.Shared.freezes[i] == nil {
		p.Shared.freezes[i] = append(calendar.Spans{}, p.Fleet.Policy.Freezes[i].Spans(p.Span)...)
	}
	return p.Shared.freezes[i]
}
