package review

import (
	"math"
	"slices"

	"treadmill/slo"
)

// Weighted is a component of a composite.
type Weighted struct {
	Name   string
	Weight float64 // in the share of bad events of the whole; those of all components add up to 1
	History
}

// Compose makes the histories of a composite's groups out of those of its components, groups[i] being those of component i.
// A component that a group lacks adds nothing to it, as in the rules.
func Compose(s slo.SLO, by []string, groups [][]History) []History {
	parts := map[string][]Weighted{}
	budget := s.Objective.Budget()
	for i, c := range s.Components {
		for _, h := range groups[i] {
			k := key(h.Labels, by)
			parts[k] = append(parts[k], Weighted{c.Name, c.Factor().Mul(budget).Float(), h})
		}
	}
	var out []History
	for _, ps := range parts {
		h := History{Labels: ps[0].Labels, Grid: ps[0].Grid, Parts: ps}
		if slice := s.Components[0].Indicator.Slice; slice.Window > 0 {
			h.overlay(s, slice.Target.Cmp(slo.NewNumber(0, 1)) > 0)
		} else {
			h.mix()
		}
		out = append(out, h)
	}
	slices.SortFunc(out, func(a, b History) int { return compareKeys(a, b, by) })
	return out
}

// mix sets the events of the whole: all that its components count, of which the weighted share is bad. So each step burns
// as OpenSLO adds up components for the method Occurrences: burn = Σ weight × share ÷ budget.
func (h *History) mix() {
	h.Total, h.Bad = slo.NewSeries(nil, h.Grid.N).Values, slo.NewSeries(nil, h.Grid.N).Values
	for i := range h.Total {
		if s := h.span(i, i+1); s.Known > 0 {
			h.Total[i], h.Bad[i] = s.Total, s.loss()
		}
	}
}

// overlay sets the slices of the whole: one is bad when it is bad for any component, or as bad as the components'
// shares by weight, to a whole slice at the most.
func (h *History) overlay(s slo.SLO, whole bool) {
	h.Sliced = true
	h.Total, h.Bad = slo.NewSeries(nil, h.Grid.N).Values, slo.NewSeries(nil, h.Grid.N).Values
	for _, p := range h.Parts {
		weight := 1.0
		if j := slices.IndexFunc(s.Components, func(c slo.Component) bool { return c.Name == p.Name }); !whole {
			weight = s.Components[j].Weight.Float()
		}
		for i, bad := range p.Bad {
			switch {
			case math.IsNaN(bad):
			case math.IsNaN(h.Bad[i]):
				h.Total[i], h.Bad[i] = 1, min(1, weight*bad)
			default:
				h.Bad[i] = min(1, h.Bad[i]+weight*bad)
			}
		}
	}
}

// span adds up the steps [from, to).
func (h History) span(from, to int) Span {
	s := Span{Steps: to - from}
	if len(h.Parts) == 0 || h.Sliced {
		for i := from; i < to; i++ {
			if !math.IsNaN(h.Total[i]) {
				s.Bad, s.Total, s.Known = s.Bad+h.Bad[i], s.Total+h.Total[i], s.Known+1
			}
		}
		return s
	}
	for _, p := range h.Parts {
		s = s.with(p.Name, p.Weight, p.span(from, to))
	}
	return s
}

// weightedSpan is what a component has in a span.
type weightedSpan struct {
	name   string
	weight float64
	Span
}

// with is the span of a composite with one component more. Something is known of it where it is of one component.
func (s Span) with(name string, weight float64, p Span) Span {
	s.Bad, s.Total, s.Known = s.Bad+p.Bad, s.Total+p.Total, max(s.Known, p.Known)
	s.parts = append(s.parts, weightedSpan{name, weight, p})
	return s
}
