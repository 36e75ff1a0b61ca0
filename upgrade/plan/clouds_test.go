package plan_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan"
	"treadmill/upgrade/plan/solver"
	"treadmill/upgrade/plan/verify"
	"treadmill/upgrade/windows"
)

// solved plans the clusters of a policy, which must be sound, at a time.
func solved(t *testing.T, now time.Time, policy, clusters string) plan.Plan {
	t.Helper()
	table := embedded(t)
	f, _ := fleet.Read("fleet.yaml", []byte("version: 1\npolicy: {"+policy+"}\nclusters:\n"+clusters), nil)
	f.Check(table, now)
	o := plan.Options{Now: now}
	p := plan.Solve(t.Context(), f, table, o)
	for _, x := range verify.Check(f, table, p, o) {
		t.Errorf("%s", x)
	}
	return p
}

func finding(p plan.Plan, id string) diag.Finding {
	for _, f := range p.Findings {
		if f.ID == id {
			return f
		}
	}
	return diag.Finding{}
}

// What a provider bills is billed whatever the policy allows: 0.50 an hour from 2026-11-23 to the close of the hop on 2027-06-01 at
// 17:00, and what the versions on the way cost.
func TestExtendedSupportIsBilledWhateverThePolicyAllows(t *testing.T) {
	p := solved(t, today, "target: latest, freezes: [{name: shut, from: 2026-11-23, to: 2027-05-31}]",
		"- {name: a, provider: eks, version: \"1.35\"}\n")
	standard, left := time.Date(2027, 3, 27, 0, 0, 0, 0, time.UTC), p.Campaigns[0].Leaves()
	if want := left.Sub(standard).Hours() / 2; float64(p.Cost.ExtendedSupport)/1e6 != want {
		t.Errorf("billed %s, want %v", p.Cost.ExtendedSupport, want)
	}
	if p.Bill[0].Without.ExtendedSupport != 0 || p.Bill[6].Without.ExtendedSupport != 372*fleet.Unit { // May has 744 hours
		t.Errorf("without the plan: %v, %v", p.Bill[0], p.Bill[6])
	}
	if f := finding(p, "plan/extended-support"); f.Severity != diag.Warning ||
		!strings.Contains(f.Message, "a is in extended support at 1.35 from 2027-03-27 until 2027-06-01") {
		t.Error(f)
	}
}

// A provider that is faster than the plan ends the time at a version, bills and risks with it; its day and what does not hold it are said.
func TestAProviderThatIsFirst(t *testing.T) {
	frozen := "margin: 0d, freezes: [{name: shut, from: 2026-11-01, to: 2027-06-30}]"
	p := solved(t, today, frozen, "- {name: g, provider: gke, version: \"1.34\"}\n")
	f := finding(p, plan.FindingCloudFirst)
	for _, part := range []string{"g is upgraded from 1.34 by gke itself on 2027-01-25", `the freeze "shut" does not hold it`, "NO_MINOR_UPGRADES", "Extended channel"} {
		if !strings.Contains(f.Message, part) {
			t.Errorf("%s: want %s", f, part)
		}
	}
	if finding(p, "plan/out-of-support").ID != "" || p.Campaigns[0].From != upgrade.V1(36) {
		t.Errorf("%v, first campaign %+v", p.Findings, p.Campaigns[0])
	}
	// In the Extended channel it waits, and pays.
	p = solved(t, today, frozen+", extendedSupport: {allowed: true}", "- {name: g, provider: gke, version: \"1.34\", channel: Extended}\n")
	if finding(p, plan.FindingCloudFirst).ID != "" || p.Cost.ExtendedSupport == 0 || p.Campaigns[0].From != upgrade.V1(34) {
		t.Errorf("%v %v", p.Findings, p.Cost)
	}
	// OpenShift does nothing by itself.
	if p = solved(t, today, frozen, "- {name: o, provider: openshift, version: \"4.21\"}\n"); finding(p, plan.FindingCloudFirst).ID != "" {
		t.Error(p.Findings)
	}
}

// Where the provider leaves the nodes at their version, how far they are behind and what comes next is said, for each upgrade of its own.
func TestNodesThatStayBehind(t *testing.T) {
	frozen := "margin: 0d, freezes: [{name: shut, from: 2026-11-01, to: 2028-12-31}]"
	for _, c := range [][2]string{
		{`{name: e, provider: eks, version: "1.33"}`, "nodes stay at 1.33, 1 minor behind, where 3 are supported; update nodes and add-ons next"},
		{
			`{name: e, provider: eks, version: "1.34", channel: standard, nodes: [{name: n, version: "1.33"}]}`,
			"nodes stay at 1.33, 2 minors behind, where 3 are supported; update nodes and add-ons next",
		},
		{
			`{name: e, provider: eks, version: "1.34", channel: standard, nodes: [{name: n, version: "1.32"}]}`,
			"nodes stay at 1.32, 3 minors behind, where 3 are supported; update nodes and add-ons next, before any other hop",
		},
		{`{name: g, provider: gke, version: "1.34"}`, ""},
	} {
		clusters, want := c[0], c[1]
		f := finding(solved(t, today, frozen, "- "+clusters+"\n"), plan.FindingCloudFirst)
		if f.ID == "" || want == "" && strings.Contains(f.Message, "stay") || !strings.HasSuffix(f.Message, want) {
			t.Errorf("%s: %s\nwant %s", clusters, f.Message, want)
		}
	}
}

