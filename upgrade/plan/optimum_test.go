package plan_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan"
)

// No plan by the rules costs less than the bound, no plan less than the best one, and what is said to be proven is the best.
func TestTheCertificateAgainstTryingEverything(t *testing.T) {
	table := embedded(t)
	var zones []*time.Location
	for _, name := range []string{"Asia/Tokyo", "America/Phoenix"} {
		z, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		zones = append(zones, z)
	}
	r := rand.New(rand.NewPCG(2026, 12))
	proven := 0
	const fleets = 500
	for i := range fleets {
		f := randomTiny(r, table, zones...)
		read, _ := fleet.Read("tiny.yaml", []byte(f.yaml()), nil)
		read.Check(table, f.now)
		if read.Broken || len(read.Clusters) != len(f.clusters) {
			continue // a version that is not out yet
		}
		p := plan.Solve(t.Context(), read, table, plan.Options{Now: f.now, Horizon: f.horizon})
		best := f.optimum()
		cost, bound := float64(p.Cost.Total)/1e6, float64(p.Bound)/1e6
		if cost < best-1e-3 || bound > best+1e-3 || p.Proven && cost > best+1e-3 {
			t.Errorf("fleet %d: the best plan costs %.4f, got %.4f, bound %.4f, proven %v; now %s, horizon %s\n%s", i, best, cost, bound, p.Proven,
				f.now.Format(time.RFC3339), f.horizon.Format(time.RFC3339), f.yaml())
			return
		}
		if p.Proven {
			proven++
		}
	}
	t.Logf("%d of %d are proven", proven, fleets)
	if proven < fleets*8/10 {
		t.Errorf("only %d of %d are proven", proven, fleets)
	}
}
