package plan_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"treadmill/upgrade/plan"
	"treadmill/upgrade/plan/solver"
	"treadmill/upgrade/plan/verify"
)

// A maintenance window that opens earlier is never dearer: whatever ends inside its openings (freezes, shortages of budget, the day from
// which a version may be had, soaks, now itself), work begins then.
func TestAWiderWindowIsNeverDearer(t *testing.T) {
	table := embedded(t)
	proven := 0
	rapid.Check(t, func(t *rapid.T) {
		pick := func(label string, from ...string) string { return rapid.SampledFrom(from).Draw(t, label) }
		from, hours := rapid.IntRange(1, 23).Draw(t, "from"), rapid.IntRange(1, 8).Draw(t, "hours")
		earlier := rapid.IntRange(1, min(from, 8)).Draw(t, "earlier")
		freezes := ""
		for i := range rapid.IntRange(0, 3).Draw(t, "freezes") {
			begin := today.Add(time.Duration(rapid.IntRange(-100, 5000).Draw(t, "begin")) * time.Hour)
			freezes += fmt.Sprintf("{name: f%d, from: %s, to: %s}, ", i, begin.Format(time.RFC3339),
				begin.Add(time.Duration(rapid.IntRange(1, 900).Draw(t, "length"))*time.Hour).Format(time.RFC3339))
		}
		opens := func(hour int) string { return fmt.Sprintf("from: \"%02d:00\", to: \"%02d:00\"", hour, (from+hours)%24) }
		narrow := fmt.Sprintf(
			`version: 1
policy:
  target: %s
  margin: %s
  environments: [dev, prod]
  soak: {prod: %s}
  windows: [{days: [%s], %s, timezone: %s}]
  freezes: [%s]
clusters:
- {name: a, provider: %s, version: "1.34", environment: dev, group: g, slos: [pay]}
- {name: b, provider: %s, version: "1.35", environment: %s, group: g}
`,
			pick("target", "latest", "latest-1"),
			pick("margin", "0", "30d"),
			pick("soak", "0", "3d"),
			pick("days", "Tue, Thu", "Sun", "Mon, Tue, Wed, Thu, Fri"),
			opens(from),
			pick("zone", "UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo"),
			freezes,
			pick("a", "eks", "upstream", "gke"),
			pick("b", "eks", "aks"),
			pick("environment", "dev", "prod"),
		)
		o := plan.Options{
			Now:    today.Add(time.Duration(rapid.IntRange(0, 200*60).Draw(t, "minutes")) * time.Minute),
			Effort: solver.Effort{Rounds: 60, Moves: 10, Nodes: 300, Seed: 1},
		}
		o.Horizon = o.Now.AddDate(0, 9, 0)
		enough := rapid.Bool().Draw(t, "enough")
		if b := budget("a", "pay", 0.1, 0.35, 1, 0.1, 0.9); !enough {
			b.Forecast[1].At = today.Add(time.Duration(rapid.IntRange(0, 60*24*60).Draw(t, "recovers")) * time.Minute)
			o.Budgets = []plan.Budget{b}
		}
		solve := func(text string) plan.Plan {
			f := readFleet(t, table, "fleet.yaml", text)
			p := plan.Solve(t.Context(), f, table, o)
			for _, x := range verify.Check(f, table, p, o) {
				t.Errorf("%s\n%s", x, text)
			}
			return p
		}
		a := solve(narrow)
		wide := strings.Replace(narrow, opens(from), opens(from-earlier), 1)
		b := solve(wide)
		if b.Bound > a.Cost.Total {
			t.Errorf("%s is possible with less, and the bound is %s\n%s", a.Cost.Total, b.Bound, wide)
		}
		if a.Proven && b.Proven {
			if proven++; b.Cost.Total > a.Cost.Total {
				t.Errorf("%s with the wider window, %s with the narrower\n%s", b.Cost.Total, a.Cost.Total, wide)
			}
		}
	})
	if proven == 0 {
		t.Error("no pair of plans was proven")
	}
}
