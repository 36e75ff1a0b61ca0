package plan_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"treadmill/upgrade"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan"
	"treadmill/upgrade/plan/solver"
	"treadmill/upgrade/plan/verify"
)

// stored is a plan as it comes back from a file.
func stored(t fataler, p plan.Plan) *plan.Plan {
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatalf("%v", err)
	}
	var out plan.Plan
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatalf("%v", err)
	}
	return &out
}

// steps are the campaigns of a plan by cluster and start, with their openings.
func steps(p plan.Plan) map[string]string {
	out := map[string]string{}
	for _, c := range p.Campaigns {
		text := c.From.String()
		for _, s := range c.Steps {
			text += " " + s.To.String() + "@" + s.Start.UTC().Format(time.RFC3339)
		}
		out[c.Cluster+" "+c.Start.UTC().Format(time.RFC3339)] = text
	}
	return out
}

func TestAnEarlierPlanStays(t *testing.T) {
	table := embedded(t)
	rapid.Check(t, func(t *rapid.T) {
		policy, clusters := randomFleet(t)
		text := policy + strings.Join(clusters, "")
		o := plan.Options{Now: today, Effort: solver.Effort{Rounds: 20, Moves: 2, Seed: 1}, Late: rapid.Bool().Draw(t, "late")}
		f := readFleet(t, table, "fleet.yaml", text)
		first := plan.Solve(t.Context(), f, table, o)
		for i := range first.Campaigns {
			first.Campaigns[i].Approved = rapid.Bool().Draw(t, "approved")
		}
		o.From = stored(t, first)

		same := plan.Solve(t.Context(), f, table, o)
		for _, x := range verify.Check(f, table, same, o) {
			t.Errorf("%s", x)
		}
		a, b := steps(first), steps(same)
		for _, c := range first.Campaigns {
			if key := c.Cluster + " " + c.Start.UTC().Format(time.RFC3339); c.Approved && a[key] != b[key] {
				t.Errorf("%s was approved and moved, though nothing changed: %s, now %s", key, a[key], b[key])
			}
		}
		if len(same.Moved) > 0 || same.Cost.Total > first.Cost.Total {
			t.Errorf("moved %v, cost %s after %s", same.Moved, same.Cost.Total, first.Cost.Total)
		}
		if again := plan.Solve(t.Context(), f, table, o); !bytes.Equal(machine(t, same), machine(t, again)) {
			t.Errorf("two runs from one plan differ")
		}

		// A freeze comes up: what it hits moves, and says why; what it neither hits nor delays stays. Where a campaign that lasts into it
		// moves, so does what waits for it.
		from := today.AddDate(0, 0, rapid.IntRange(0, 200).Draw(t, "freeze"))
		to := from.AddDate(0, 0, rapid.IntRange(1, 60).Draw(t, "days"))
		g := withFreeze(t, text, from, to)
		moved := plan.Solve(t.Context(), readFleet(t, table, "fleet.yaml", g), table, o)
		for _, x := range verify.Check(readFleet(t, table, "fleet.yaml", g), table, moved, o) {
			t.Errorf("%s", x)
		}
		said := map[string]string{}
		for _, m := range moved.Moved {
			said[m.Cluster+" "+m.Was.UTC().Format(time.RFC3339)] = m.Why
		}
		now := steps(moved)
		for _, c := range first.Campaigns {
			key := c.Cluster + " " + c.Start.UTC().Format(time.RFC3339)
			if c.Approved && now[key] != a[key] && said[key] == "" {
				t.Errorf("%s moved without a reason", key)
			}
			if c.Approved && now[key] != a[key] && c.End.Before(from.AddDate(0, 0, -1)) && !strings.Contains(said[key], "does not run") {
				t.Errorf("%s moved, though it is over before the freeze of %s", key, from)
			}
		}
		if t.Failed() {
			t.Logf("%s\n%s – %s\n%s\n%s", text, from, to, machine(t, first), machine(t, moved))
		}
	})
}

func withFreeze(t fataler, text string, from, to time.Time) string {
	line := "{name: new, from: " + from.Format(time.DateOnly) + ", to: " + to.Format(time.DateOnly) + "}"
	if strings.Contains(text, "freezes: [") {
		return strings.Replace(text, "freezes: [", "freezes: ["+line+", ", 1)
	}
	return strings.Replace(text, "policy:\n", "policy:\n  freezes: ["+line+"]\n", 1)
}

// What clusters have done since is left out, and hops that are left of a campaign stay.
func TestAnEarlierPlanGoesOn(t *testing.T) {
	table := embedded(t)
	f := exampleFleet(t, table)
	o := plan.Options{Now: today, Horizon: plan.DefaultHorizon(today)}
	first := plan.Solve(t.Context(), f, table, o)
	first.Approve(today.AddDate(1, 0, 0), "anna")
	i := slices.IndexFunc(first.Campaigns, func(c plan.Campaign) bool { return c.Cluster == "pay-dev" && len(c.Hops) > 1 })
	if i < 0 {
		t.Fatal("pay-dev has no campaign of several hops")
	}
	began := first.Campaigns[i]
	o.Now = began.Steps[0].End.Add(time.Hour)
	o.From = stored(t, first)
	for i := range f.Clusters {
		if f.Clusters[i].Name.V == began.Cluster {
			behind := fleet.NodePool{}
			behind.Version.V = f.Clusters[i].OldestNode()
			f.Clusters[i].Nodes = []fleet.NodePool{behind}
			f.Clusters[i].Version.V = began.Hops[0]
		}
	}
	p := plan.Solve(t.Context(), f, table, o)
	for _, x := range verify.Check(f, table, p, o) {
		t.Error(x)
	}
	for _, c := range p.Campaigns {
		if c.Cluster == began.Cluster {
			if !c.Steps[0].Start.Equal(began.Steps[1].Start) || c.To != began.To || !c.Approved {
				t.Errorf("the rest of the campaign is %+v", c)
			}
			return
		}
	}
	t.Error("the rest of the campaign is gone")
}

