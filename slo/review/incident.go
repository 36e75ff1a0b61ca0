package review

import (
	"cmp"
	"math"
	"slices"
	"time"

	"treadmill/slo"
)

// Incident is a span of time that cost budget.
type Incident struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
	Spent float64   `json:"budgetSpent"` // share of the period's budget
	Burn  float64   `json:"burn"`        // over the whole span
	Bad   float64   `json:"bad"`         // events
}

// maxBreak is how long an incident may be quiet and still be one.
const maxBreak = slo.Hour

// Incidents are the spans that spent at least a share of the budget, in the order of time. A span begins and ends with a
// step that burns faster than allowed, has no break longer than an hour, and of all spans in its surroundings it is the one
// with the most bad events beyond what the budget allows, so that noise before and after an outage is no part of it.
// The budget is that of a period with so many events.
func (h History) Incidents(o slo.Objective, periodEvents, least float64) []Incident {
	budget := o.Budget().Float()
	var out []Incident
	for _, run := range h.runs(budget) {
		out = h.best(out, run, budget, periodEvents, least)
	}
	slices.SortFunc(out, func(a, b Incident) int { return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End)) })
	return out
}

// run is the steps [from, to).
type run struct{ from, to int }

// runs are the stretches that burn faster than allowed, joined over short breaks.
func (h History) runs(budget float64) []run {
	pause := int(maxBreak / h.Grid.Step)
	var out []run
	for i := range h.Grid.N {
		if !(h.Bad[i] > budget*h.Total[i]) {
			continue
		}
		if n := len(out); n > 0 && i-out[n-1].to <= pause {
			out[n-1].to = i + 1
		} else {
			out = append(out, run{i, i + 1})
		}
	}
	return out
}

// best finds the span of a run with the largest excess (Kadane's algorithm), and then those before and after it.
func (h History) best(out []Incident, r run, budget, periodEvents, least float64) []Incident {
	best, top, sum, from := run{}, 0.0, 0.0, r.from
	for i := r.from; i < r.to; i++ {
		if x := h.Bad[i] - budget*h.Total[i]; !math.IsNaN(x) {
			sum += x
		}
		if sum <= 0 {
			sum, from = 0, i+1
		} else if sum > top {
			best, top = run{from, i + 1}, sum
		}
	}
	if top == 0 {
		return out
	}
	span := h.span(best.from, best.to)
	if spent := span.loss() / (budget * periodEvents); spent >= least {
		out = append(out, Incident{Start: h.Grid.At(best.from - 1), End: h.Grid.At(best.to - 1), Spent: spent, Burn: span.share() / budget, Bad: span.Bad})
	}
	out = h.best(out, run{r.from, best.from}, budget, periodEvents, least)
	return h.best(out, run{best.to, r.to}, budget, periodEvents, least)
}
