// Package review says what became of an SLO: from counted events to attainment, budget, burn and incidents.
//
// The way through it: counted events on a grid → Join → one History for each group → Sum over any span → Numbers; Incidents
// finds the spans that cost budget. What is not known burns no budget, is never filled in, and is told as coverage. The
// package asks no server and knows no PromQL.
package review

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"treadmill/slo"
)

// History is the events of one group of an SLO: Total[i] and Bad[i] are those of the step that ends at Grid.At(i), NaN
// where nothing is known of it. Where one is NaN, both are.
type History struct {
	Labels     map[string]string
	Grid       slo.Grid
	Total, Bad []float64
	Oddities   Oddities
	Parts      []Weighted // of a composite: what its components count
	Sliced     bool       // the components' slices of time have become one series of slices, which Total and Bad count
}

// Oddities counts the steps whose numbers cannot be true, by what is wrong with them.
type Oddities struct {
	Excess   int // more bad or good events than events
	Negative int // fewer than no events; such a step counts as not known
	Infinite int // infinitely many; such a step counts as not known
	Orphan   int // bad or good events where there is no total
}

// Part says what the second count of Join counts.
type Part uint8

// The parts.
const (
	Bad Part = iota
	Good
)

// Join makes the histories of an SLO's groups, ordered by their labels. A group is a value of the labels by; a total without
// bad events has none, and one without good events has no good ones.
func Join(grid slo.Grid, by []string, total, part []slo.Series, what Part) []History {
	parts := map[string]slo.Series{}
	for _, s := range part {
		parts[key(s.Labels, by)] = s
	}
	seen := map[string]bool{}
	out := make([]History, 0, len(total))
	for _, t := range total {
		k := key(t.Labels, by)
		seen[k] = true
		out = append(out, join(grid, pick(t.Labels, by), t.Values, parts[k].Values, what))
	}
	for k, p := range parts {
		if !seen[k] {
			h := join(grid, pick(p.Labels, by), slo.NewSeries(nil, grid.N).Values, p.Values, what)
			out = append(out, h)
		}
	}
	slices.SortFunc(out, func(a, b History) int { return compareKeys(a, b, by) })
	return out
}

func compareKeys(a, b History, by []string) int {
	return cmp.Compare(key(a.Labels, by), key(b.Labels, by))
}

func join(grid slo.Grid, labels map[string]string, total, part []float64, what Part) History {
	h := History{Labels: labels, Grid: grid, Total: slices.Clone(total), Bad: make([]float64, len(total))}
	for i, t := range h.Total {
		n := 0.0
		if part != nil && !math.IsNaN(part[i]) {
			n = part[i]
		}
		switch {
		case math.IsNaN(t):
			if n > 0 {
				h.Oddities.Orphan++
			}
		case math.IsInf(t, 0), math.IsInf(n, 0):
			h.Oddities.Infinite++
			t = math.NaN()
		case t < 0 || n < 0:
			h.Oddities.Negative++
			t = math.NaN()
		case n > t*(1+tolerance):
			h.Oddities.Excess++
		}
		n = min(n, t)
		if what == Good {
			n = t - n
		}
		if math.IsNaN(t) {
			n = t
		}
		h.Total[i], h.Bad[i] = t, n
	}
	return h
}

// tolerance is by how much two counts of the same events may differ: they are scraped at one time, and extrapolated alike.
const tolerance = 0.01

// Slices makes one event of each step: bad when more of its events are bad than the target allows, or as bad as the share
// of bad events where the target is 0. A step without events is good.
func (h History) Slices(target slo.Number) History {
	allowed := slo.NewNumber(1, 1).Sub(target).Float()
	share := target.Cmp(slo.NewNumber(0, 1)) == 0
	for i, t := range h.Total {
		switch bad := h.Bad[i]; {
		case math.IsNaN(t):
			continue
		case t == 0:
			h.Bad[i] = 0
		case share:
			h.Bad[i] = bad / t
		case bad > allowed*t:
			h.Bad[i] = 1
		default:
			h.Bad[i] = 0
		}
		h.Total[i] = 1
	}
	return h
}

func key(labels map[string]string, by []string) string {
	var b strings.Builder
	for _, name := range by {
		b.WriteString(labels[name])
		b.WriteByte(0)
	}
	return b.String()
}

func pick(labels map[string]string, by []string) map[string]string {
	out := maps.Clone(labels)
	maps.DeleteFunc(out, func(name, _ string) bool { return !slices.Contains(by, name) })
	if out == nil {
		out = map[string]string{}
	}
	return out
}

// Name is the labels of the group as people write them, "" for an SLO without groups.
func (h History) Name() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(h.Labels)) {
		parts = append(parts, name+"="+h.Labels[name])
	}
	return strings.Join(parts, ", ")
}

// Without is the history with no events at all in the steps that a stretch of time touches, and how many events those were, bad ones
// among them.
func (h History) Without(at Stretch) (left History, total, bad float64) {
	h.Total, h.Bad = slices.Clone(h.Total), slices.Clone(h.Bad)
	for i, t := range h.Total {
		end := h.Grid.At(i)
		if math.IsNaN(t) || !end.After(at.From) || !end.Add(-time.Duration(h.Grid.Step)).Before(at.To) {
			continue
		}
		total, bad = total+t, bad+h.Bad[i]
		h.Total[i], h.Bad[i] = 0, 0
	}
	return h, total, bad
}
