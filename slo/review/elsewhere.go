package review

import (
	"time"

	"treadmill/slo"
)

// Elsewhere is the parts of a stretch of time in which a group burns beyond its ordinary days, and groups for which nothing was changed do
// so too: at least half of those that have events, half as fast or faster. What was lost then is not of the change.
func (h History) Elsewhere(o slo.Objective, at Stretch, peers []History) []Stretch {
	own := newWatch(h, o, slo.Day, at.From, at.To)
	others := make([]*watch, len(peers))
	for i, p := range peers {
		others[i] = newWatch(p, o, slo.Day, at.From, at.To)
	}
	var out []Stretch
	step := time.Duration(h.Grid.Step)
	for i := range h.Grid.N {
		end := h.Grid.At(i)
		begin := end.Add(-step)
		if !end.After(at.From) || !begin.Before(at.To) || !own.foreignStep(begin, end, others) {
			continue
		}
		if n := len(out); n > 0 && out[n-1].To.Equal(begin) {
			out[n-1].To = end
			continue
		}
		out = append(out, Stretch{begin, end})
	}
	return out
}

// foreignStep reports whether others burn in a step in which the group does.
func (w *watch) foreignStep(begin, end time.Time, others []*watch) bool {
	own := w.excess(w.sums.Between(begin, end))
	if own == 0 {
		return false
	}
	seen, burning := 0, 0
	for _, other := range others {
		if span := other.sums.Between(begin, end); span.Total > 0 {
			seen++
			if other.excess(span) >= own/2 {
				burning++
			}
		}
	}
	return burning > 0 && 2*burning >= seen
}
