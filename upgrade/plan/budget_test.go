package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan"
	"treadmill/upgrade/plan/solver"
	"treadmill/upgrade/plan/verify"
)

const guarded = `version: 1
policy: {target: latest-1, windows: [{days: [Tue, Wed, Thu], from: "09:00", to: "16:00", timezone: UTC}]}
clusters:
- {name: a, provider: upstream, version: "1.34", slos: [pay]}
- {name: b, provider: upstream, version: "1.34", slos: [pay, shop]}
- {name: c, provider: upstream, version: "1.34"}
`

var quick = solver.Effort{Rounds: 10, Moves: 1, Seed: 1}

// budget is a forecast that has the levels one after the other, so many days apart.
func budget(cluster, slo string, reserve, needed float64, days int, levels ...float64) plan.Budget {
	b := plan.Budget{Cluster: cluster, SLO: slo, Left: levels[0], Reserve: reserve, Needed: needed, Period: 30 * 24 * time.Hour}
	for i, l := range levels {
		b.Forecast = append(b.Forecast, plan.Level{At: today.AddDate(0, 0, i*days), Left: l})
	}
	return b
}

func plannedBy(t testing.TB, budgets ...plan.Budget) (plan.Plan, fleet.Fleet) {
	t.Helper()
	table := embedded(t)
	f := readFleet(t, table, "fleet.yaml", guarded)
	o := plan.Options{Now: today, Effort: quick, Budgets: budgets}
	p := plan.Solve(t.Context(), f, table, o)
	for _, x := range verify.Check(f, table, p, o) {
		t.Error(x)
	}
	return p, f
}

func firstOf(t testing.TB, p plan.Plan, cluster string) plan.Campaign {
	t.Helper()
	for _, c := range p.Campaigns {
		if c.Cluster == cluster {
			return c
		}
	}
	t.Fatalf("no campaign of %s", cluster)
	return plan.Campaign{}
}

func TestACampaignWaitsForItsBudget(t *testing.T) {
	without, _ := plannedBy(t)
	p, _ := plannedBy(t, budget("a", "pay", 0.1, 0.35, 11, 0.1, 0.9))
	was, is := firstOf(t, without, "a"), firstOf(t, p, "a")
	if !was.Start.Before(today.AddDate(0, 0, 11)) || is.Start.Before(today.AddDate(0, 0, 11)) || is.Start.After(today.AddDate(0, 0, 18)) {
		t.Errorf("from %s to %s", was.Start, is.Start)
	}
	if want := "too little of the budget of pay is left until 2026-12-04: 10.0%, and a hop needs 35.0%"; !strings.Contains(is.Reason, want) {
		t.Error(is.Reason)
	}
	if c := firstOf(t, p, "c"); !c.Start.Equal(firstOf(t, without, "c").Start) {
		t.Errorf("c has no guard, and starts %s", c.Start)
	}
	if len(p.Budgets) != 1 || !p.Budgets[0].Enough.Equal(today.AddDate(0, 0, 11)) ||
		!strings.Contains(fmt.Sprint(p.Findings), "there is enough on 2026-12-04") {
		t.Errorf("%+v %v", p.Budgets, p.Findings)
	}
	if p.Bound > p.Cost.Total || p.Bound < without.Bound {
		t.Errorf("bound %s of %s, without budgets %s", p.Bound, p.Cost.Total, without.Bound)
	}
}

func TestClustersDoNotSpendOneBudgetTwice(t *testing.T) {
	// One hop fits into a month: after it 60 % is left, and a hop needs 70 %.
	p, _ := plannedBy(t, budget("a", "pay", 0.4, 0.7, 1, 1), budget("b", "pay", 0.4, 0.7, 1, 1))
	var starts []time.Time
	reasons := ""
	for _, c := range p.Campaigns {
		if c.Cluster != "c" {
			reasons += c.Reason
			for _, s := range c.Steps {
				starts = append(starts, s.Start)
			}
		}
	}
	slices.SortFunc(starts, time.Time.Compare)
	for i := 1; i < len(starts); i++ {
		if apart := starts[i].Sub(starts[i-1]); apart < 30*24*time.Hour {
			t.Errorf("hops at %s and %s", starts[i-1], starts[i])
		}
	}
	if len(starts) < 4 || !strings.Contains(reasons, "hops of other clusters take the budget of pay until") {
		t.Errorf("%v\n%s", starts, reasons)
	}
	// The cluster that waits for the budget which the other takes would be in support with less of it.
	if len(p.Unplanned) == 0 {
		t.Error("no cluster is late")
	}
	for _, u := range p.Unplanned {
		if !slices.Contains(u.Relaxations, "let "+u.Cluster+" hop with less of the budgets of its SLOs") {
			t.Errorf("%+v", u)
		}
	}
}

