package actual_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"treadmill/upgrade"
	"treadmill/upgrade/actual"
	"treadmill/upgrade/inventory"
	"treadmill/upgrade/plan"
)

func day(d int) time.Time { return time.Date(2026, 11, d, 9, 0, 0, 0, time.UTC) }

// TestPlan: a cluster with hops to 1.35 on the 10th and to 1.36, with its nodes, on the 12th, on several days.
func TestPlan(t *testing.T) {
	at := func(minor int) upgrade.Minor { return upgrade.Minor{Major: 1, Minor: minor} }
	p := plan.Plan{Campaigns: []plan.Campaign{
		{Cluster: "a", Group: "g", Environment: "dev", From: at(34), To: at(36), Hops: []upgrade.Minor{at(35), at(36)},
			Steps: []plan.Step{
				{To: at(35), Start: day(10), End: day(10).Add(8 * time.Hour)},
				{To: at(36), Nodes: true, Start: day(12), End: day(12).Add(8 * time.Hour)},
			}},
		{Cluster: "b", Group: "g", Environment: "prod", From: at(34), To: at(35), Hops: []upgrade.Minor{at(35)}, Start: day(20),
			Steps: []plan.Step{{To: at(35), Nodes: true, Start: day(20), End: day(20).Add(8 * time.Hour)}}},
	}}
	f := read(
		t,
		"  - {name: a, provider: upstream, version: \"1.34\", group: g, environment: dev}\n  - {name: b, provider: upstream, version: \"1.34\", group: g, environment: prod}\n"+
			"  - {name: c, provider: upstream, version: \"1.34\"}\npolicy: {environments: [dev, prod]}\n",
	)
	for _, c := range []struct {
		name  string
		now   time.Time
		a, b  string // versions of the control planes
		nodes string // of a
		want  string
		says  string
	}{
		{"before all", day(9), "1.34", "1.34", "1.34", "", ""},
		{"in the opening, not done", day(10).Add(time.Hour), "1.34", "1.34", "1.34", "", ""},
		{"in the opening, done", day(10).Add(time.Hour), "1.35", "1.34", "1.34", "", ""},
		{"the opening is over", day(11), "1.34", "1.34", "1.34", "drift/plan-late error hop to 1.35",
			"is late; the plan had it on 2026-11-10, 0 days ago, and the control plane runs 1.34; it holds up b on 2026-11-20"},
		{"all openings are over", day(15), "1.34", "1.34", "1.34", "drift/plan-late error hop to 1.35", "was skipped"},
		{"the second is over", day(14), "1.35", "1.34", "1.34", "drift/plan-late error hop to 1.36", "1 day ago"},
		{"early", day(9), "1.35", "1.34", "1.34", "drift/plan-early warning hop to 1.35", "the plan has it on 2026-11-10"},
		{"two early", day(11), "1.36", "1.34", "1.34", "drift/plan-early warning hop to 1.36", "the plan has it on 2026-11-12"},
		{"not in the plan", day(15), "1.37", "1.34", "1.37", "drift/plan-early error hop to 1.37", "has no hop to it"},
		{"done", day(15), "1.36", "1.34", "1.36", "", ""},
		{"half done", day(15), "1.36", "1.34", "1.34", "drift/plan-half error nodes to 1.36", "workers 1.34"},
		{"production first", day(9), "1.34", "1.35", "1.34", "drift/plan-order error order of group g, drift/plan-early warning hop to 1.35", ""},
		{"staging taken back", day(21), "1.34", "1.35", "1.34", "drift/plan-late error hop to 1.35, drift/plan-order error order of group g", ""},
	} {
		one := func(context, version string, nodes ...inventory.Node) actual.Cluster {
			return live(t, inventory.Facts{Context: context, Version: "v" + version + ".1", Nodes: nodes})
		}
		pairs := actual.Match(
			f,
			[]actual.Cluster{one("a", c.a, inventory.Node{Name: "n", Version: "v" + c.nodes + ".0"}), one("b", c.b), one("c", "1.34")},
		)
		found := actual.Plan(f, pairs, actual.Agreed{Plan: p, File: "plan.json"}, c.now)
		got := strings.Split(told(found), ", ")
		want := strings.Split(c.want, ", ")
		if strings.Join(sorted(got), ", ") != strings.Join(sorted(want), ", ") {
			t.Errorf("%s: %s, want %s", c.name, got, want)
		}
		if len(found) == 1 && !strings.Contains(found[0].Message, c.says) {
			t.Errorf("%s: %q does not say %q", c.name, found[0].Message, c.says)
		}
	}
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }
