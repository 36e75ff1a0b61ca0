package verify

import (
	"time"

	"treadmill/upgrade/plan"
)

// draw is one step that draws on a budget.
type draw struct {
	at      time.Time
	cluster string
	budget  plan.Budget
}

// left is what of the budget is left when the step starts, with all that draw on it.
func (d draw) left(all []draw) float64 {
	left := d.budget.Left
	for _, l := range d.budget.Forecast {
		if !l.At.After(d.at) {
			left = l.Left
		}
	}
	for _, e := range all {
		earlier := e.at.Before(d.at) || e.at.Equal(d.at) && e.cluster < d.cluster
		if earlier && d.at.Sub(e.at) < d.budget.Period {
			left -= e.budget.Reserve
		}
	}
	return left
}

// budgets checks that enough of every error budget is left whenever a step starts: by the forecast, less the reserves of the steps
// that draw on the same budget in the period before. Of steps that start at one time the one of the cluster whose name comes first counts
// as the earlier.
func (v *verifier) budgets(all []plan.Budget) {
	draws := map[string][]draw{}
	for _, c := range v.plan.Campaigns {
		t := v.clusters[c.Cluster]
		for _, b := range all {
			if t == nil || b.Cluster != c.Cluster || !t.cluster.GuardedBy(b.SLO) {
				continue
			}
			for _, s := range c.Steps {
				draws[b.SLO] = append(draws[b.SLO], draw{s.Start, c.Cluster, b})
			}
		}
	}
	for slo, list := range draws {
		for _, d := range list {
			if left := d.left(list); left < d.budget.Needed-1e-6 {
				v.broken(8, d.cluster, "the step on %s starts with %.1f%% of the budget of %s; %.1f%% is needed",
					d.at.Format(time.RFC3339), left*100, slo, d.budget.Needed*100)
			}
		}
	}
}
