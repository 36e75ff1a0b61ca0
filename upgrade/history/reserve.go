package history

import (
	"fmt"
	"math"
	"slices"
	"time"

	"treadmill/upgrade"
)

// Reserve is what a hop is taken to spend of an SLO's budget, and what says so.
type Reserve struct {
	Share   upgrade.Share `json:"share"`
	Records int           `json:"records"` // how many past campaigns it is measured from; 0 when it is only stated
	Basis   string        `json:"basis"`
}

// newest is how many past campaigns count: services change.
const newest = 20

// Reserve is what one hop in an environment needs of an SLO's budget, so that nine hops of ten spend no more. What the policy states is
// the prior and records update it: what hops spend is taken to be exponentially distributed, with a rate that has a gamma prior, so that
// what the next hop spends is Lomax distributed (the conjugate model of Gelman et al., Bayesian Data Analysis, 3rd edition, section 2.6):
//
//	reserve = (b + spent) × (0.1^(−1 ÷ (a + n)) − 1)
//
// for n recorded hops that spent what is said together, a = weight, and b such that without records the reserve is the one that the policy
// states. Quiet hops lower it and never make it zero. Those that had not settled when they were booked are left out. A campaign of several
// hops counts as that many, with all of its spending.
func (f File) Reserve(slo, environment string, stated upgrade.Share, now Budget) Reserve {
	records, n, spent := 0, 0, 0.0
	for _, c := range slices.Backward(f.byStart()) {
		if s, ok := c.share(slo, now); ok && c.Settles.V.IsZero() && c.Environment == environment && records < newest {
			records, n, spent = records+1, n+c.Hops(), spent+s
		}
	}
	if n == 0 {
		return Reserve{Share: stated, Basis: "stated in the policy; no past hop is recorded"}
	}
	hops := "past hops"
	if n == 1 {
		hops = "past hop"
	}
	if environment != "" {
		hops += " in " + environment
	}
	prior := max(float64(stated), least) / quantile(weight)
	return Reserve{Share: upgrade.Share((prior + spent) * quantile(weight+float64(n))), Records: records,
		Basis: fmt.Sprintf(
			"9 of 10 hops spend no more, by the policy's %s and %d %s that spent %s on average",
			stated,
			n,
			hops,
			upgrade.Share(spent/float64(n)),
		)}
}

const (
	weight = 2.0   // of the policy's word, as a number of hops
	exceed = 0.1   // the share of hops that may spend more than is reserved
	least  = 0.001 // of a budget: the lowest prior, as quiet hops alone do not promise that a hop costs nothing
)

// quantile is what only one hop of ten exceeds, by how many hops speak for it, as a multiple of what they spent together.
func quantile(hops float64) float64 { return math.Pow(exceed, -1/hops) - 1 }

// Budget is that of an SLO as it is now. Past spending is rescaled to it.
type Budget struct {
	Objective float64       // the share of good events that is promised
	Period    time.Duration // over which
}

// share is what a campaign spent of an SLO's budget, as a share of the budget that the SLO has now: the same bad events are a smaller
// share of a larger budget. A record that does not say of which budget it is counts as it is.
func (c Campaign) share(slo string, now Budget) (share float64, ok bool) {
	spent, ok := c.Spent[slo]
	then, measured := c.Measured[slo]
	if !ok || !measured || now.Objective >= 1 || now.Period <= 0 {
		return float64(spent), ok
	}
	return float64(spent) * (1 - float64(then.Objective)) * float64(then.Period) / ((1 - now.Objective) * float64(now.Period)), true
}
