package review

import (
	"math"
	"time"

	"treadmill/slo"
)

// Sums are prefix sums of a history: any span is then the difference of two.
type Sums struct {
	grid       slo.Grid
	bad, total []float64
	known      []int
	parts      []weightedSums // of a composite
}

type weightedSums struct {
	name   string
	weight float64
	Sums
}

// Sums adds up a history.
func (h History) Sums() Sums {
	s := Sums{grid: h.Grid, bad: make([]float64, h.Grid.N+1), total: make([]float64, h.Grid.N+1), known: make([]int, h.Grid.N+1)}
	for i := range h.Grid.N {
		s.bad[i+1], s.total[i+1], s.known[i+1] = s.bad[i], s.total[i], s.known[i]
		if t := h.Total[i]; !math.IsNaN(t) {
			s.bad[i+1] += h.Bad[i]
			s.total[i+1] += t
			s.known[i+1]++
		}
	}
	for _, p := range h.Parts {
		if !h.Sliced {
			s.parts = append(s.parts, weightedSums{p.Name, p.Weight, p.Sums()})
		}
	}
	return s
}

// Span is the events of a stretch of time. Those of a composite are the events of all its components.
type Span struct {
	Bad, Total   float64
	Known, Steps int // how many steps are known, of how many
	parts        []weightedSpan
}

// Steps is the events of the steps [from, to); what lies outside of the history is not known.
func (s Sums) Steps(from, to int) Span {
	if to <= from {
		return Span{}
	}
	steps := to - from
	from, to = max(from, 0), min(to, s.grid.N)
	if to <= from {
		return Span{Steps: steps}
	}
	if len(s.parts) == 0 {
		return Span{Bad: s.bad[to] - s.bad[from], Total: s.total[to] - s.total[from], Known: s.known[to] - s.known[from], Steps: steps}
	}
	out := Span{Steps: steps}
	for _, p := range s.parts {
		part := p.Steps(from, to)
		part.Steps = steps
		out = out.with(p.name, p.weight, part)
	}
	out.Known = s.known[to] - s.known[from]
	return out
}

// Between is the events after from and up to to.
func (s Sums) Between(from, to time.Time) Span {
	return s.Steps(s.place(from), s.place(to))
}

// place is how many steps end at or before a time.
func (s Sums) place(at time.Time) int {
	d := at.Sub(s.grid.From)
	if d < 0 {
		return int((d + 1) / time.Duration(s.grid.Step))
	}
	return int(d/time.Duration(s.grid.Step)) + 1
}

// share is the share of bad events, 0 where there were no events: bad ÷ total, of a composite the weighted mean of its components'.
func (s Span) share() float64 {
	if len(s.parts) > 0 {
		sum := 0.0
		for _, p := range s.parts {
			sum += p.weight * p.share()
		}
		return sum
	}
	if s.Total == 0 {
		return 0
	}
	return s.Bad / s.Total
}

// loss is how many bad events the budget was charged with: of a composite, the weighted share of all events.
func (s Span) loss() float64 {
	if len(s.parts) > 0 {
		return s.share() * s.Total
	}
	return s.Bad
}

// Attainment is the share of good events: 1 − bad ÷ total; 1 where there were no events, since no promise was broken. That of
// a composite is the mean of its components' by weight.
func (s Span) Attainment() float64 { return 1 - s.share() }

// Burn is how many times faster than the budget allows it was spent: (bad ÷ total) ÷ budget, of a composite Σ weight × share ÷
// budget over its components. It is 0 without events.
func (s Span) Burn(o slo.Objective) float64 { return s.share() / o.Budget().Float() }

// sure is the burn of what has enough bad events to tell it from chance.
func (s Span) sure(o slo.Objective) float64 {
	sum := 0.0
	for _, p := range s.parts {
		if p.Bad > fewBad {
			sum += p.weight * p.share()
		}
	}
	if len(s.parts) == 0 && s.Bad > fewBad {
		sum = s.share()
	}
	return sum / o.Budget().Float()
}

// Coverage is the share of the span of which anything is known; of a composite, that of the component of which least is.
func (s Span) Coverage() float64 {
	if s.Steps == 0 {
		return 0
	}
	known := s.Known
	for _, p := range s.parts {
		known = min(known, p.Known)
	}
	return float64(known) / float64(s.Steps)
}

// Add is both spans together, as groups of one SLO.
func (s Span) Add(t Span) Span {
	return Span{Bad: s.Bad + t.Bad, Total: s.Total + t.Total, Known: s.Known + t.Known, Steps: s.Steps + t.Steps}
}
