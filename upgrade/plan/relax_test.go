package plan_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"treadmill/upgrade"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan"
	"treadmill/upgrade/windows"
)

// relaxed applies what a plan says would help to the fleet, or a bit less of it. Ok is false where there is no less.
func relaxed(t *testing.T, f fleet.Fleet, text string, less bool) (out fleet.Fleet, team string, more map[string]int, ok bool) {
	t.Helper()
	f.Policy.Soak = maps.Clone(f.Policy.Soak)
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(text, err)
		}
		return n
	}
	minus := 0
	if less {
		minus = 1
	}
	if m := regexp.MustCompile(`^more hops for (\S+): (.*?)(?: \(teams.*\))?$`).FindStringSubmatch(text); m != nil {
		more = map[string]int{}
		for i, part := range strings.Split(m[2], ", ") {
			n, week, _ := strings.Cut(part, " in ")
			more[week] = number(n)
			if i == 0 {
				more[week] -= minus
			}
		}
		return f, m[1], more, true
	}
	if m := regexp.MustCompile(`^let (\S+) of \S+ soak (\d+) days instead of \d+$`).FindStringSubmatch(text); m != nil {
		soak := f.Policy.Soak[m[1]]
		soak.V = fleet.Duration(time.Duration(number(m[2])+minus) * 24 * time.Hour)
		f.Policy.Soak[m[1]] = soak
		return f, "", nil, true
	}
	if m := regexp.MustCompile(`^take the target (latest|latest-\d+|1\.\d+) instead of`).FindStringSubmatch(text); m != nil {
		switch behind, is := strings.CutPrefix(m[1], "latest"); {
		case is && behind == "":
			f.Policy.Target.V = fleet.Target{Behind: minus}
		case is:
			f.Policy.Target.V = fleet.Target{Behind: number(behind[1:]) + minus}
		default:
			f.Policy.Target.V = fleet.Target{Fixed: upgrade.V1(number(m[1][2:]) - minus)}
		}
		return f, "", nil, true
	}
	if m := regexp.MustCompile(`^lift "(.*)" for (\S+)( and what goes before it)?$`).FindStringSubmatch(text); m != nil {
		i := slices.IndexFunc(f.Policy.Freezes, func(z fleet.Freeze) bool { return z.Name.V == m[1] })
		f.Policy.Freezes = slices.Clone(f.Policy.Freezes)
		if less && m[3] == "" || i < 0 {
			return f, "", nil, false
		}
		if less { // for the cluster alone
			f.Policy.Freezes[i].Clusters.Environment.V, f.Policy.Freezes[i].Clusters.Environment.Pos.Line = "dev", 1
			return f, "", nil, true
		}
		f.Policy.Freezes = slices.Delete(f.Policy.Freezes, i, i+1)
		return f, "", nil, true
	}
	if text == "allow extended support" {
		f.Policy.ExtendedSupport.Allowed.V = true
		return f, "", nil, !less
	}
	t.Fatalf("nothing is known of %q", text)
	return f, "", nil, false
}

