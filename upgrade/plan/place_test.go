package plan_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"treadmill/upgrade/plan"
	"treadmill/upgrade/plan/verify"
)

// A search that is ended at once still leaves a plan that keeps every rule, with a bound, and says that it was ended.
func TestAnInterruptedPlanIsSound(t *testing.T) {
	table := embedded(t)
	f := exampleFleet(t, table)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := plan.Options{Now: today}
	p := plan.Solve(ctx, f, table, o)
	for _, x := range verify.Check(f, table, p, o) {
		t.Error(x)
	}
	if !p.Interrupted || len(p.Campaigns) == 0 || p.Bound == 0 {
		t.Errorf("interrupted %v, %d campaigns, bound %v", p.Interrupted, len(p.Campaigns), p.Bound)
	}
}

// Openings that freezes cut short and soaks that end in the middle of a week cost days and no weeks: with room for everybody the dated
// plan costs what the plan of weeks does, and no hop is out of its week.
func TestPlacementLosesNothing(t *testing.T) {
	table := embedded(t)
	for _, soak := range []string{"14d", "10d", "3d"} {
		var b strings.Builder
		fmt.Fprintf(&b, `version: 1
policy:
  target: latest-1
  environments: [dev, staging, prod]
  soak: {staging: %s, prod: %s}
  capacity: {perTeamPerWeek: 12}
  freezes: [{name: yearly, from: 2026-12-17, duration: 26d, rrule: FREQ=YEARLY}]
  windows: [{days: [Tue, Wed, Thu], from: "09:00", to: "16:00", timezone: Europe/Berlin}]
  costs: {campaign: 1500, hop: 400, currency: USD}
clusters:
`, soak, soak)
		for i, provider := range []string{"eks", "gke", "aks"} {
			for _, env := range []string{"dev", "staging", "prod"} {
				fmt.Fprintf(&b, "  - {name: %s-%s, provider: %s, version: \"1.35\", group: g%d, environment: %s, team: t}\n", provider,
					env, provider, i, env)
			}
		}
		f := readFleet(t, table, "fleet.yaml", b.String())
		o := plan.Options{Now: today, Horizon: time.Date(2028, 4, 1, 0, 0, 0, 0, time.UTC)}
		p := plan.Solve(t.Context(), f, table, o)
		for _, x := range verify.Check(f, table, p, o) {
			t.Errorf("soak %s: %s", soak, x)
		}
		if p.Gap > 0 || p.Cost.Unsupported > 0 {
			t.Errorf("soak %s: cost %v, bound %v, %v of it for time out of support", soak, p.Cost.Total, p.Bound, p.Cost.Unsupported)
		}
	}
}
