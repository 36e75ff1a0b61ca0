package relax

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan/model"
	"treadmill/upgrade/plan/place"
	"treadmill/upgrade/plan/solver"
	"treadmill/upgrade/windows"
)

// hopelessFleet is a group of three environments that begins about the end of support, with freezes, soaks, little capacity and nodes
// that lag.
func hopelessFleet(r *rand.Rand) string {
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	var b strings.Builder
	fmt.Fprintf(&b, "version: 1\npolicy:\n  target: %s\n  environments: [dev, staging, prod]\n  soak: {staging: %dd, prod: %dd}\n",
		pick("latest", "latest-1", "supported"), r.IntN(15), r.IntN(22))
	fmt.Fprintf(&b, "  capacity: {perTeamPerWeek: %d}\n  extendedSupport: {allowed: %s}\n  costs: {campaign: 1, hop: 1, unsupportedDay: 1000}\n", r.IntN(3), pick("true", "false"))
	fmt.Fprintf(&b, "  freezes: [{name: z, from: 2026-12-0%d, to: 2026-12-%d%s}]\n", 1+r.IntN(9), 10+r.IntN(20),
		pick("", ", clusters: {environment: dev}", ", clusters: {environment: prod}"))
	fmt.Fprintf(&b, "  windows: [{days: [%s], from: \"09:00\", to: \"16:00\", timezone: UTC}]\nclusters:\n", pick("Mon", "Tue, Thu", "Fri"))
	provider := pick("eks", "gke", "aks", "upstream", "openshift")
	for _, environment := range []string{"dev", "staging", "prod"} {
		version := 32 + r.IntN(3)
		fmt.Fprintf(&b, "  - {name: %s, provider: %s, version: \"1.%d\", environment: %s, group: g, team: %s, nodes: [{name: n, version: \"1.%d\"}]}\n",
			environment, provider, version, environment, pick("a", "b"), version-r.IntN(3))
	}
	return b.String()
}

// What is called hopeless is out of support for too long in every plan: a day out of support weighs more than all work, so that the plan
// shows what is possible.
func TestHopelessRulesNoPlanOut(t *testing.T) {
	table, err := windows.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	r := rand.New(rand.NewPCG(3, 14))
	late, found := 0, 0
	for range 300 {
		text := hopelessFleet(r)
		f, _ := fleet.Read("fleet.yaml", []byte(text), nil)
		f.Check(table, now)
		p := model.NewProblem(f, table, model.Input{Now: now, Horizon: now.AddDate(0, 9, 0)})
		hopes := map[*model.Unit]bool{}
		for _, u := range p.Units {
			hopes[u] = !hopeless(p, u)
		}
		place.Solve(t.Context(), p, solver.Effort{Rounds: 40, Moves: 10, Seed: 1})
		for u, hope := range hopes {
			out := lateness(p, u)
			if out.From < out.To && out.Version == u.At {
				late++
			}
			if !hope {
				found++
			}
			if !hope && (out.From >= out.To || out.Version != u.At) {
				t.Errorf("%s is called hopeless and is in support at its version, or leaves it in time\n%s", u.Cluster.Name.V, text)
			}
		}
	}
	if t.Logf("%d of %d clusters that stay too long are recognised", found, late); found < late/2 {
		t.Errorf("only %d of %d clusters that stay too long are recognised", found, late)
	}
}
