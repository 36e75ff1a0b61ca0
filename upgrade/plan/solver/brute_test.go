package solver_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"treadmill/upgrade/plan/solver"
)

// brute tries every schedule of a problem and returns the least cost; it follows the words of the types and nothing of the search.
type brute struct {
	p    *solver.Problem
	all  [][]solver.Schedule // [cluster]
	best float64
}

// schedules lists all schedules of a cluster.
func schedules(p *solver.Problem, cluster int) []solver.Schedule {
	cl := p.Clusters[cluster]
	c := p.Classes[cl.Class]
	n := int32(len(c.Day))
	var out []solver.Schedule
	var add func(s solver.Schedule, v int, from, came int32, fresh bool)
	add = func(s solver.Schedule, v int, from, came int32, fresh bool) {
		out = append(out, append(solver.Schedule{}, s...))
		for v+1 < len(c.Stay) {
			end := n // who came before the provider acts is gone then
			if c.Forced[v] && came < c.Until[v] {
				end = c.Until[v]
			}
			for t := from; t < end; t++ {
				most := c.MaxHops[v]
				if !fresh {
					most = min(most, cl.First)
					if free := c.Free[t]; free < n {
						before := len(out)
						add(append(s, solver.Campaign{From: v, Ticks: [3]int32{t}}), v, free, came, true)
						out = append(out[:before], out[before+1:]...) // a rollout that no hop follows
					}
				}
				var hop func(k solver.Campaign, t, came int32)
				hop = func(k solver.Campaign, t, came int32) {
					w := k.From + k.Hops
					if k.Hops == most || w+1 >= len(c.Stay) || t < c.From[w+1] || k.Hops > 0 && t >= c.Limit[k.Ticks[0]] ||
						c.Forced[w] && came < c.Until[w] && t >= c.Until[w] {
						return
					}
					k.Ticks[k.Hops] = t
					k.Hops++
					add(append(s, k), w+1, c.Next[t], t, true)
					for next := c.Next[t]; next < n; next++ {
						hop(k, next, t)
					}
				}
				hop(solver.Campaign{From: v}, t, came)
			}
			if !c.Forced[v] || came >= c.Until[v] {
				return
			}
			v, from, came, fresh = v+1, max(from, c.Until[v]), c.Until[v]-1, true
		}
	}
	add(nil, cl.Start, int32(cl.Begin), -1, !cl.Lagging)
	return out
}

// comes is the day on which a cluster comes to a version by a schedule, and whether it does.
func comes(p *solver.Problem, cluster int, s solver.Schedule, version int) (int32, bool) {
	cl := p.Clusters[cluster]
	c := p.Classes[cl.Class]
	for _, k := range s {
		if h := version - k.From - 1; h >= 0 && h < k.Hops {
			return c.Day[k.Ticks[h]], true
		}
	}
	at, came := cl.Start, int32(-1)
	for v := cl.Start; v < version; v++ {
		hopped := false
		for _, k := range s {
			if h := v - k.From; h >= 0 && h < k.Hops {
				hopped, came = true, k.Ticks[h]
			}
		}
		if !hopped && (!c.Forced[v] || came >= c.Until[v]) {
			return 0, false
		}
		if !hopped {
			came = c.Until[v] - 1
		}
		at = v
	}
	return c.ForceDay[at], true
}

func (b *brute) try(chosen []solver.Schedule) {
	i := len(chosen)
	if i == len(b.all) {
		sum, used := 0.0, map[string]int{}
		for j, s := range chosen {
			sum += b.p.Cost(j, s)
			c := b.p.Classes[b.p.Clusters[j].Class]
			for _, k := range s {
				for h := range max(1, k.Hops) {
					key := fmt.Sprint(b.p.Clusters[j].Team, "/", c.Week[k.Ticks[h]])
					if used[key]++; used[key] > b.p.Capacity[b.p.Clusters[j].Team][c.Week[k.Ticks[h]]] {
						return
					}
				}
			}
		}
		b.best = min(b.best, sum)
		return
	}
	cl := b.p.Clusters[i]
	c := b.p.Classes[cl.Class]
next:
	for _, s := range b.all[i] {
		for _, k := range s {
			for h := range k.Hops {
				v, day := k.From+h+1, c.Day[k.Ticks[h]]
				if cl.Ready != nil && day < cl.Ready[v] {
					continue next
				}
				for _, before := range cl.After {
					if v <= b.p.Clusters[before].Start {
						continue
					}
					if at, ok := comes(b.p, before, chosen[before], v); !ok || at+cl.Soak > day {
						continue next
					}
				}
			}
		}
		b.try(append(chosen[:i:i], s))
	}
}

// tiny draws a problem of a few openings and versions.
func tiny(r *rand.Rand, clusters, days, versions int) *solver.Problem {
	p := &solver.Problem{Campaign: float64(r.IntN(20)), Hop: float64(r.IntN(8)), Weeks: days/7 + 2}
	for range 1 + r.IntN(2) {
		p.Classes = append(p.Classes, tinyClass(r, days, versions))
	}
	for i := range clusters {
		cl := solver.Cluster{Class: r.IntN(len(p.Classes)), Start: r.IntN(2), First: 3, Came: -1}
		if r.IntN(3) == 0 {
			cl.Lagging, cl.First = true, r.IntN(3)
		}
		if i > 0 && r.IntN(3) > 0 {
			cl.After, cl.Soak = []int{i - 1}, int32(r.IntN(9))
		}
		p.Clusters = append(p.Clusters, cl)
	}
	weeks := make([]int, p.Weeks)
	for w := range weeks {
		weeks[w] = []int{0, 1, 1, 2, 3, 9}[r.IntN(6)]
	}
	p.Capacity = [][]int{weeks}
	return p
}

