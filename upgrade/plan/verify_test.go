package plan_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan"
	"treadmill/upgrade/plan/solver"
	"treadmill/upgrade/plan/verify"
	"treadmill/upgrade/windows"
)

var today = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

func embedded(t testing.TB) windows.Table {
	t.Helper()
	table, err := windows.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

type fataler interface {
	Fatalf(format string, args ...any)
}

// readFleet reads a fleet that must have no errors.
func readFleet(t fataler, table windows.Table, name, text string) fleet.Fleet {
	f, findings := fleet.Read(name, []byte(text), os.ReadFile)
	findings = append(findings, f.Check(table, today)...)
	if diag.Any(findings, diag.Error) {
		t.Fatalf("%v\n%s", findings, text)
	}
	return f
}

func exampleFleet(t testing.TB, table windows.Table) fleet.Fleet {
	t.Helper()
	name := filepath.Join("..", "..", "testdata", "example", "fleet.yaml")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return readFleet(t, table, name, string(text))
}

func TestTheExamplesPlanIsSound(t *testing.T) {
	table := embedded(t)
	f := exampleFleet(t, table)
	for _, late := range []bool{false, true} {
		o := plan.Options{Now: today, Late: late}
		p := plan.Solve(t.Context(), f, table, o)
		for _, x := range verify.Check(f, table, p, o) {
			t.Errorf("late %v: %s", late, x)
		}
	}
}

// Each change breaks one rule of a sound plan, and Verify must say which.
func TestVerifySeesEveryBrokenRule(t *testing.T) {
	table := embedded(t)
	o := plan.Options{Now: today}
	const week = 7 * 24 * time.Hour
	for _, c := range []struct {
		name, want string
		change     func(p *plan.Plan, f *fleet.Fleet)
	}{
		{"other cluster", "is no cluster", func(p *plan.Plan, _ *fleet.Fleet) { p.Campaigns[0].Cluster = "nobody" }},
		{"left out", "but the cluster is at", func(p *plan.Plan, _ *fleet.Fleet) { p.Campaigns = p.Campaigns[5:] }},
		{"a skipped minor", "one minor at a time", func(p *plan.Plan, _ *fleet.Fleet) {
			c := &p.Campaigns[first(p, 2)]
			c.Hops[0], c.Steps[0].To = c.Hops[1], c.Steps[1].To
		}},
		{"too many hops", "hops and", func(p *plan.Plan, _ *fleet.Fleet) { c := &p.Campaigns[0]; c.Hops = append(c.Hops, c.Hops[0].Add(1)) }},
		{"in the past", "before now", func(p *plan.Plan, _ *fleet.Fleet) { move(&p.Campaigns[0], -week) }},
		{"past the end", "after the horizon", func(p *plan.Plan, _ *fleet.Fleet) { move(&p.Campaigns[len(p.Campaigns)-1], 80*week) }},
		{"outside of the window", "not an opening", func(p *plan.Plan, _ *fleet.Fleet) { move(&p.Campaigns[3], 5*time.Hour) }},
		{"in a freeze", "inside the freeze", func(p *plan.Plan, _ *fleet.Fleet) {
			c := &p.Campaigns[0]
			move(c, time.Date(2026, 12, 22, 0, 0, 0, 0, time.UTC).Sub(c.Start).Truncate(week)+week)
		}},
		{"nodes in the middle", "in the last step", func(p *plan.Plan, _ *fleet.Fleet) { p.Campaigns[first(p, 2)].Steps[0].Nodes = true }},
		{"no capacity", "can do 0", func(_ *plan.Plan, f *fleet.Fleet) {
			for name, team := range f.Teams {
				team.PerWeek.V = 0
				f.Teams[name] = team
			}
		}},
		{"more soak", "the soak is", func(_ *plan.Plan, f *fleet.Fleet) {
			for e, d := range f.Policy.Soak {
				d.V = fleet.Duration(90 * 24 * time.Hour)
				f.Policy.Soak[e] = d
			}
		}},
		{"an older target", "the target allows it from", func(_ *plan.Plan, f *fleet.Fleet) { f.Policy.Target.V = fleet.Target{Behind: 3} }},
		{"a fixed target", "the target allows it from 9999", func(_ *plan.Plan,
			f *fleet.Fleet) {
			f.Policy.Target.V = fleet.Target{Fixed: upgrade.V1(30)}
		}},
		{"a wrong total", "the total cost", func(p *plan.Plan, _ *fleet.Fleet) { p.Cost.Total-- }},
		{"fewer fees", "extended support costs", func(p *plan.Plan, _ *fleet.Fleet) { p.Cost.ExtendedSupport -= 100 * fleet.Unit }},
		{"a bound above the cost", "the bound", func(p *plan.Plan, _ *fleet.Fleet) { p.Bound = p.Cost.Total + 1 }},
		{"another deadline", "is due", func(_ *plan.Plan, f *fleet.Fleet) { f.Policy.Margin.V += fleet.Duration(24 * time.Hour) }},
		{"slack", "days of slack", func(p *plan.Plan, _ *fleet.Fleet) { p.Campaigns[0].SlackDays++ }},
		{"order", "not in order", func(p *plan.Plan, _ *fleet.Fleet) {
			p.Campaigns[0], p.Campaigns[9] = p.Campaigns[9], p.Campaigns[0]
		}},
		{"old nodes", "while nodes run", func(p *plan.Plan, f *fleet.Fleet) {
			for i := range f.Clusters {
				f.Clusters[i].Nodes = []fleet.NodePool{{}}
				f.Clusters[i].Nodes[0].Version.V = f.Clusters[i].Version.V.Add(-3)
			}
		}},
		{"rollback", "can be rolled back", func(p *plan.Plan, _ *fleet.Fleet) {
			for i := range p.Campaigns {
				if c := &p.Campaigns[i]; c.Provider == "eks" && len(c.Hops) > 1 {
					c.Steps[1].Start, c.Steps[1].End = c.Steps[0].Start.AddDate(0, 0, 1), c.Steps[0].End.AddDate(0, 0, 1)
				}
			}
		}},
		{"said nothing", "the plan does not say so", func(p *plan.Plan, _ *fleet.Fleet) { p.Campaigns = nil }},
		{"said too much", "always in support", func(p *plan.Plan, _ *fleet.Fleet) {
			p.Unplanned = append(p.Unplanned, plan.Unplanned{Cluster: p.Campaigns[len(p.Campaigns)-1].Cluster})
		}},
	} {
		f := exampleFleet(t, table)
		p := plan.Solve(t.Context(), f, table, o)
		c.change(&p, &f)
		var got strings.Builder
		for _, x := range verify.Check(f, table, p, o) {
			got.WriteString(x.String() + "\n")
		}
		if !strings.Contains(got.String(), c.want) {
			t.Errorf("%s: got\n%swant %q", c.name, got.String(), c.want)
		}
	}
}

// A plan that knows no add-ons breaks what they hold back; one that does is sound.
func TestVerifySeesWhatAddonsHoldBack(t *testing.T) {
	table := embedded(t)
	known, err := addons.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	f := readFleet(t, table, "fleet.yaml", "version: 1\npolicy: {target: latest, margin: 300d}\nclusters:\n"+
		"- {name: a, provider: eks, version: \"1.36\", addons: [{name: cert-manager, version: 1.20.0}, {name: cilium, version: 1.18.2}]}\n")
	o := plan.Options{Now: today}
	without := plan.Solve(t.Context(), f, table, o)
	o.Addons = known
	for _, x := range verify.Check(f, table, plan.Solve(t.Context(), f, table, o), o) {
		t.Error(x)
	}
	if found := verify.Check(f, table, without, o); len(found) == 0 || !strings.Contains(found[0].Message, "its add-ons hold it back until") {
		t.Errorf("found %v", found)
	}
}

// first is the first campaign with that many hops.
func first(p *plan.Plan, hops int) int {
	for i, c := range p.Campaigns {
		if len(c.Hops) == hops {
			return i
		}
	}
	return -1
}

func move(c *plan.Campaign, by time.Duration) {
	c.Start, c.End = c.Start.Add(by), c.End.Add(by)
	for i := range c.Steps {
		c.Steps[i].Start, c.Steps[i].End = c.Steps[i].Start.Add(by), c.Steps[i].End.Add(by)
	}
}

// randomFleet draws a policy and the lines of some clusters.
func randomFleet(t *rapid.T) (policy string, clusters []string) {
	pick := func(label string, from ...string) string { return rapid.SampledFrom(from).Draw(t, label) }
	var b strings.Builder
	fmt.Fprintf(&b, "version: 1\npolicy:\n  target: %s\n  margin: %s\n  environments: [dev, staging, prod]\n",
		pick("target", "latest", "latest-1", "latest-2", "supported", `"1.36"`), pick("margin", "0", "10d", "30d", "60d"))
	fmt.Fprintf(&b, "  soak: {staging: %s, prod: %s}\n", pick("soak1", "0", "3d", "7d", "12h"), pick("soak2", "0", "14d", "30d"))
	b.WriteString(pick("capacity", "", "  capacity: {perTeamPerWeek: 1}\n", "  capacity: {perTeamPerWeek: 2}\n",
		"  capacity: {perTeamPerWeek: 0}\n"))
	fmt.Fprintf(&b, "  extendedSupport: {allowed: %s%s}\n", pick("extended", "true", "false"), pick("price", "", ", perClusterHour: 0.123"))
	b.WriteString(pick("costs", "", "  costs: {campaign: 0, hop: 0}\n", "  costs: {campaign: 5000, hop: 1, unsupportedDay: 33.33}\n"))
	b.WriteString(pick(
		"windows",
		"",
		"  windows: [{days: [Tue, Thu], from: \"09:00\", to: \"16:00\", timezone: Europe/Berlin}]\n",
		"  windows: [{from: \"22:00\", to: \"04:00\", timezone: America/New_York}, {days: [Sun], from: \"01:00\", to: \"05:00\", timezone: Europe/Berlin, clusters: {team: a}}]\n",
		"  windows: [{days: [Mon], from: \"00:00\", to: \"24:00\", timezone: Asia/Tokyo}]\n",
		"  windows: [{from: \"08:00\", to: \"12:00\", timezone: UTC, during: {rrule: \"FREQ=MONTHLY;BYMONTH=2,5,8,11;BYDAY=2MO\", duration: 14d}}]\n",
	))
	b.WriteString(pick("freezes", "",
		"  freezes: [{from: 2026-12-15, to: 2027-01-06}, {rrule: \"FREQ=MONTHLY;BYMONTHDAY=1\", duration: 6d, clusters: {environment: prod}}]\n",
		"  freezes: [{from: 2026-11-01, to: 2027-09-30, clusters: {team: b}}]\n",
		"  freezes: [{from: 2020-01-01, to: 2040-01-01, clusters: {environment: dev}}]\n"))
	b.WriteString(pick("crowds", "", "", "  concurrency: [{most: 1, of: environment}]\n",
		"  concurrency: [{most: 34%, of: region, per: day}, {most: 3}]\n", "  concurrency: [{most: 1, of: account}]\n",
		"  apart: [[c1, c2], [c3, \"c?\"]]\n"))
	b.WriteString(pick("campaign", "", "  maxCampaign: 0d\n", "  maxCampaign: 200d\n"))
	for i := range rapid.IntRange(1, 9).Draw(t, "clusters") {
		version := rapid.IntRange(31, 36).Draw(t, "version")
		c := fmt.Sprintf("- {name: c%d, provider: %s, version: \"1.%d\", team: %s", i,
			pick("provider", "eks", "gke", "aks", "upstream"), version, pick("team", "a", "b"))
		if e := pick("environment", "", "dev", "staging", "prod"); e != "" {
			c += ", environment: " + e + ", group: " + pick("group", "g", "h")
		}
		c += pick("region", "", ", region: eu", ", region: us, account: shop")
		if lag := rapid.IntRange(0, 3).Draw(t, "lag"); lag > 0 {
			c += fmt.Sprintf(", nodes: [{name: n, version: \"1.%d\"}]", version-lag)
		}
		clusters = append(clusters, c+"}\n")
	}
	return b.String() + "clusters:\n", clusters
}

// machine is a plan as bytes, without what depends on the places in the file.
func machine(t fataler, p plan.Plan) []byte {
	p.Findings = nil
	out, err := json.Marshal(p)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return out
}

func TestRandomPlansAreSound(t *testing.T) {
	table := embedded(t)
	rapid.Check(t, func(t *rapid.T) {
		policy, clusters := randomFleet(t)
		text := policy + strings.Join(clusters, "")
		f := readFleet(t, table, "fleet.yaml", text)
		o := plan.Options{
			Now:    today.Add(time.Duration(rapid.IntRange(0, 200*24).Draw(t, "hours")) * time.Hour),
			Late:   rapid.Bool().Draw(t, "late"),
			Effort: solver.Effort{Rounds: 20, Moves: 2, Seed: 1},
		}
		p := plan.Solve(t.Context(), f, table, o)
		for _, x := range verify.Check(f, table, p, o) {
			t.Errorf("%s", x)
		}
		shuffled := rapid.Permutation(clusters).Draw(t, "order")
		again := plan.Solve(t.Context(), readFleet(t, table, "fleet.yaml", policy+strings.Join(shuffled, "")), table, o)
		if a, b := machine(t, p), machine(t, again); !bytes.Equal(a, b) {
			t.Errorf("another order of clusters gives another plan:\n%s\n%s", a, b)
		}
		if t.Failed() {
			t.Logf("now %s late %v\n%s\n%s", o.Now, o.Late, text, machine(t, p))
		}
	})
}
