package gate_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/gate"
	"treadmill/upgrade/history"
	"treadmill/upgrade/plan"
	"treadmill/upgrade/plan/solver"
	"treadmill/upgrade/windows"
)

const text = `version: 1
policy:
  target: latest-1
  environments: [dev, staging, prod]
  soak: {prod: 14d}
  freezes: [{name: year end, from: 2026-12-14, to: 2027-01-08}, {name: sale, from: 2027-01-09, to: 2027-01-12}]
  windows: [{days: [Tue, Wed, Thu], from: "09:00", to: "16:00", timezone: Europe/Berlin}]
clusters:
- {name: dev, provider: eks, version: "1.35", group: g, environment: dev}
- {name: prod, provider: eks, version: "1.34", group: g, environment: prod, nodes: [{name: n, version: "1.33"}], slos: [pay]}
- {name: lag, provider: eks, version: "1.34", nodes: [{name: n, version: "1.31"}]}
- {name: new, provider: eks, version: "1.36"}
`

const past = `version: 1
campaigns:
- {cluster: dev, from: 1.34, to: 1.35, start: 2026-11-03T09:00:00Z, end: 2026-11-03T10:00:00Z}
- {cluster: new, from: 1.35, to: 1.36, start: 2026-11-20T09:00:00Z, end: 2026-11-20T10:00:00Z}
`

// tuesday is inside the window.
var tuesday = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

