package solver_test

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"treadmill/upgrade/plan/solver"
)

// violation restates the rules without the solver's code: the first one that a solution breaks, "" for none.
func violation(p *solver.Problem, s solver.Solution) string {
	used := make([][]int, len(p.Capacity))
	for t := range used {
		used[t] = make([]int, p.Weeks)
	}
	reach := make([][]int, len(p.Clusters)) // [cluster][version]
	for i, sched := range s.Schedules {
		c := p.Clusters[i]
		class := p.Classes[c.Class]
		reach[i] = make([]int, len(class.Avail))
		for v := range reach[i] {
			if v > c.Start {
				reach[i][v] = p.Weeks
			}
		}
		version, free := c.Start, 0
		for _, k := range sched {
			if k.From != version || k.To <= k.From || k.To-k.From > class.MaxHops[k.From] || k.Week < free {
				return fmt.Sprintf("cluster %d: campaign %v does not follow", i, k)
			}
			for v := k.From + 1; v <= k.To; v++ {
				w := k.Week + (v-k.From-1)*class.Spacing
				if w >= p.Weeks || class.Open[w] == 0 || class.Spacing == 0 && class.Open[w] < k.To-k.From || w < class.Avail[v] {
					return fmt.Sprintf("cluster %d: hop to %d in week %d", i, v, w)
				}
				used[class.Team][w]++
				reach[i][v] = w
				free = w + class.Rest
			}
			version = k.To
		}
	}
	for t := range used {
		for w, n := range used[t] {
			if n > p.Capacity[t][w] {
				return fmt.Sprintf("team %d does %d hops in week %d", t, n, w)
			}
		}
	}
	for i, sched := range s.Schedules {
		for _, before := range p.Clusters[i].After {
			for _, k := range sched {
				for v := k.From + 1; v <= k.To; v++ {
					if p.Clusters[before].Start < v && (v >= len(reach[before]) || reach[before][v]+p.Clusters[i].Soak > reach[i][v]) {
						return fmt.Sprintf("cluster %d: %v is before cluster %d had %d for %d weeks", i, k, before, v, p.Clusters[i].Soak)
					}
				}
			}
		}
	}
	return ""
}

// small draws a problem that can be solved by trying everything.
func small(t *rapid.T) *solver.Problem {
	p := &solver.Problem{Weeks: rapid.IntRange(1, 7).Draw(t, "weeks"), Campaign: 10, Hop: 3, Capacity: make([][]int, 2)}
	for i := range p.Capacity {
		p.Capacity[i] = rapid.SliceOfN(rapid.IntRange(0, 3), p.Weeks, p.Weeks).Draw(t, "capacity")
	}
	for range rapid.IntRange(1, 2).Draw(t, "classes") {
		n := rapid.IntRange(1, 4).Draw(t, "versions")
		c := solver.Class{Team: rapid.IntRange(0, 1).Draw(t, "team"), Rest: rapid.IntRange(1, 2).Draw(t, "rest"), Spacing: rapid.IntRange(0, 1).Draw(t, "spacing"),
			Open: rapid.SliceOfN(rapid.IntRange(0, 3), p.Weeks, p.Weeks).Draw(t, "open"), MaxHops: rapid.SliceOfN(rapid.IntRange(1, 3), n, n).Draw(t, "most")}
		for w := range p.Weeks {
			c.First = append(c.First, int32(3*w))
		}
		at := 0
		for range n {
			at += rapid.IntRange(0, 2).Draw(t, "wait")
			c.Avail = append(c.Avail, at)
			hold := rapid.SliceOfN(rapid.IntRange(0, 9), p.Weeks, p.Weeks).Draw(t, "hold")
			row := make([]float64, p.Weeks)
			for w, h := range hold {
				row[w] = float64(h)
			}
			c.Hold = append(c.Hold, row)
			wait := make([]float64, 3*p.Weeks)
			for w := range wait {
				wait[w] = float64(rapid.IntRange(0, 3).Draw(t, "wait"))
			}
			c.Wait = append(c.Wait, wait)
			c.End = append(c.End, float64(rapid.IntRange(0, 40).Draw(t, "end")))
		}
		p.Classes = append(p.Classes, c)
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "clusters") {
		c := solver.Cluster{Class: rapid.IntRange(0, len(p.Classes)-1).Draw(t, "class"), Soak: rapid.IntRange(0, 2).Draw(t, "soak")}
		c.Start = rapid.IntRange(0, min(1, len(p.Classes[c.Class].Avail)-1)).Draw(t, "start")
		if i > 0 && rapid.Bool().Draw(t, "waits") {
			c.After = []int{i - 1}
		}
		if i > 0 && rapid.Bool().Draw(t, "twin") {
			c = p.Clusters[i-1]
		}
		if i == 2 && rapid.Bool().Draw(t, "waits for both") {
			c.After = []int{0, 1}
		}
		p.Clusters = append(p.Clusters, c)
	}
	return p
}

