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
func (p *Problem) slotsFor(c fleet.Cluster) *Slots {
	key := make([]byte, 0, 16)
	var fs []int
	ws := p.Fleet.Policy.WindowsFor(c)
	for i := range p.Fleet.Policy.Freezes {
		if p.Fleet.Policy.Freezes[i].Clusters.Matches(c) && !p.lifted[Exemption{i, c.Name.V}] {
			fs = append(fs, i)
		}
	}
	short := p.Shortages(c)
	key = fmt.Appendf(key, "%v%v%v", ws, fs, short)
	if s, ok := p.Shared.calendars[string(key)]; ok {
		return s
	}
	s := p.buildSlots(ws, fs, short)
	p.Shared.calendars[string(key)] = s
	return s
}

func (p *Problem) buildSlots(ws, fs []int, short calendar.Spans) *Slots {
	var openings []Slot
	add := func(w calendar.Window) {
		for _, o := range w.Openings(p.Span) {
			week := mondayOf(o.From) - p.monday
			if week >= 0 && week < p.Weeks {
				openings = append(openings, Slot{MinutesOf(o.From), MinutesOf(o.To), int32(week), w.Zone})
			}
		}
	}
	for _, i := range ws {
		add(p.Fleet.Policy.Windows[i].Calendar())
	}
	if len(p.Fleet.Policy.Windows) == 0 {
		add(fleet.DefaultWindow())
	}
	frozen := slices.Clone(short)
	for _, i := range fs {
		frozen = append(frozen, p.Frozen(i)...)
	}
	return p.index(openings, calendar.Union(frozen))
}

// index orders openings and leaves out those that a freeze touches or that overlap one before them.
func (p *Problem) index(openings []Slot, frozen calendar.Spans) *Slots {
	slices.SortFunc(openings, func(a, b Slot) int {
		return cmp.Or(cmp.Compare(a.Week, b.Week), cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End), cmp.Compare(a.Zone.String(), b.Zone.String()))
	})
	s := &Slots{First: make([]int32, p.Weeks+1)}
	for _, o := range openings {
		span := calendar.Span{From: TimeOf(o.Start, time.UTC), To: TimeOf(o.End, time.UTC)}
		if _, hit := frozen.Overlap(span); hit || len(s.All) > 0 && o.Start < s.All[len(s.All)-1].End {
			continue
		}
		s.All = append(s.All, o)
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
