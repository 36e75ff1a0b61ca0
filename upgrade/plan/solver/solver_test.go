package solver_test

import (
	"context"
	"fmt"
	"reflect"
	"testing"

	"treadmill/upgrade/plan/solver"
)

// violation restates the rules without the solver's code: the first one that a solution breaks, "" for none.
func violation(p *solver.Problem, s solver.Solution) string {
	used := map[[2]int]int{}
	for i, sched := range s.Schedules {
		cl := p.Clusters[i]
		c := p.Classes[cl.Class]
		v, next := cl.Start, int32(cl.Begin)
		for _, k := range sched {
			for v < k.From && c.Forced[v] {
				v++
			}
			if k.From != v || k.Hops > c.MaxHops[v] {
				return fmt.Sprintf("cluster %d: campaign %v does not follow", i, k)
			}
			for h := range max(1, k.Hops) {
				t := k.Ticks[h]
				if t < next || h > 0 && t >= c.Limit[k.Ticks[0]] || k.Hops > 0 && t < c.From[v+1] {
					return fmt.Sprintf("cluster %d: step %d of %v is at a wrong time", i, h, k)
				}
				if next = c.Free[t]; k.Hops > 0 {
					v, next = v+1, c.Next[t]
					for _, before := range cl.After {
						if at, ok := comes(p, before, s.Schedules[before], v); v > p.Clusters[before].Start && (!ok || at+cl.Soak > c.Day[t]) {
							return fmt.Sprintf("cluster %d goes to %d before %d had it for %d days", i, v, before, cl.Soak)
						}
					}
				}
				used[[2]int{cl.Team, int(c.Week[t])}]++
			}
		}
	}
	for key, n := range used {
		if n > p.Capacity[key[0]][key[1]] {
			return fmt.Sprintf("team %d does %d steps in week %d", key[0], n, key[1])
		}
	}
	return crowding(p, s)
}

// crowding finds a moment at which too many clusters of a crowd are worked on.
func crowding(p *solver.Problem, s solver.Solution) string {
	for k, crowd := range p.Crowds {
		type stretch struct {
			from, to int64
			cluster  int
		}
		var all []stretch
		for _, i := range crowd.Clusters {
			c := p.Classes[p.Clusters[i].Class]
			for _, x := range s.Schedules[i] {
				for h := range max(1, x.Hops) {
					t := x.Ticks[h]
					at := stretch{c.Begin[t], c.End[t], i}
					if crowd.ByDay {
						at = stretch{int64(c.Day[t]), int64(c.Day[t]) + 1, i}
					}
					all = append(all, at)
				}
			}
		}
		for _, at := range all {
			together := map[int]bool{}
			for _, x := range all {
				if x.from <= at.from && at.from < x.to {
					together[x.cluster] = true
				}
			}
			if len(together) > crowd.Most {
				return fmt.Sprintf("%d clusters of crowd %d are worked on at once", len(together), k)
			}
		}
	}
	return ""
}

func TestGeneratedFleets(t *testing.T) {
	for _, size := range []int{1, 10, 40, 300} {
		for _, factor := range []float64{0.2, 1.5, 3} {
			p := generate(size, factor, uint64(size))
			if size == 40 {
				for i := range p.Clusters {
					p.Crowds = append(p.Crowds, solver.Crowd{Clusters: []int{i, (i + 7) % size, (i + 20) % size}, Most: 1 + i%2, ByDay: i%3 == 0})
				}
			}
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
	p.Clusters = []solver.Cluster{{Class: p.Clusters[0].Class, Start: stores.Start, Came: -1}}
	for range 30 {
		p.Clusters = append(p.Clusters, solver.Cluster{Class: stores.Class, Start: stores.Start, After: []int{0}, Soak: 7, Came: -1})
	}
	pilots := make([]int, 30)
	for i := range pilots {
		pilots[i] = i + 1
	}
	for range 600 {
		p.Clusters = append(p.Clusters, solver.Cluster{Class: stores.Class, Start: stores.Start, After: pilots, Soak: 14, Came: -1})
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