// A freeze after the time when other hops held the budget is no reason to forget them, and a budget that nobody else spends is not theirs.
func TestTheReasonOfADateSurvivesAFreeze(t *testing.T) {
	const frozen = `version: 1
policy:
  target: "1.35"
  windows: [{days: [Tue, Wed, Thu], from: "09:00", to: "16:00", timezone: UTC}]
  freezes: [{name: winter, from: 2026-12-20, to: 2027-01-25}]
clusters:
- {name: a, provider: upstream, version: "1.34", slos: [pay]}
- {name: b, provider: upstream, version: "1.34", slos: [pay, shop]}
`
	table := embedded(t)
	f := readFleet(t, table, "fleet.yaml", frozen)
	o := plan.Options{Now: today, Effort: quick, Budgets: []plan.Budget{
		budget("a", "pay", 0.4, 0.7, 10, 0.1, 1), budget("b", "pay", 0.4, 0.7, 10, 0.1, 1), budget("b", "shop", 0.1, 0.2, 1, 1)}}
	p := plan.Solve(t.Context(), f, table, o)
	for _, x := range verify.Check(f, table, p, o) {
		t.Error(x)
	}
	last := firstOf(t, p, "a")
	if b := firstOf(t, p, "b"); b.Start.After(last.Start) {
		last = b
	}
	if last.Start.Before(time.Date(2027, 1, 25, 0, 0, 0, 0, time.UTC)) {
		t.Fatalf("the second hop is on %s", last.Start)
	}
	if !strings.Contains(last.Reason, "hops of other clusters take the budget of pay until 2027-01") ||
		strings.Contains(last.Reason, "of shop") {
		t.Error(last.Reason)
	}
	if strings.Contains(last.Reason, "too little of the budget of pay is left until") {
		t.Errorf("the forecast kept it until openings that were taken later: %s", last.Reason)
	}
}

func TestABudgetThatNeverSufficesIsExplained(t *testing.T) {
	p, _ := plannedBy(t, budget("a", "pay", 0.1, 0.35, 1, 0.2))
	if len(p.Unplanned) != 1 ||
		!strings.Contains(p.Unplanned[0].Reason, "a hop needs 35.0% of the budget of pay, and by the forecast there never is so much") ||
		fmt.Sprint(p.Unplanned[0].Relaxations) != "[let a hop with less of the budgets of its SLOs]" {
		t.Errorf("%+v", p.Unplanned)
	}
	if !p.Budgets[0].Enough.IsZero() || !strings.Contains(fmt.Sprint(p.Findings), "that does not change") {
		t.Errorf("%+v %v", p.Budgets, p.Findings)
	}
}

func TestVerifySeesAMissingBudget(t *testing.T) {
	table := embedded(t)
	p, f := plannedBy(t)
	for name, b := range map[string][]plan.Budget{
		"low":   {budget("a", "pay", 0.1, 0.35, 5, 0.3, 0.9)},
		"taken": {budget("a", "pay", 0.4, 0.5, 5, 0.6), budget("b", "pay", 0.4, 0.5, 5, 0.6)},
	} {
		found := fmt.Sprint(verify.Check(f, table, p, plan.Options{Now: today, Budgets: b}))
		if !strings.Contains(found, "of the budget of pay") {
			t.Errorf("%s: %s", name, found)
		}
	}
}

// Whatever the forecasts say, plans keep to them.
func TestPlansKeepToForecasts(t *testing.T) {
	table := embedded(t)
	f := readFleet(t, table, "fleet.yaml", guarded)
	rapid.Check(t, func(t *rapid.T) {
		share := rapid.Float64Range(-0.2, 1)
		var budgets []plan.Budget
		for _, cluster := range []string{"a", "b"} {
			reserve := rapid.Float64Range(0, 0.3).Draw(t, "reserve")
			levels := rapid.SliceOfN(share, 1, 40).Draw(t, "levels")
			budgets = append(budgets, budget(cluster, "pay", reserve, reserve+0.25, rapid.IntRange(1, 9).Draw(t, "days"), levels...))
		}
		o := plan.Options{Now: today, Horizon: today.AddDate(0, 7, 0), Effort: quick, Budgets: budgets}
		p := plan.Solve(t.Context(), f, table, o)
		if findings := verify.Check(f, table, p, o); len(findings) > 0 {
			t.Fatal(findings)
		}
	})
}
