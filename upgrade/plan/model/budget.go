package model

import (
	"fmt"
	"slices"
	"time"

	"treadmill/upgrade/calendar"
	"treadmill/upgrade/fleet"
)

// Budget is the forecast of one error budget for one cluster that it guards. Shares are of the budget of a whole period.
type Budget struct {
	Cluster string    `json:"cluster"`
	SLO     string    `json:"slo"`             // with the groups of it that are of the cluster: "checkout (cluster=us)"
	Left    float64   `json:"budgetLeft"`      // now
	Burn    float64   `json:"burn"`            // of an ordinary day, as a multiple of what is allowed
	Reserve float64   `json:"reserve"`         // what a hop spends
	Basis   string    `json:"basis"`           // where the reserve comes from
	Needed  float64   `json:"needed"`          // what must be left when a hop starts: its reserve, and what must be left after it
	Enough  time.Time `json:"enough,omitzero"` // when that much is left; zero where it never is

	Period   time.Duration `json:"-"` // how long after it was spent a reserve counts
	Forecast []Level       `json:"-"` // in the order of time; a level stays until the next one, and the last for good
}

// Level is the share of a budget that is left from a time on. It is +Inf while hops are allowed whatever is left, and -Inf while they are
// not.
type Level struct {
	At   time.Time
	Left float64
}

// Tolerance is how far shares may differ by rounding alone.
const Tolerance = 1e-9

// At is the share that is forecast to be left at a time.
func (b Budget) At(t time.Time) float64 {
	i, exact := slices.BinarySearchFunc(b.Forecast, t, func(l Level, t time.Time) int { return l.At.Compare(t) })
	if !exact {
		i--
	}
	if i < 0 {
		return b.Left
	}
	return b.Forecast[i].Left
}

// Low are the times up to an end at which less is left than a hop needs.
func (b Budget) Low(end time.Time) calendar.Spans {
	var out []calendar.Span
	for i, l := range b.Forecast {
		to := end
		if i+1 < len(b.Forecast) {
			to = b.Forecast[i+1].At
		}
		if l.Left < b.Needed-Tolerance {
			out = append(out, calendar.Span{From: l.At, To: to})
		}
	}
	return calendar.Union(out)
}

// Guards are the budgets of the SLOs that a cluster names.
func (p *Problem) Guards(u *Unit) []Budget {
	var out []Budget
	for _, b := range p.Budgets {
		if b.Cluster == u.Cluster.Name.V && u.Cluster.GuardedBy(b.SLO) {
			out = append(out, b)
		}
	}
	return out
}

// Shortages are the times at which a cluster lacks budget: by the forecast alone, and as other hops spend their reserves. One that nothing
// guards lacks none.
func (p *Problem) Shortages(c fleet.Cluster) calendar.Spans {
	if len(c.SLOs) == 0 {
		return nil
	}
	out := slices.Clone(p.Taken[c.Name.V])
	for _, b := range p.Budgets {
		if b.Cluster == c.Name.V && c.GuardedBy(b.SLO) {
			out = append(out, b.Low(p.Span.To)...)
		}
	}
	return calendar.Union(out)
}

// Percent writes a share of a budget.
func Percent(share float64) string { return fmt.Sprintf("%.1f%%", share*100) }
