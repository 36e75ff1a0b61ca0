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
	return s
}

// Span is the events of a stretch of time.
type Span struct {
	Bad, Total   float64
	Known, Steps int // how many steps are known, of how many
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
	return Span{Bad: s.bad[to] - s.bad[from], Total: s.total[to] - s.total[from], Known: s.known[to] - s.known[from], Steps: steps}
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

// Attainment is the share of good events: 1 − bad ÷ total; 1 where there were no events, since no promise was broken.
func (s Span) Attainment() float64 {
	if s.Total == 0 {
		return 1
	}
	return 1 - s.Bad/s.Total
}

// Burn is how many times faster than the budget allows it was spent: (bad ÷ total) ÷ budget. It is 0 without events.
func (s Span) Burn(o slo.Objective) float64 {
	if s.Total == 0 {
		return 0
	}
	return s.Bad / s.Total / o.Budget().Float()
}

// Coverage is the share of the span of which anything is known.
func (s Span) Coverage() float64 {
	if s.Steps == 0 {
		return 0
	}
	return float64(s.Known) / float64(s.Steps)
}

// Add is both spans together, as groups of one SLO.
func (s Span) Add(t Span) Span {
	return Span{Bad: s.Bad + t.Bad, Total: s.Total + t.Total, Known: s.Known + t.Known, Steps: s.Steps + t.Steps}
}