func input(t testing.TB, cluster string, now time.Time) gate.Input {
	t.Helper()
	table, err := windows.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	f, findings := fleet.Read("fleet.yaml", []byte(text), func(string) ([]byte, error) { return nil, errors.New("none") })
	findings = append(findings, f.Check(table, now)...)
	records, more := history.Read("past.yaml", []byte(past))
	if all := append(findings, more...); diag.Any(all, diag.Error) {
		t.Fatal(all)
	}
	in := gate.Input{
		Fleet:   f,
		Table:   table,
		Records: records,
		Now:     now,
		Budgets: []gate.Budget{{SLO: "pay", State: gate.Open, Reason: "enough"}},
	}
	for _, c := range f.Clusters {
		if c.Name.V == cluster {
			in.Cluster = c
		}
	}
	return in
}

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		name, cluster, now string
		change             func(*gate.Input)
		state              gate.State
		check, reason      string // of the one check that is not open; "" for none
		opens              string
	}{
		{name: "open", cluster: "prod", now: "2026-11-24T10:00:00Z", state: gate.Open, opens: "2026-11-24T11:00:00+01:00"},
		{name: "night", cluster: "prod", now: "2026-11-24T22:00:00Z", state: gate.Closed, check: "window",
			reason: "the next opens Wed 2026-11-25 09:00 CET", opens: "2026-11-25T09:00:00+01:00"},
		{name: "two freezes", cluster: "prod", now: "2026-12-15T10:00:00Z", state: gate.Closed, check: "freeze", reason: `"year end" freezes it from Mon 2026-12-14 00:00 CET until`, opens: "2027-01-13T09:00:00+01:00"},
		{name: "soak", cluster: "prod", now: "2026-11-12T10:00:00Z", state: gate.Closed, check: "soak",
			reason: "dev must have run 1.35 for 14 days", opens: "2026-11-17T09:00:00+01:00"},
		{name: "soak of what is not recorded", cluster: "prod", now: "2026-11-24T10:00:00Z",
			change: func(in *gate.Input) { in.Records = history.File{} },
			state:  gate.Unknown, check: "soak", reason: "since when dev runs 1.35 is not recorded"},
		{name: "before dev", cluster: "prod", now: "2026-11-24T10:00:00Z",
			change: func(in *gate.Input) { in.Fleet.Clusters[0].Version.V = upgrade.V1(34) },
			state:  gate.Closed, check: "soak", reason: "dev comes first, and dev runs 1.34"},
		{name: "nodes", cluster: "lag", now: "2026-11-24T10:00:00Z", state: gate.Closed, check: "skew",
			reason: "nodes run 1.31, and 3 minors behind the control plane is as far as they may be: bring them to 1.32 or newer first"},
		{name: "leap", cluster: "lag", now: "2026-11-24T10:00:00Z", change: func(in *gate.Input) { in.To = upgrade.V1(36) }, state: gate.Closed,
			check: "skew", reason: "it goes one minor at a time, to 1.35"},
		{name: "rollback", cluster: "new", now: "2026-11-24T10:00:00Z",
			change: func(in *gate.Input) { in.Fleet.Policy.Target.V = fleet.Target{} },
			state:  gate.Closed, check: "rollback", reason: "the hop of 2026-11-20 can be taken back for 7 days",
			opens: "2026-12-01T09:00:00+01:00"},
		{name: "target", cluster: "new", now: "2026-12-02T10:00:00Z", state: gate.Closed, check: "version",
			reason: "and the target latest-1 allows 1.37 only then", opens: "2027-01-26T09:00:00+01:00"},
		{name: "beyond the target", cluster: "prod", now: "2026-11-24T10:00:00Z",
			change: func(in *gate.Input) { in.Fleet.Policy.Target.V = fleet.Target{Fixed: upgrade.V1(34)} },
			state:  gate.Closed, check: "version", reason: "1.35 is beyond the target 1.34"},
		{name: "projected", cluster: "new", now: "2027-01-26T10:00:00Z", change: func(in *gate.Input) {
			in.Fleet.Policy.Target.V = fleet.Target{}
			in.Cluster.Version.V = upgrade.V1(37)
			in.Cluster.Nodes = nil
		},
			state: gate.Unknown, check: "version", reason: "1.38 was projected at eks for 2027-01-24, and whether it came is not known"},
		{name: "budget", cluster: "prod", now: "2026-11-24T10:00:00Z", change: func(in *gate.Input) {
			in.Budgets = []gate.Budget{{SLO: "pay", State: gate.Closed, Reason: "low", Opens: time.Date(2026, 12, 4, 9, 0, 0, 0, time.UTC)}}
		}, state: gate.Closed, check: "budget", reason: "low", opens: "2026-12-08T09:00:00+01:00"},
		{name: "exemption that ends before there is enough", cluster: "prod", now: "2026-11-24T22:00:00Z", change: func(in *gate.Input) {
			shut := []gate.Shut{{From: tuesday.Add(14 * time.Hour), To: time.Date(2026, 12, 2, 10, 30, 0, 0, time.UTC)}}
			in.Budgets = []gate.Budget{{SLO: "pay", State: gate.Open, Reason: "exempt", Shut: shut}}
		}, state: gate.Closed, check: "window", reason: "the next opens Wed 2026-11-25 09:00 CET", opens: "2026-12-02T11:30:00+01:00"},
		{name: "exemption after which there is never enough", cluster: "prod", now: "2026-11-24T22:00:00Z", change: func(in *gate.Input) {
			in.Budgets = []gate.Budget{{SLO: "pay", State: gate.Open, Reason: "exempt", Shut: []gate.Shut{{From: tuesday.Add(14 * time.Hour)}}}}
		}, state: gate.Closed, check: "window", reason: "the next opens Wed 2026-11-25 09:00 CET"},
		{name: "budget of which nothing is known", cluster: "prod", now: "2026-11-24T10:00:00Z",
			change: func(in *gate.Input) { in.Budgets = nil },
			state:  gate.Unknown, check: "budget", reason: "pay guards the cluster, and nothing is known of its budget"},
	} {
		t.Run(c.name, func(t *testing.T) {
			now, err := time.Parse(time.RFC3339, c.now)
			if err != nil {
				t.Fatal(err)
			}
			in := input(t, c.cluster, now)
			if c.change != nil {
				c.change(&in)
			}
			v := gate.Judge(in)
			opens := ""
			if !v.Opens.IsZero() {
				opens = v.Opens.Format(time.RFC3339)
			}
			if v.State != c.state || opens != c.opens {
				t.Errorf("%s, opens %s; want %s, %s\n%+v", v.State, opens, c.state, c.opens, v.Checks)
			}
			for _, k := range v.Checks {
				if k.State != gate.Open && (k.Name != c.check || !strings.Contains(k.Reason, c.reason)) {
					t.Errorf("%+v, want only %s: %s", k, c.check, c.reason)
				}
			}
		})
	}
}

// When the gate says when it opens, it is open then, if what it waits for has come.
func TestItOpensWhenItSays(t *testing.T) {
	for hour := 0; hour < 70*24; hour += 29 {
		in := input(t, "prod", tuesday.Add(time.Duration(hour)*time.Hour))
		v := gate.Judge(in)
		if v.Opens.IsZero() || v.Opens.Before(in.Now) || v.State == gate.Open && !v.Opens.Equal(in.Now) {
			t.Fatalf("%s: %+v", in.Now, v)
		}
		in.Now = v.Opens
		if again := gate.Judge(in); again.State != gate.Open {
			t.Fatalf("%s: %+v", in.Now, again)
		}
	}
}