// A cluster that is left out blocks those after it in its group, whatever its problem is; those of other groups are planned.
func TestAClusterThatIsLeftOutBlocksThoseAfterIt(t *testing.T) {
	policy := "margin: 0d, environments: [dev, prod], soak: {prod: 7d}"
	for _, broken := range []string{"provider: upstream, version: \"1.99\"", "provider: nowhere, version: \"1.35\"",
		"provider: gke, channel: slow, version: \"1.35\"", "provider: upstream, version: \"1.35\", nodes: [{name: n, version: \"1.36\"}]"} {
		p := solved(
			t,
			today,
			policy,
			"- {name: d, environment: dev, group: g, "+broken+"}\n- {name: p, provider: upstream, version: \"1.35\", environment: prod, group: g}\n"+
				"- {name: q, provider: upstream, version: \"1.35\", environment: prod, group: h}\n",
		)
		hops := map[string]int{}
		for _, c := range p.Campaigns {
			hops[c.Cluster] += len(c.Hops)
		}
		if f := finding(p, plan.FindingBlocked); hops["p"] > 0 || hops["q"] == 0 || !strings.Contains(f.Message, "p comes after d in its group") {
			t.Errorf("%s: hops %v, %v", broken, hops, f)
		}
	}
}

// Slack is from the close of the hop that leaves the version, not from the end of the campaign.
func TestSlackIsOfTheHopThatLeavesTheVersion(t *testing.T) {
	p := solved(t, today, "margin: 0d, target: latest, windows: [{days: [Wed], from: \"08:00\", to: \"12:00\"}]",
		"- {name: a, provider: upstream, version: \"1.36\"}\n")
	for _, c := range p.Campaigns {
		if c.Due.After(c.Steps[0].End) && c.SlackDays < 0 || c.SlackDays != int(c.Due.Sub(c.Steps[0].End).Hours()/24) {
			t.Errorf("%s to %s is due %s, leaves %s: slack %d", c.From, c.To, c.Due, c.Steps[0].End, c.SlackDays)
		}
	}
	if p.Cost.Unsupported > 0 || len(p.Campaigns[0].Hops) < 2 {
		t.Errorf("%v %v", p.Cost, p.Campaigns)
	}
}

func TestNodeImagesThatEnd(t *testing.T) {
	p := solved(
		t,
		today,
		"",
		"- {name: e, provider: eks, version: \"1.32\", nodes: [{name: a, version: \"1.32\", os: al2}, {name: b, version: \"1.32\", os: AL2023}, {name: c, version: \"1.32\", os: AL2_x86_64}]}\n",
	)
	want := "nodes a, c of e run Amazon Linux 2, out of support since 2025-11-26: migrate them to Amazon Linux 2023 or Bottlerocket before 1.33"
	if f := finding(p, "plan/node-image"); !strings.Contains(f.Message, want) {
		t.Error(f)
	}
	if s := p.Campaigns[0].Addons; len(s) != 1 || s[0].Hop != upgrade.V1(33) || s[0].Kind.String() != "migrate" {
		t.Errorf("%+v", s)
	}
}

// Clusters older than what the tables know are planned one minor after the other at every provider: holes shut nothing.
func TestOldClustersArePlannedEverywhere(t *testing.T) {
	for _, provider := range embedded(t).Providers() {
		newest := embedded(t).Newest(provider.Name, windows.DayOf(today))
		for minor := newest.Add(-9); minor.Less(newest.Add(-1)); minor = minor.Add(3) {
			p := solved(t, today, "target: latest", fmt.Sprintf("- {name: c, provider: %s, version: %q}\n", provider.Name, minor))
			if f := finding(p, "plan/unplanned"); len(p.Campaigns) == 0 || f.ID != "" {
				t.Errorf("%s %s: %d campaigns, %v", provider.Name, minor, len(p.Campaigns), p.Findings)
			}
		}
	}
}