// An approved campaign whose time has passed goes to the nearest opening and stays approved, whatever else would be cheaper; where another
// that stays has that opening and may not be worked on at once, to the one after it.
func TestAnApprovedCampaignSlipsToTheNearestOpening(t *testing.T) {
	table := embedded(t)
	policy := "version: 1\npolicy: {target: latest, apart: [[a, b]], windows: [{days: [Tue, Thu], from: \"09:00\", to: \"12:00\", timezone: UTC}]}\nclusters:\n"
	f := readFleet(t, table, "fleet.yaml", policy+"- {name: a, provider: upstream, version: \"1.36\"}\n- {name: b, provider: upstream, version: \"1.36\"}\n")
	opening := func(day int) plan.Step {
		return plan.Step{To: upgrade.V1(37), Nodes: true, Start: time.Date(2026, 12, day, 9, 0, 0, 0, time.UTC),
			End: time.Date(2026, 12, day, 12, 0, 0, 0, time.UTC)}
	}
	campaign := func(cluster string, day int) plan.Campaign {
		s := opening(day)
		return plan.Campaign{Cluster: cluster, From: upgrade.V1(36), To: upgrade.V1(37), Hops: []upgrade.Minor{upgrade.V1(37)},
			Steps: []plan.Step{s}, Start: s.Start, End: s.End, Approved: true}
	}
	o := plan.Options{Now: time.Date(2026, 12, 2, 0, 0, 0, 0, time.UTC),
		From: &plan.Plan{Version: 1, Campaigns: []plan.Campaign{campaign("a", 1), campaign("b", 3)}}}
	p := plan.Solve(t.Context(), f, table, o)
	for _, x := range verify.Check(f, table, p, o) {
		t.Error(x)
	}
	first := map[string]plan.Campaign{}
	for _, c := range slices.Backward(p.Campaigns) {
		first[c.Cluster] = c
	}
	if a := first["a"]; !a.Start.Equal(opening(8).Start) || !a.Approved {
		t.Errorf("a: %v, approved %v", a.Start, a.Approved)
	}
	if b := first["b"]; !b.Start.Equal(opening(3).Start) || !b.Approved {
		t.Errorf("b: %v, approved %v", b.Start, b.Approved)
	}
	if len(p.Moved) != 1 || !p.Moved[0].Is.Equal(opening(8).Start) || p.Moved[0].Why != "its time has passed" {
		t.Errorf("%+v", p.Moved)
	}
}

// An approval that does not count keeps no campaign where it was: one whose time has passed is planned anew, without a word of a move, as
// one that nobody approved.
func TestAnApprovalThatDoesNotCountKeepsNothing(t *testing.T) {
	table := embedded(t)
	f := readFleet(t, table, "fleet.yaml", "version: 1\npolicy:\n  target: latest\n"+
		"  windows: [{days: [Tue, Thu], from: \"09:00\", to: \"12:00\", timezone: UTC}]\n"+
		"clusters:\n- {name: a, provider: upstream, version: \"1.36\"}\n")
	step := plan.Step{To: upgrade.V1(37), Nodes: true, Start: time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC),
		End: time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)}
	now := time.Date(2026, 12, 2, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name  string
		a     plan.Approval
		moved int
	}{
		{"by somebody", plan.Approval{By: "anna", On: now.AddDate(0, 0, -1)}, 1},
		{"by nobody", plan.Approval{On: now.AddDate(0, 0, -1)}, 0},
		{"in the future", plan.Approval{By: "anna", On: now.AddDate(0, 0, 7)}, 0},
	} {
		own := plan.Plan{Version: 1, Campaigns: []plan.Campaign{{Cluster: "a", From: upgrade.V1(36), To: upgrade.V1(37),
			Hops: []upgrade.Minor{upgrade.V1(37)}, Steps: []plan.Step{step}, Start: step.Start, End: step.End, Approved: true, Approval: &c.a}}}
		stage := own
		stage.Campaigns = slices.Clone(own.Campaigns)
		stage.Campaigns[0].Approved, stage.Campaigns[0].Approval, stage.Campaigns[0].Environment = false, nil, "prod"
		stage.Approvals = []plan.StageApproval{{Environment: "prod", Approval: c.a}}
		for _, from := range []*plan.Plan{&own, &stage} {
			p := plan.Solve(t.Context(), f, table, plan.Options{Now: now, From: from})
			if len(p.Moved) != c.moved || len(p.Campaigns) == 0 {
				t.Errorf("%s: %d campaigns, moved %+v", c.name, len(p.Campaigns), p.Moved)
			}
		}
	}
}
