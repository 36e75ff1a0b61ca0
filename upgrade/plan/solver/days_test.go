package solver_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"treadmill/upgrade/plan/solver"
)

// smallDated draws a problem that can be solved by trying everything, and in which days matter: a week has up to three openings on its first
// three days.
func smallDated(t *rapid.T) *solver.Problem {
	p := small(t)
	apart := rapid.SampledFrom([]int{0, 7}).Draw(t, "apart")
	for i := range p.Classes {
		c := &p.Classes[i]
		c.Apart, c.Rest, c.Spacing, c.First = apart, 1, apart/7, nil
		openings := 0
		for w := range p.Weeks {
			var days []int
			for d := range 3 {
				if rapid.Bool().Draw(t, "opening") {
					days = append(days, 7*w+d)
				}
			}
			c.Days, c.First, c.Open[w] = append(c.Days, days), append(c.First, int32(openings)), len(days)
			openings += len(days)
		}
		for v := range c.Wait {
			c.Wait[v] = make([]float64, openings)
			for w, days := range c.Days {
				sum := 0.0
				for k := range days {
					sum += float64(rapid.IntRange(0, 6).Draw(t, "wait"))
					c.Wait[v][int(c.First[w])+k] = sum
				}
			}
		}
	}
	for i := range p.Clusters {
		c := &p.Clusters[i]
		c.SoakDays = rapid.IntRange(0, 12).Draw(t, "soak days")
		c.Soak = (max(0, c.SoakDays-2) + 6) / 7
	}
	return p
}

// dated is what schedules cost more than by weeks alone when every hop takes the first opening that it may, without the solver's code; false when one
// has none.
func dated(p *solver.Problem, schedules []solver.Schedule) (more float64, ok bool) {
	day := make([]map[int]int, len(p.Clusters)) // [cluster][version]
	for i, s := range schedules {
		c := p.Clusters[i]
		class := p.Classes[c.Class]
		day[i] = map[int]int{}
		soonest := -1
		for _, k := range s {
			for h := range k.To - k.From {
				v, w, least := k.From+h+1, k.Week+h*class.Spacing, 0
				if class.Spacing == 0 {
					least = h
				}
				from := soonest
				for _, l := range c.After {
					if v > p.Clusters[l].Start {
						at, known := day[l][v]
						if !known {
							return 0, false
						}
						from = max(from, at+c.SoakDays)
					}
				}
				at := slices.IndexFunc(class.Days[w], func(d int) bool { return d >= from })
				if at < 0 || least >= len(class.Days[w]) {
					return 0, false
				}
				day[i][v] = class.Days[w][at]
				soonest = max(day[i][v]+1, day[i][v]+class.Apart)
				more += class.Wait[v-1][int(class.First[w])+at] - class.Wait[v-1][int(class.First[w])+least]
			}
		}
	}
	return more, true
}

// Where days matter too, the bound is no more than the cheapest plan of all, and the cost is what the schedules cost by their days.
func TestBoundOptimumAndCostAreInOrderByDays(t *testing.T) {
	proved := 0
	rapid.Check(t, func(t *rapid.T) {
		p := smallDated(t)
		s := solver.Solve(context.Background(), p, solver.Effort{Rounds: 50, Moves: 5, Nodes: 60, Seed: 1})
		if v := violation(p, s); v != "" {
			t.Fatal(v)
		}
		cost, ok := dated(p, s.Schedules)
		if !ok {
			return // a search without room may leave a hop without an opening; placement ends there
		}
		for i, x := range s.Schedules {
			cost += p.Cost(i, x)
		}
		if math.Abs(cost-s.Cost) > 1e-6 {
			t.Fatalf("cost %v, the schedules cost %v", s.Cost, cost)
		}
		best := optimum(p, func(pick []solver.Schedule) (float64, bool) { return dated(p, pick) })
		if s.Bound > best+1e-6 || best > s.Cost+1e-6 {
			t.Fatalf("bound %v, optimum %v, cost %v are out of order", s.Bound, best, s.Cost)
		}
		if s.Gap() < 1e-9 {
			proved++
		}
	})
	if proved == 0 {
		t.Error("no problem was solved to proof")
	}
}
