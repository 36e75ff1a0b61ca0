package plan_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan"
	"treadmill/upgrade/plan/baseline"
	"treadmill/upgrade/plan/solver"
)

// One upstream cluster at 1.35 is due in February, June and October of 2027 and February of 2028: four hops, nothing late. On EKS, extended
// support of 1.33 ends so late that two hops are enough, and costs 0.50 an hour; leaving before it takes more campaigns and is dearer.
func TestJustInTime(t *testing.T) {
	table := embedded(t)
	for _, c := range []struct {
		name, policy, cluster string
		want                  baseline.Summary
	}{
		{"in support", "{margin: 14d}", `{name: a, provider: upstream, version: "1.35"}`,
			baseline.Summary{Campaigns: 4, Hops: 4, Cost: plan.Cost{Total: 7600 * fleet.Unit, Campaigns: 6000 * fleet.Unit,
				Hops: 1600 * fleet.Unit}}},
		{"frozen for good", `{margin: 14d, freezes: [{name: all, from: 2026-11-01, to: 2028-06-01}]}`, `{name: a, provider: upstream, version: "1.36"}`,
			baseline.Summary{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := readFleet(t, table, "f.yaml", "version: 1\npolicy: "+c.policy+"\nclusters:\n  - "+c.cluster)
			got := plan.Solve(t.Context(), f, table, plan.Options{Now: today}).JustInTime
			if c.want.Campaigns == 0 { // only the price of being out of support is left
				c.want.Cost = plan.Cost{Total: got.Cost.Unsupported, Unsupported: got.Cost.Unsupported}
			}
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
	f := readFleet(t, table, "f.yaml",
		"version: 1\npolicy: {extendedSupport: {allowed: true}}\nclusters:\n  - {name: a, provider: eks, version: \"1.34\"}")
	if got := plan.Solve(t.Context(), f, table, plan.Options{Now: today}).JustInTime; !got.Extended && got.Cost.ExtendedSupport > 0 ||
		got.Cost.Unsupported > 0 ||
		got.Hops != got.Campaigns {
		t.Errorf("on EKS: %+v", got)
	}
}

// The baseline keeps the rules, so that it never costs less than the bound; soaks are whole weeks here, as the bound takes them.
func TestJustInTimeNeverBeatsTheBound(t *testing.T) {
	table := embedded(t)
	rapid.Check(t, func(t *rapid.T) {
		policy, clusters := randomFleet(t)
		policy = strings.NewReplacer("soak: {staging: 3d", "soak: {staging: 7d", "soak: {staging: 12h", "soak: {staging: 7d",
			"prod: 30d", "prod: 28d").
			Replace(policy)
		f := readFleet(t, table, "random.yaml", policy+strings.Join(clusters, ""))
		p := plan.Solve(t.Context(), f, table, plan.Options{Now: today, Effort: solver.Effort{Rounds: 20, Moves: 1, Seed: 1}})
		if p.JustInTime.Cost.Total < p.Bound || p.Proven && p.JustInTime.Cost.Total < p.Cost.Total {
			t.Fatalf("just in time %+v, bound %v, cost %v, proven: %v", p.JustInTime, p.Bound, p.Cost.Total, p.Proven)
		}
	})
}