// What freezes leave of an opening is an opening, where it is an hour or more: before one, between two and after one, as plans have it.
func TestAFreezeInsideAnOpening(t *testing.T) {
	at := func(clock string) time.Time {
		when, err := time.Parse(time.RFC3339, "2026-11-24T"+clock+":00+01:00")
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, c := range []struct {
		freezes string // of that Tuesday, which opens from 09:00 to 16:00
		now     string
		state   gate.State
		opens   string
	}{
		{"10:00-16:00", "09:00", gate.Open, "24 09:00"},
		{"10:00-16:00", "09:01", gate.Closed, "25 09:00"},
		{"08:00-15:00", "09:00", gate.Closed, "24 15:00"},
		{"08:00-15:01", "09:00", gate.Closed, "25 09:00"},
		{"08:00-11:00 12:00-16:00", "08:00", gate.Closed, "24 11:00"},
		{"08:00-11:00 11:59-16:00", "08:00", gate.Closed, "25 09:00"},
		{"12:00-13:00", "11:30", gate.Closed, "24 13:00"},
		{"", "15:30", gate.Open, "24 15:30"},
		{"15:45-17:00", "15:30", gate.Closed, "25 09:00"},
	} {
		freezes := ""
		for i, f := range strings.Fields(c.freezes) {
			from, to, _ := strings.Cut(f, "-")
			freezes += fmt.Sprintf("{name: f%d, from: %s, to: %s}, ", i, at(from).Format(time.RFC3339), at(to).Format(time.RFC3339))
		}
		in := input(t, "prod", at(c.now))
		changed := strings.Replace(text, "freezes: [", "freezes: ["+freezes, 1)
		f, _ := fleet.Read("fleet.yaml", []byte(changed), nil)
		if all := f.Check(in.Table, in.Now); diag.Any(all, diag.Error) {
			t.Fatal(all)
		}
		in.Fleet = f
		if v := gate.Judge(in); v.State != c.state || v.Opens.Format("02 15:04") != c.opens {
			t.Errorf("%q at %s: %s, opens %s; want %s, %s\n%+v", c.freezes, c.now, v.State, v.Opens, c.state, c.opens, v.Checks)
		}
	}
}

// A step of a plan is a time at which the gate is open, as far as it is about the calendar, and just before it is not.
func TestThePlanFitsTheGate(t *testing.T) {
	dir := filepath.FromSlash("../../testdata/example")
	data, err := os.ReadFile(filepath.Join(dir, "fleet.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	table, err := windows.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	f, _ := fleet.Read(filepath.Join(dir, "fleet.yaml"), data, os.ReadFile)
	now := tuesday.Add(-34 * time.Hour)
	f.Check(table, now)
	p := plan.Solve(context.Background(), f, table, plan.Options{Now: now, Effort: solver.Effort{Rounds: 20, Moves: 2, Seed: 1}})
	for _, c := range f.Clusters {
		in := gate.Input{Fleet: f, Table: table, Cluster: c, Plan: &p, Now: now}
		to := in.Next()
		for _, k := range p.Campaigns {
			if k.Cluster != c.Name.V || k.Steps[0].To != to {
				continue
			}
			in.To, in.Now = to, k.Start
			checkCalendar(t, gate.Judge(in), gate.Open)
			in.Now = k.Start.Add(-time.Minute)
			checkCalendar(t, gate.Judge(in), gate.Closed)
			break
		}
	}
}

func checkCalendar(t *testing.T, v gate.Verdict, want gate.State) {
	t.Helper()
	for _, c := range v.Checks {
		if c.Name == "plan" && c.State != want ||
			want == gate.Open && (c.Name == "freeze" || c.Name == "window" || c.Name == "skew") && c.State != gate.Open {
			t.Errorf("to %s: %+v, want %s", v.To, c, want)
		}
	}
}

func TestNodesOnlyAndOldPlans(t *testing.T) {
	in := input(t, "lag", tuesday)
	step := plan.Step{To: upgrade.V1(34), Nodes: true, Start: tuesday, End: tuesday.Add(time.Hour)}
	in.Plan = &plan.Plan{Now: tuesday, Campaigns: []plan.Campaign{{Cluster: "lag", From: step.To, To: step.To, Steps: []plan.Step{step}}}}
	if v := gate.Judge(in); v.State != gate.Open || v.To != upgrade.V1(34) {
		t.Errorf("nodes: %+v", v)
	}
	in.Now = tuesday.Add(2 * time.Hour)
	if v := gate.Judge(in); v.State != gate.Closed || !strings.Contains(fmt.Sprint(v.Checks[0]), "no hop of lag to 1.35: make a new plan") ||
		!v.Opens.IsZero() {
		t.Errorf("over: %+v", v)
	}
	in.To = upgrade.V1(34)
	if v := gate.Judge(in); v.State != gate.Closed || !strings.Contains(v.Checks[0].Reason, "which is over") {
		t.Errorf("over: %+v", v)
	}
}