// Nodes that their image has kept behind the control plane leave it before they follow.
func TestNodeImagesThatKeepNodesBehind(t *testing.T) {
	p := solved(t, today, "target: \"1.37\"", "- {name: e, provider: eks, version: \"1.33\", nodes: [{name: a, version: \"1.32\", os: AL2}]}\n"+
		"- {name: u, provider: upstream, version: \"1.36\", nodes: [{name: a, version: \"1.35\", runtime: \"containerd 1.7.28\"}]}\n")
	steps := map[string][]upgrade.Minor{}
	for _, c := range p.Campaigns {
		for _, s := range c.Addons {
			steps[c.Cluster] = append(steps[c.Cluster], s.Hop)
		}
	}
	if want := map[string][]upgrade.Minor{"e": {upgrade.V1(34)}, "u": {upgrade.V1(37)}}; !maps.EqualFunc(steps, want, slices.Equal) {
		t.Errorf("steps before %v, want %v", steps, want)
	}
}

// At most two of a region in one opening, and a pair never together: it takes as many openings as it needs.
func TestLimitsOfWhatIsWorkedOnAtOnce(t *testing.T) {
	clusters := "- {name: \"eu-{n}\", count: 5, provider: upstream, version: \"1.35\", region: eu}\n- {name: \"us-{n}\", count: 5, provider: upstream, version: \"1.35\", region: us}\n"
	base := "target: \"1.36\", windows: [{days: [Tue, Wed], from: \"09:00\", to: \"13:00\"}]"
	count := func(p plan.Plan, region string) (most int) {
		at := map[time.Time]int{}
		for _, c := range p.Campaigns {
			if strings.HasPrefix(c.Cluster, region) {
				at[c.Start]++
				most = max(most, at[c.Start])
			}
		}
		return most
	}
	if p := solved(t, today, base+", concurrency: [{most: 2, of: region}], apart: [[eu-1, us-*]]", clusters); count(p, "eu") > 2 ||
		count(p, "us") > 2 ||
		len(p.Campaigns) != 10 {
		t.Errorf("%d in eu, %d in us, %d campaigns", count(p, "eu"), count(p, "us"), len(p.Campaigns))
	}
	if p := solved(t, today, base+", concurrency: [{most: 20%, per: day}]", clusters); count(p, "") > 2 || len(p.Campaigns) != 10 {
		t.Errorf("%d at once, %d campaigns", count(p, ""), len(p.Campaigns))
	}
}

// An opening of a Thursday in Tokyo goes on over midnight (UTC), at which the provider acts. A hop in it pays for the version before until
// it closes, and only then for the one to which the provider brings the cluster.
func TestAHopIsUnderWayWhenTheProviderActs(t *testing.T) {
	table := embedded(t)
	f := readFleet(t, table, "fleet.yaml", `version: 1
policy:
  margin: 60d
  environments: [dev, staging]
  extendedSupport: {allowed: true}
  freezes:
  - {name: for good, from: 2020-01-01, to: 2040-01-01, clusters: {environment: dev}}
  - {name: until then, from: 2026-01-01, to: 2027-07-27, clusters: {environment: staging}}
  windows: [{days: [Thu], from: "00:00", to: "24:00", timezone: Asia/Tokyo}]
clusters:
- {name: before, provider: aks, version: "1.31", environment: dev, group: g}
- {name: after, provider: eks, version: "1.33", environment: staging, group: g}
`)
	for _, effort := range []solver.Effort{{Rounds: 20, Moves: 1, Seed: 1}, {Rounds: 60, Moves: 10, Nodes: 300, Seed: 1}} {
		o := plan.Options{Now: today, Effort: effort}
		p := plan.Solve(t.Context(), f, table, o)
		if p.Bound > p.JustInTime.Cost.Total || !p.Proven || len(p.Campaigns) == 0 ||
			!p.Campaigns[0].Start.Equal(time.Date(2027, 7, 28, 15, 0, 0, 0, time.UTC)) {
			t.Errorf("cost %s, bound %s, just in time %s", p.Cost.Total, p.Bound, p.JustInTime.Cost.Total)
		}
		for _, x := range verify.Check(f, table, p, o) {
			t.Errorf("%s", x)
		}
	}
}

// OpenShift supports every second minor for long: a campaign passes through the one between within days, from when it comes to it, and
// that is no error.
func TestPassingThroughAVersion(t *testing.T) {
	p := solved(t, today, "target: supported, extendedSupport: {allowed: true}", `- {name: plant, provider: openshift, version: "4.16"}`)
	passes := 0
	for _, x := range p.Findings {
		switch {
		case x.ID == "plan/out-of-support":
			t.Errorf("%s", x)
		case x.ID == "plan/passes":
			if passes++; x.Severity != diag.Info || passes == 1 && !strings.Contains(x.Message,
				"from "+p.Campaigns[0].Steps[0].End.Format(time.DateOnly)+" until") {
				t.Errorf("%s", x)
			}
		}
	}
	if passes != 2 {
		t.Errorf("%d versions are passed through, want 2: %v", passes, p.Findings)
	}
}
