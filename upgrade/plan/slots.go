package plan

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"treadmill/upgrade/calendar"
	"treadmill/upgrade/fleet"
)

// slot is one opening of a maintenance window that no freeze touches.
type slot struct {
	start, end minutes
	week       int32
	zone       *time.Location
}

// slots are the openings of one kind of cluster, in order of their start.
type slots struct {
	all   []slot
	first []int32 // by week: the first slot of the week or of a later one; one more entry than there are weeks

	byWeek   [][]int   // see days; made when it is asked for
	weekdays *weekdays // see span
}

// weekdays are the first and the last day of all weeks, from 0 for Monday.
type weekdays struct{ first, last int }

// after returns the index of the first slot that starts at or after a time.
func (s *slots) after(t minutes, from int32) int32 {
	i := from
	for int(i) < len(s.all) && s.all[i].start < t {
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

// weekName is the ISO name of a week of the plan, such as 2027-W11.
func (p *problem) weekName(week int) string {
	y, w := time.Unix(int64((p.monday+week)*7+4)*86400, 0).UTC().ISOWeek()
	return fmt.Sprintf("%d-W%02d", y, w)
}

// rules of the calendar that apply to a cluster, as a comparable key: clusters with the same rules share their slots.
func (p *problem) slotsFor(c fleet.Cluster) *slots {
	key := make([]byte, 0, 16)
	var fs []int
	ws := p.fleet.Policy.WindowsFor(c)
	for i := range p.fleet.Policy.Freezes {
		if p.fleet.Policy.Freezes[i].Clusters.Matches(c) && !p.lifted[exemption{i, c.Name.V}] {
			fs = append(fs, i)
		}
	}
	short := p.shortages(c.Name.V, c.SLOs)
	key = fmt.Appendf(key, "%v%v%v", ws, fs, short)
	if s, ok := p.calendars[string(key)]; ok {
		return s
	}
	s := p.buildSlots(ws, fs, short)
	p.calendars[string(key)] = s
	return s
}

func (p *problem) buildSlots(ws, fs []int, short calendar.Spans) *slots {
	var openings []slot
	add := func(w calendar.Window) {
		for _, o := range w.Openings(p.span) {
			week := mondayOf(o.From) - p.monday
			if week >= 0 && week < p.weeks {
				openings = append(openings, slot{minutesOf(o.From), minutesOf(o.To), int32(week), w.Zone})
			}
		}
	}
	for _, i := range ws {
		add(p.fleet.Policy.Windows[i].Calendar())
	}
	if len(p.fleet.Policy.Windows) == 0 {
		add(fleet.DefaultWindow())
	}
	frozen := slices.Clone(short)
	for _, i := range fs {
		frozen = append(frozen, p.frozen(i)...)
	}
	return p.index(openings, calendar.Union(frozen))
}

// index orders openings and leaves out those that a freeze touches or that overlap one before them.
func (p *problem) index(openings []slot, frozen calendar.Spans) *slots {
	slices.SortFunc(openings, func(a, b slot) int {
		return cmp.Or(cmp.Compare(a.week, b.week), cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end), cmp.Compare(a.zone.String(), b.zone.String()))
	})
	s := &slots{first: make([]int32, p.weeks+1)}
	for _, o := range openings {
		span := calendar.Span{From: timeOf(o.start, time.UTC), To: timeOf(o.end, time.UTC)}
		if _, hit := frozen.Overlap(span); hit || len(s.all) > 0 && o.start < s.all[len(s.all)-1].end {
			continue
		}
		s.all = append(s.all, o)
	}
	i := 0
	for w := range s.first {
		for i < len(s.all) && int(s.all[i].week) < w {
			i++
		}
		s.first[w] = int32(i)
	}
	return s
}

func timeOf(t minutes, zone *time.Location) time.Time { return time.Unix(t*60, 0).In(zone) }

// frozenAt reports whether a freeze covers any of a time.
func (p *problem) frozenAt(i int, from, to minutes) bool {
	_, hit := p.frozen(i).Overlap(calendar.Span{From: timeOf(from, time.UTC), To: timeOf(to, time.UTC)})
	return hit
}

// frozen are the spans of a freeze within the plan, expanded once.
func (p *problem) frozen(i int) calendar.Spans {
	if p.freezes[i] == nil {
		p.freezes[i] = append(calendar.Spans{}, p.fleet.Policy.Freezes[i].Spans(p.span)...)
	}
	return p.freezes[i]
}
