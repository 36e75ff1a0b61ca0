package plan_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"treadmill/upgrade/plan"
	"treadmill/upgrade/plan/verify"
)

// A pool with windows of its own is rolled out in them alone, and what it is too old for waits until then.
func TestAPoolWithAWindowOfItsOwn(t *testing.T) {
	p := solved(t, today, `windows: [{days: [Tue], from: "09:00", to: "12:00", timezone: UTC}, {days: [Sat], from: "22:00", to: "04:00",
		timezone: Europe/Berlin, pools: "disk*", during: {rrule: "FREQ=MONTHLY;BYMONTH=2;BYDAY=1MO", duration: 14d}}]`,
		`- {name: a, provider: upstream, version: "1.35", nodes: [{name: web, version: "1.35"}, {name: disks, version: "1.32"}]}`+"\n")
	if len(p.Pools) == 0 || p.Pools[0].Pool != "disks" || p.Pools[0].From.String() != "1.32" || p.Pools[0].To.String() != "1.35" {
		t.Fatalf("rollouts: %+v", p.Pools)
	}
	if got := p.Pools[0].Start.Format(time.RFC3339); got != "2027-02-06T22:00:00+01:00" {
		t.Errorf("the pool is rolled out on %s", got)
	}
	c := p.Campaigns[0]
	if c.Start.Before(p.Pools[0].End) || !strings.Contains(c.Reason, "1.36 waits for node pool disks, whose rollout is over on 2027-02-07") {
		t.Errorf("%s: %s", c.Start, c.Reason)
	}
}

// 100 nodes of which four are replaced in an hour take 25 hours: four openings of seven hours, the first of them that of the last hop.
func TestARolloutThatOutlastsAnOpening(t *testing.T) {
	p := solved(t, today, `windows: [{days: [Tue, Wed, Thu], from: "09:00", to: "16:00", timezone: UTC}]`,
		`- {name: a, provider: upstream, version: "1.35", nodes: [{name: big, version: "1.35", size: 100, perHour: 4}]}`+"\n")
	c, r := p.Campaigns[0], p.Pools[0]
	if len(r.Steps) != 4 || !r.Start.Equal(c.Steps[len(c.Steps)-1].Start) || r.To != c.To || !p.Proven {
		t.Errorf("%+v after %+v", r, c.Steps)
	}
}

// A pool that never has openings keeps its cluster where the skew ends, and what would help is found: nothing that a team can do.
func TestAPoolWithoutOpenings(t *testing.T) {
	p := solved(t, today, `windows: [{from: "09:00", to: "12:00", timezone: UTC}, {from: "09:00", to: "12:00", timezone: UTC, pools: old,
		during: {rrule: "FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=1", duration: 1d, from: 2040-01-01}}]`,
		`- {name: a, provider: upstream, version: "1.35", nodes: [{name: old, version: "1.33"}]}`+"\n")
	if len(p.Campaigns) != 1 || p.Campaigns[0].To.String() != "1.36" || len(p.Pools) != 0 || len(p.Unplanned) != 1 ||
		!strings.Contains(p.Unplanned[0].Reason, "1.37 waits for node pool old, which has no openings") {
		t.Errorf("%+v, %+v", p.Campaigns, p.Unplanned)
	}
}

// Each change breaks a rule of a sound plan, and the check says which.
func TestTheCheckSeesBrokenRollouts(t *testing.T) {
	table := embedded(t)
	f := readFleet(t, table, "fleet.yaml", `version: 1
policy: {windows: [{days: [Tue], from: "09:00", to: "12:00", timezone: UTC}, {days: [Sat], from: "09:00", to: "12:00", timezone: UTC, pools: d}],
  freezes: [{name: shut, from: 2027-12-20, to: 2028-01-02}]}
clusters: [{name: a, provider: upstream, version: "1.34", nodes: [{name: d, version: "1.32", size: 40, perHour: 8}, {name: web, version: "1.34"}]}]
`)
	o := plan.Options{Now: today}
	for want, change := range map[string]func(r *plan.PoolRollout){
		"which is no cluster":      func(r *plan.PoolRollout) { r.Cluster = "nobody" },
		"no rollout of its own":    func(r *plan.PoolRollout) { r.Pool = "web" },
		"is brought from":          func(r *plan.PoolRollout) { r.From = r.From.Add(1) },
		"control plane runs":       func(r *plan.PoolRollout) { r.To = r.To.Add(1) },
		"40 nodes at 8 an hour":    func(r *plan.PoolRollout) { r.Steps = r.Steps[:1] },
		"an opening of its wind":   func(r *plan.PoolRollout) { r.Steps[0].Start = r.Steps[0].Start.AddDate(0, 0, 1) },
		"the control plane goes":   func(r *plan.PoolRollout) { r.Steps[0].Start = r.Steps[0].Start.AddDate(0, 0, -60) },
		"before it can be":         func(r *plan.PoolRollout) { r.Steps[0].Start = today.AddDate(0, 0, -1) },
		"inside the freeze":        func(r *plan.PoolRollout) { r.Steps[1].End = time.Date(2027, 12, 21, 0, 0, 0, 0, time.UTC) },
		"goes to 1.36 while node ": func(r *plan.PoolRollout) { r.End = r.End.AddDate(2, 0, 0) },
	} {
		p := plan.Solve(t.Context(), f, table, o)
		if found := verify.Check(f, table, p, o); len(found) > 0 || len(p.Pools) == 0 {
			t.Fatalf("%v", found)
		}
		change(&p.Pools[0])
		if found := messages(verify.Check(f, table, p, o)); !strings.Contains(found, want) {
			t.Errorf("%s: %s", want, found)
		}
	}
}