// optimum tries every combination of schedules; more is what one costs beside its weeks, false when it cannot be.
func optimum(p *solver.Problem, more func([]solver.Schedule) (float64, bool)) float64 {
	best := math.Inf(1)
	choices := make([][]solver.Schedule, len(p.Clusters))
	for i, c := range p.Clusters {
		var grow func(s solver.Schedule, version, week int)
		grow = func(s solver.Schedule, version, week int) {
			choices[i] = append(choices[i], append(solver.Schedule{}, s...))
			for w := week; w < p.Weeks; w++ {
				for to := version + 1; to < len(p.Classes[c.Class].Avail); to++ {
					grow(append(s, solver.Campaign{Week: w, From: version, To: to}), to, w+1)
				}
			}
		}
		grow(nil, c.Start, 0)
		kept := choices[i][:0]
		for _, s := range choices[i] {
			alone := *p
			alone.Clusters = []solver.Cluster{{Class: c.Class, Start: c.Start}}
			if violation(&alone, solver.Solution{Schedules: []solver.Schedule{s}}) == "" {
				kept = append(kept, s)
			}
		}
		choices[i] = kept
	}
	pick := make([]solver.Schedule, len(p.Clusters))
	var try func(i int, cost float64)
	try = func(i int, cost float64) {
		if cost >= best {
			return
		}
		if i == len(pick) {
			if violation(p, solver.Solution{Schedules: pick}) == "" {
				if x, ok := more(pick); ok {
					best = min(best, cost+x)
				}
			}
			return
		}
		for _, s := range choices[i] {
			pick[i] = s
			try(i+1, cost+p.Cost(i, s))
		}
	}
	try(0, 0)
	return best
}

func TestBoundOptimumAndCostAreInOrder(t *testing.T) {
	proved := 0
	rapid.Check(t, func(t *rapid.T) {
		p := small(t)
		s := solver.Solve(context.Background(), p, solver.Effort{Rounds: 50, Moves: 5, Nodes: 60, Seed: 1})
		if v := violation(p, s); v != "" {
			t.Fatal(v)
		}
		cost := 0.0
		for i, x := range s.Schedules {
			cost += p.Cost(i, x)
		}
		if math.Abs(cost-s.Cost) > 1e-6 {
			t.Fatalf("cost %v, the schedules cost %v", s.Cost, cost)
		}
		best := optimum(p, func([]solver.Schedule) (float64, bool) { return 0, true })
		if s.Bound > best+1e-6 || best > s.Cost+1e-6 {
			t.Fatalf("bound %v, optimum %v, cost %v are out of order", s.Bound, best, s.Cost)
		}
		if s := solver.Solve(context.Background(), p, solver.Effort{Rounds: 50, Seed: 1}); s.Bound > best+1e-6 {
			t.Fatalf("bound %v without a proof is above the optimum %v", s.Bound, best)
		}
		if s.Gap() < 1e-9 {
			proved++
		}
	})
	if proved == 0 {
		t.Error("no problem was solved to proof")
	}
}

func TestGeneratedFleets(t *testing.T) {
	for _, size := range []int{1, 10, 100, 1000} {
		for _, factor := range []float64{0.2, 1.5, 3} {
			p := generate(size, factor, uint64(size))
			e := solver.Effort{Rounds: 30, Moves: 1, Seed: 7}
			s := solver.Solve(context.Background(), p, e)
			if v := violation(p, s); v != "" {
				t.Errorf("%d clusters at %v: %s", size, factor, v)
			}
			if s.Bound <= 0 || s.Bound > s.Cost {
				t.Errorf("%d clusters at %v: bound %v, cost %v", size, factor, s.Bound, s.Cost)
			}
			if again := solver.Solve(context.Background(), p, e); !reflect.DeepEqual(again, s) {
				t.Errorf("%d clusters at %v: two runs differ", size, factor)
			}
		}
	}
}

func TestCancelledSolveStillReturnsAPlan(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	p := generate(100, 1.5, 1)
	s := solver.Solve(ctx, p, solver.Effort{Rounds: 10, Moves: 100, Nodes: 100, Seed: 1})
	if v := violation(p, s); v != "" {
		t.Error(v)
	}
	if s.Bound <= 0 || s.Bound > s.Cost {
		t.Errorf("bound %v, cost %v", s.Bound, s.Cost)
	}
}

// A wide chain, as one lab before some pilots before many stores makes it, is bound and scheduled well, and in no time that
// grows with how many wait for how many.
func TestWideChains(t *testing.T) {
	p := generate(3, 100, 1)
	stores := p.Clusters[2]
	p.Clusters = []solver.Cluster{{Class: p.Clusters[0].Class, Start: stores.Start}}
	for range 30 {
		p.Clusters = append(p.Clusters, solver.Cluster{Class: stores.Class, Start: stores.Start, After: []int{0}, Soak: 1})
	}
	pilots := make([]int, 30)
	for i := range pilots {
		pilots[i] = i + 1
	}
	for range 600 {
		p.Clusters = append(p.Clusters, solver.Cluster{Class: stores.Class, Start: stores.Start, After: pilots, Soak: 2})
	}
	for team := range p.Capacity {
		for w := range p.Capacity[team] {
			p.Capacity[team][w] = 150
		}
	}
	s := solver.Solve(context.Background(), p, solver.Usual(len(p.Clusters)))
	if v := violation(p, s); v != "" {
		t.Error(v)
	}
	if s.Gap() > 0.05 {
		t.Errorf("cost %v, bound %v, gap %v", s.Cost, s.Bound, s.Gap())
	}
}
