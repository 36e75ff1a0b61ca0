package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"treadmill/internal/diag"
	"treadmill/upgrade/plan"
	"treadmill/upgrade/plan/solver"
	"treadmill/upgrade/plan/verify"
	"treadmill/upgrade/windows"
)

// atTheWorst is the table as it will read when every date that is not sure comes at its worst case: versions late, ends of support early.
func atTheWorst(t testing.TB, table windows.Table) windows.Table {
	t.Helper()
	out := table
	for _, p := range table.Providers() {
		var b strings.Builder
		fmt.Fprintf(&b, "version: 1\nprovider: %s\nsources: {edge: {title: the worst case, read: 2026-11-23}}\ndates:\n", p.Name)
		row := func(w windows.Window, milestone string, d windows.Date, at windows.Day) {
			if !d.IsZero() && (d.Early > 0 || d.Late > 0) {
				fmt.Fprintf(&b, "  - {minor: %s, milestone: %s, date: %s, status: planned, source: edge}\n", w.Minor, milestone, at)
			}
		}
		for _, w := range table.Windows(p.Name) {
			row(w, "available", w.Available, w.Available.Latest())
			row(w, "standard", w.StandardEnd, w.StandardEnd.Earliest())
			row(w, "extended", w.ExtendedEnd, w.ExtendedEnd.Earliest())
			for _, m := range w.Others {
				if slices.ContainsFunc(p.Channels, func(c windows.Channel) bool { return c.Name == m.Name }) {
					row(w, m.Name, m.Date, m.Date.Latest())
				}
			}
		}
		if strings.HasSuffix(b.String(), "dates:\n") {
			continue
		}
		over, findings := windows.Read(p.Name+".yaml", []byte(b.String()))
		if diag.Any(findings, diag.Error) {
			t.Fatalf("%v\n%s", findings, b.String())
		}
		out = out.Merge(over)
	}
	return out
}

// A plan that was made for the late edge is still one, to the cent, when all dates come at that edge; one that was not is not.
func TestLatePlansHoldAtTheBadEdge(t *testing.T) {
	table := embedded(t)
	edge := atTheWorst(t, table)
	f := exampleFleet(t, table)
	for _, late := range []bool{true, false} {
		p := plan.Solve(t.Context(), f, table, plan.Options{Now: today, Late: late})
		if broken := verify.Check(f, edge, p, plan.Options{Now: today}); (len(broken) == 0) != late {
			t.Errorf("late %v: %v", late, broken)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		policy, clusters := randomFleet(t)
		f := readFleet(t, table, "fleet.yaml", policy+strings.Join(clusters, ""))
		p := plan.Solve(t.Context(), f, table, plan.Options{Now: today, Late: true, Effort: solver.Effort{Rounds: 10, Moves: 1, Seed: 1}})
		for _, x := range verify.Check(f, edge, p, plan.Options{Now: today}) {
			t.Errorf("%s", x)
		}
	})
}