// What a plan says would help does, when the fleet is planned again with it, and a bit less of it does not.
func TestRelaxationsHelpAndAreTheLeastThatDoes(t *testing.T) {
	table := embedded(t)
	const pair = "clusters:\n- {name: a, provider: upstream, version: \"1.35\", environment: dev, group: g, team: ops}\n" +
		"- {name: b, provider: upstream, version: \"1.35\", environment: prod, group: g, team: ops}\n"
	for _, c := range []struct{ name, text, want string }{
		{"no capacity", "policy: {capacity: {perTeamPerWeek: 0}}\nclusters: [{name: b, provider: upstream, version: \"1.35\", team: ops}]", "more hops for ops: "},
		{"always frozen", "policy: {freezes: [{name: always, from: 2026-01-01, to: 2030-01-01}]}\nclusters: [{name: b, provider: eks, version: \"1.34\"}]", `lift "always" for b`},
		{"frozen before", "policy: {environments: [dev, prod], freezes: [{name: always, from: 2026-01-01, to: 2030-01-01}]}\n" + pair, `lift "always" for b and what goes before it`},
		{"pinned", "policy: {target: \"1.35\"}\nclusters: [{name: b, provider: upstream, version: \"1.35\"}]", "take the target 1.3"},
		{"too far behind", "policy: {target: latest-5}\nclusters: [{name: b, provider: upstream, version: \"1.35\"}]", "take the target latest-"},
		{"a long soak", "policy: {environments: [dev, prod], soak: {prod: 150d}, freezes: [{name: winter, from: 2026-11-23, to: 2026-12-27}]}\n" + pair, "let prod of b soak "},
		{"extended", "policy: {target: \"1.33\", extendedSupport: {allowed: false}}\nclusters: [{name: b, provider: eks, version: \"1.33\"}]", "take the target 1.3"},
		{"frozen for extended", "policy: {freezes: [{name: long, from: 2026-01-01, to: 2027-06-01}]}\nclusters: [{name: b, provider: eks, version: \"1.33\"}]", "allow extended support"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := readFleet(t, table, "fleet.yaml", "version: 1\n"+c.text)
			p := plan.Solve(t.Context(), f, table, plan.Options{Now: today})
			i := slices.IndexFunc(p.Unplanned, func(u plan.Unplanned) bool { return u.Cluster == "b" })
			if i < 0 || !strings.Contains(strings.Join(p.Unplanned[i].Relaxations, "; "), c.want) {
				t.Fatalf("%q is not in %+v", c.want, p.Unplanned)
			}
			for _, text := range p.Unplanned[i].Relaxations {
				checkRelaxation(t, f, table, text)
			}
		})
	}
}

func checkRelaxation(t *testing.T, f fleet.Fleet, table windows.Table, text string) {
	t.Helper()
	for _, less := range []bool{false, true} {
		g, team, more, ok := relaxed(t, f, text, less)
		if !ok {
			continue
		}
		o := plan.Options{Now: today}
		var p plan.Plan
		if more == nil {
			p = plan.Solve(t.Context(), g, table, o)
		} else {
			p = plan.SolveWithMore(t.Context(), g, table, o, team, more)
		}
		late := slices.ContainsFunc(p.Unplanned, func(u plan.Unplanned) bool { return u.Cluster == "b" })
		if late != less {
			t.Errorf("%s (less: %v): %s", text, less, fmt.Sprint(p.Unplanned))
		}
	}
}

// Many clusters that are late alike are explained together, and each by the hops that it lacks itself.
func TestManyLateClustersAreExplained(t *testing.T) {
	table := embedded(t)
	f := readFleet(
		t,
		table,
		"fleet.yaml",
		"version: 1\npolicy: {environments: [lab, pilot, store], soak: {pilot: 7d, store: 14d}, capacity: {perTeamPerWeek: 3}}\n"+
			"defaults: [{provider: k3s, version: \"1.36\", team: stores, group: stores}]\n"+
			"clusters:\n- {name: lab, environment: lab}\n- {name: \"pilot-{n}\", count: 20, environment: pilot}\n- {name: \"store-{n}\", count: 200, environment: store}\n",
	)
	p := plan.Solve(t.Context(), f, table, plan.Options{Now: today})
	if len(p.Unplanned) < 50 {
		t.Fatalf("only %d clusters are late", len(p.Unplanned))
	}
	for _, u := range p.Unplanned {
		if u.Untried || len(u.Relaxations) == 0 {
			t.Errorf("%+v", u)
		}
	}
}

// Windows that open for some time alone are named where they are what keeps a cluster out of support.
func TestWindowsAtOtherTimesHelp(t *testing.T) {
	p := solved(t, today, `windows: [{days: [Sat], from: "09:00", to: "16:00", timezone: UTC, during: {rrule: "FREQ=MONTHLY;BYMONTHDAY=1;BYDAY=MO", duration: 2d}}]`,
		`- {name: a, provider: upstream, version: "1.35"}`)
	if len(p.Unplanned) != 1 || strings.Join(p.Unplanned[0].Relaxations, "|") != "open the windows of a at other times than during" {
		t.Errorf("%+v", p.Unplanned)
	}
}