func tinyClass(r *rand.Rand, days, versions int) solver.Class {
	var c solver.Class
	for d := range days {
		if r.IntN(3) == 0 {
			c.Day, c.Week = append(c.Day, int32(d)), append(c.Week, int32(d/7))
			c.Begin, c.End = append(c.Begin, int64(d)*1440+540), append(c.End, int64(d)*1440+1000)
		}
	}
	c.Late = c.Day
	n, apart, long := len(c.Day), []int32{1, 1, 2, 5}[r.IntN(4)], []int32{3, 8, 30}[r.IntN(3)]
	after := func(day int32) int32 {
		t := 0
		for t < n && c.Day[t] < day {
			t++
		}
		return int32(t)
	}
	for t := range n {
		c.Next, c.Free = append(c.Next, after(c.Day[t]+apart)), append(c.Free, int32(t+1))
		c.Limit = append(c.Limit, after(c.Day[t]+long+1))
	}
	paid := make([][]float64, versions) // [version][day]: per day, falling from version to version but not always
	for v := range paid {
		sum := 0.0
		due := r.IntN(days + 5)
		price := float64(r.IntN(9))
		for d := range days + 1 {
			paid[v] = append(paid[v], sum)
			if d >= due {
				sum += price
			}
		}
	}
	forced := int32(0) // days on which the provider acts rise with the version
	for v := range versions {
		c.Stay, c.MaxHops = append(c.Stay, paid[v][days]), append(c.MaxHops, 1+r.IntN(3))
		c.From, c.Until, c.Last = append(c.From, int32(r.IntN(n/2+2))), append(c.Until, int32(n)), append(c.Last, int32(n-1))
		c.Forced, c.ForceDay, c.Force = append(c.Forced, false), append(c.ForceDay, 0), append(c.Force, 0)
		c.Over, c.Beyond = append(c.Over, math.MaxInt32), append(c.Beyond, 0)
		c.From[v] = min(c.From[v], int32(n))
		row := make([]float64, n)
		if v+1 < versions {
			for t, d := range c.Day {
				row[t] = paid[v][d] - paid[v+1][d]
			}
			if day := forced + int32(r.IntN(days)); r.IntN(6) == 0 && int(day) < days {
				forced = day + int32(r.IntN(2))
				c.Forced[v], c.ForceDay[v], c.Until[v] = true, day, after(day)
				c.Force[v] = paid[v][day] - paid[v+1][day] + float64(r.IntN(30))
				if c.Until[v] > 0 && r.IntN(2) == 0 { // the opening before goes on over that day
					c.Over[v], c.Beyond[v] = c.Until[v]-1, float64(r.IntN(20)-5)
				}
			}
		}
		c.Leave = append(c.Leave, row)
	}
	return c
}

// Every schedule of tiny fleets is tried: the bound is never above the least cost, the cost never below it, and one cluster by itself is
// scheduled best.
func TestBoundsAgainstTryingEverything(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 11))
	proven, runs := 0, 0
	for i := range 600 {
		clusters := 1 + i%2
		if i%12 == 11 {
			clusters = 3
		}
		days, versions := 26/clusters+4, 4
		if clusters == 3 {
			versions = 3
		}
		p := tiny(r, clusters, days, versions)
		b := brute{p: p, best: math.Inf(1)}
		for j := range p.Clusters {
			b.all = append(b.all, schedules(p, j))
		}
		b.try(nil)
		for _, e := range []solver.Effort{{Rounds: 60, Moves: 10, Nodes: 300, Seed: 1}, {Rounds: 20, First: 20, Seed: 1}} {
			s := solver.Solve(context.Background(), p, e)
			if s.Bound > b.best+1e-6 || s.Cost < b.best-1e-6 {
				t.Errorf("run %d, effort %v: best is %v, got cost %v, bound %v\n%+v\n%v", i, e, b.best, s.Cost, s.Bound, p, s.Schedules)
			}
			if got := total(p, s); math.Abs(got-s.Cost) > 1e-6 {
				t.Errorf("run %d: the schedules cost %v, not %v", i, got, s.Cost)
			}
			if e.Nodes > 0 {
				runs++
				if s.Proven {
					proven++
				}
				if s.Proven && math.Abs(s.Cost-b.best) > 1e-6 {
					t.Errorf("run %d: proven %v, but the best is %v", i, s.Cost, b.best)
				}
			}
		}
	}
	t.Logf("%d of %d are proven", proven, runs)
	if proven < runs*9/10 {
		t.Errorf("only %d of %d are proven", proven, runs)
	}
}

func total(p *solver.Problem, s solver.Solution) float64 {
	sum := 0.0
	for i, x := range s.Schedules {
		sum += p.Cost(i, x)
	}
	return sum
}
