package verify

import (
	"math/big"
	"time"

	"treadmill/upgrade"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan"
)

// money adds the bill up anew, in exact fractions, and compares. Each month and kind may be rounded up to the next cent.
func (v *verifier) money() {
	costs := v.fleet.Policy.Costs
	var campaigns, hops fleet.Money
	for _, c := range v.plan.Campaigns {
		campaigns += costs.Campaign.V
		hops += fleet.Money(len(c.Hops)) * costs.Hop.V
	}
	c := v.plan.Cost
	v.equal("campaigns", c.Campaigns, campaigns)
	v.equal("hops", c.Hops, hops)
	v.equal("the total", c.Total, c.Campaigns+c.Hops+c.ExtendedSupport+c.Unsupported)
	fee, risk := new(big.Rat), new(big.Rat)
	for _, t := range v.clusters {
		v.stays(t, fee, risk)
	}
	for _, n := range v.givenTo {
		each := costs.Campaign.V + costs.Hop.V + costs.UnsupportedDay.V
		risk.Add(risk, new(big.Rat).SetFrac64(int64(n)*int64(each), int64(fleet.Unit)))
	}
	v.near("extended support", c.ExtendedSupport, fee)
	v.near("time out of support", c.Unsupported, risk)
	var bill plan.Cost
	for _, m := range v.plan.Bill {
		bill.Campaigns += m.Campaigns
		bill.Hops += m.Hops
		bill.ExtendedSupport += m.ExtendedSupport
		bill.Unsupported += m.Unsupported
	}
	v.equal("the campaigns of the months", bill.Campaigns, c.Campaigns)
	v.equal("the hops of the months", bill.Hops, c.Hops)
	v.equal("the extended support of the months", bill.ExtendedSupport, c.ExtendedSupport)
	v.equal("the time out of support of the months", bill.Unsupported, c.Unsupported)
	if v.plan.Proven != (v.plan.Bound == c.Total) || v.plan.Proven && v.plan.Relaxed {
		v.fail("", "the bound %s is said to be proven (%v) or relaxed (%v), and the cost is %s", v.plan.Bound, v.plan.Proven,
			v.plan.Relaxed, c.Total)
	}
	if v.plan.Bound > c.Total || v.plan.Bound < 0 {
		v.fail("", "the bound %s is not between nothing and the cost %s", v.plan.Bound, c.Total)
	}
	if want := gapOf(c.Total, v.plan.Bound); v.plan.Gap < want-1e-4 || v.plan.Gap > want+1e-4 {
		v.fail("", "the gap is %v, not %v", want, v.plan.Gap)
	}
}

func gapOf(cost, bound fleet.Money) float64 {
	if cost == 0 {
		return 0
	}
	return float64(cost-bound) / float64(cost)
}

func (v *verifier) equal(what string, got, want fleet.Money) {
	if got != want {
		v.fail("", "%s cost %s, not %s", what, want, got)
	}
}

// near allows for rounding: a millionth for each version of each cluster and month.
func (v *verifier) near(what string, got fleet.Money, want *big.Rat) {
	off := new(big.Rat).Sub(new(big.Rat).SetFrac64(int64(got), int64(fleet.Unit)), want)
	if off.Abs(off).Cmp(big.NewRat(int64(len(v.plan.Bill))*int64(len(v.clusters))*8, int64(fleet.Unit))) > 0 {
		v.fail("", "%s costs %s, not %s", what, want.FloatString(6), got)
	}
}

// stays adds up what a cluster pays at each version until the horizon.
func (v *verifier) stays(t *track, fee, risk *big.Rat) {
	from := v.plan.Now
	for m := t.cluster.Version.V; ; m = m.Add(1) {
		to, left := t.left[m]
		if !left {
			to = v.plan.Horizon
		}
		v.pays(t.cluster, m, from, to, fee, risk)
		if !left {
			return
		}
		from = to
	}
}

func (v *verifier) pays(c fleet.Cluster, m upgrade.Minor, from, to time.Time, fee, risk *big.Rat) {
	policy := v.fleet.Policy
	standard, given, last := v.ends(c, m)
	if v.extended(c) {
		price := new(big.Rat)
		if set := policy.ExtendedSupport.PerClusterHour; set.Set() {
			price.SetFrac64(int64(set.V), int64(fleet.Unit))
		} else if p, _ := v.table.Provider(c.Provider.V); p.Extended != nil {
			price.Set(p.Extended.PerHour)
		}
		fee.Add(fee, price.Mul(price, shared(from, to, standard, given, time.Hour)))
	}
	day := new(big.Rat).SetFrac64(int64(policy.Costs.UnsupportedDay.V), int64(fleet.Unit))
	due := last.Add(-time.Duration(policy.Margin.V))
	risk.Add(risk, day.Mul(day, shared(from, to, due, to, 24*time.Hour)))
}

// shared is how many units of time two spans have in common.
func shared(a, b, c, d time.Time, unit time.Duration) *big.Rat {
	if c.After(a) {
		a = c
	}
	if d.Before(b) {
		b = d
	}
	if !a.Before(b) {
		return new(big.Rat)
	}
	return new(big.Rat).SetFrac64(int64(b.Sub(a)/time.Second), int64(unit/time.Second))
}

// unplanned checks that what the plan gives up is out of support for some time, and that what ends out of support is said.
func (v *verifier) unplanned() {
	said := map[string]bool{}
	for _, u := range v.plan.Unplanned {
		said[u.Cluster] = true
		if t := v.clusters[u.Cluster]; t == nil {
			v.fail("", "%q is not planned, but no cluster of the fleet either", u.Cluster)
		} else if !v.everOut(t) {
			v.fail(u.Cluster, "is listed as not planned and yet always in support")
		}
	}
	for name, t := range v.clusters {
		_, _, last := v.ends(t.cluster, t.at)
		if v.plan.Horizon.Sub(last) > 15*24*time.Hour && !said[name] {
			v.fail(name, "is out of support at the horizon, and the plan does not say so")
		}
	}
}

func (v *verifier) everOut(t *track) bool {
	for m := t.cluster.Version.V; ; m = m.Add(1) {
		_, _, last := v.ends(t.cluster, m)
		to, left := t.left[m]
		if !left {
			return last.Before(v.plan.Horizon)
		}
		if last.Before(to) {
			return true
		}
	}
}