// Made anew from itself a plan is the same, its pools too.
func TestPoolsOfAPlanMadeAnew(t *testing.T) {
	table := embedded(t)
	f := readFleet(t, table, "fleet.yaml", `version: 1
policy: {windows: [{days: [Tue], from: "09:00", to: "12:00", timezone: UTC}, {days: [Sat], from: "09:00", to: "12:00", timezone: UTC, pools: d}]}
clusters: [{name: a, provider: eks, version: "1.34", nodes: [{name: d, version: "1.32", size: 40, perHour: 5}]}]
`)
	was := plan.Solve(t.Context(), f, table, plan.Options{Now: today})
	o := plan.Options{Now: today, From: &was}
	is := plan.Solve(t.Context(), f, table, o)
	if fmt.Sprint(was.Pools) != fmt.Sprint(is.Pools) || fmt.Sprint(was.Cost) != fmt.Sprint(is.Cost) || len(verify.Check(f, table, is, o)) > 0 {
		t.Errorf("%+v\n%+v\n%v", was.Pools, is.Pools, verify.Check(f, table, is, o))
	}
}

// Whatever windows, rates and versions pools have, and whatever else the policy asks for, plans keep every rule and no bound is above one.
func TestPlansWithPoolsKeepTheRules(t *testing.T) {
	table := embedded(t)
	rapid.Check(t, func(t *rapid.T) {
		pick := func(label string, from ...string) string { return rapid.SampledFrom(from).Draw(t, label) }
		var b strings.Builder
		b.WriteString("version: 1\npolicy:\n  target: " + pick("target", "latest", "latest-1", "latest-2") + "\n  windows:\n")
		b.WriteString("    - {days: [Tue, Thu], from: \"" + pick("from", "09:00", "22:00") + "\", to: \"" + pick("to", "16:00", "02:00") + "\", timezone: Europe/Berlin}\n")
		b.WriteString("    - {days: [" + pick("days", "Sat", "Tue", "Sun, Thu") + "], from: \"" + pick("own", "08:00", "23:00") + "\", to: \"" +
			pick("until", "12:00", "03:00") + "\", timezone: America/New_York, pools: \"own*\"" +
			pick("during", "", `, during: {rrule: "FREQ=MONTHLY;BYMONTH=1,4,7,10;BYDAY=1MO", duration: 14d}`) + "}\n")
		b.WriteString("  environments: [dev, prod]\n  soak: {prod: 7d}\n")
		b.WriteString(pick("limit", "", "  apart: [[a, b]]\n", "  concurrency: [{most: 1, per: day}]\n", "  capacity: {perTeamPerWeek: 1}\n"))
		b.WriteString(pick("freeze", "", "  freezes: [{name: new year, from: 2026-12-18, to: 2027-01-08}]\n") + "clusters:\n")
		for i, name := range []string{"a", "b", "c"} {
			provider, v := pick("provider", "eks", "gke", "aks", "upstream"), rapid.IntRange(34, 36).Draw(t, "version")
			fmt.Fprintf(&b, "  - {name: %s, provider: %s, version: \"1.%d\", group: g%d, environment: %s, nodes: [", name, provider, v, i/2, []string{"dev", "prod"}[i%2])
			for k, pool := range []string{"own", "slow", "rest", "own-slow"} {
				if rapid.Bool().Draw(t, "pool") {
					rate := ""
					if k%2 == 1 {
						rate = fmt.Sprintf(", size: %d, perHour: 5", rapid.IntRange(1, 120).Draw(t, "size"))
					}
					fmt.Fprintf(&b, "{name: %s, version: \"1.%d\"%s}, ", pool, v-rapid.IntRange(0, 2).Draw(t, "lag"), rate)
				}
			}
			b.WriteString("]}\n")
		}
		f := readFleet(t, table, "fleet.yaml", b.String())
		o := plan.Options{Now: today}
		p := plan.Solve(t.Context(), f, table, o)
		for _, x := range verify.Check(f, table, p, o) {
			t.Errorf("%s", x)
		}
		if t.Failed() {
			t.Logf("%s\n%+v", b.String(), p.Pools)
		}
	})
}
