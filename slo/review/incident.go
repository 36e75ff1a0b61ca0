package review

import (
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

// LeastIncident is the share of the budget that a span spends at least to be an incident, unless another one is asked for.
const LeastIncident = 0.02

// Incidents are the spans that spent at least a share of the budget beyond what their surroundings spend, in the order of time. A span
// begins and ends with a step that burns faster than the bound, has no break longer than an hour, and of all spans around it it is the one
// with the most bad events beyond the bound, so that noise before and after an outage is no part of it. The bound is what the budget
// allows, and more where the service always burns (see usual). The budget is that of a period with so many events.
func (h History) Incidents(o slo.Objective, periodEvents, least float64) []Incident {
	budget, usual := o.Budget().Float(), h.usual()
	bound := max(budget, min(1.5*usual, (1+usual)/2))
	excess := make([]float64, h.Grid.N)
	for i := range excess {
		excess[i] = h.Bad[i] - bound*h.Total[i]
	}
	var out []Incident
	for _, r := range runs(excess, int(maxBreak/h.Grid.Step)) {
		for _, m := range maximal(excess[r.from:r.to]) {
			from, to := r.from+m.from, r.from+m.to
			span := h.span(from, to)
			if (span.loss()-usual*span.Total)/(budget*periodEvents) < least {
				continue
			}
			out = append(out, Incident{
				Start: h.Grid.At(from - 1),
				End:   h.Grid.At(to - 1),
				Spent: span.loss() / (budget * periodEvents),
				Burn:  span.share() / budget,
				Bad:   span.Bad,
			})
		}
	}
	return out
}

// usual is the share of bad events of the service when it is as well as it ever is for hours: the lower quartile of stretches of up to six
// hours, at least eight of them. Whatever happens in less than three quarters of the time does not move it. A history of
// less than eight hours has no surroundings, and its usual share is 0.
func (h History) usual() float64 {
	length := int(min(6*slo.Hour, h.Grid.Step*slo.Window(h.Grid.N)/8) / h.Grid.Step)
	if length == 0 || slo.Window(length)*h.Grid.Step < slo.Hour {
		return 0
	}
	sums := h.Sums()
	var shares []float64
	for from := 0; from+length <= h.Grid.N; from += length {
		if span := sums.Steps(from, from+length); span.Total > 0 {
			shares = append(shares, span.share())
		}
	}
	if len(shares) == 0 {
		return 0
	}
	slices.Sort(shares)
	return shares[(len(shares)-1)/4]
}

// run is the steps [from, to).
type run struct{ from, to int }

// runs are the stretches that begin and end with a positive excess and have no longer break than the pause.
func runs(excess []float64, pause int) []run {
	var out []run
	for i, x := range excess {
		if !(x > 0) {
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

// maximal are all spans of maximal sum, in their order and in linear time: none can be made larger by making it longer or shorter, and
// none lies in another (W. L. Ruzzo and M. Tompa, A Linear Time Algorithm for Finding All Maximal Scoring Subsequences, ISMB 1999). NaN
// counts as 0.
func maximal(values []float64) []run {
	type candidate struct {
		run
		before, after float64 // the sum of all values up to its beginning, and up to its end
		lower         int     // the nearest candidate to the left with a lower sum before it, -1 without one
	}
	var list []candidate
	sum := 0.0
	for i, v := range values {
		if math.IsNaN(v) {
			continue
		}
		sum += v
		if !(v > 0) {
			continue
		}
		c := candidate{run: run{i, i + 1}, before: sum - v, after: sum}
		for c.lower = len(list) - 1; ; {
			for c.lower >= 0 && list[c.lower].before >= c.before {
				c.lower = list[c.lower].lower
			}
			if c.lower < 0 || list[c.lower].after >= c.after {
				break
			}
			left := list[c.lower]
			list = list[:c.lower]
			c.from, c.before, c.lower = left.from, left.before, left.lower
		}
		list = append(list, c)
	}
	out := make([]run, len(list))
	for i, c := range list {
		out[i] = c.run
	}
	return out
}
