package solver

import (
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
)

// Effort is how much work goes into a solution. More effort never gives a worse bound.
type Effort struct {
	Rounds int    // of the search for prices
	Moves  int    // of ruin and recreate, per chain
	Nodes  int    // of the proof, per part; 0 for none
	Seed   uint64 // of the moves: the same seed gives the same solution
}

// Solve schedules the fleet. Teams whose clusters do not wait for one another are independent and are solved side by side.
// When ctx ends, improvement stops and the best solution so far is returned; its bound is valid all the same.
func Solve(ctx context.Context, p *Problem, e Effort) Solution {
	after := waiters(p)
	order := topological(p, after)
	b := builder{p: p, after: after, heads: heads(p, order),
		schedules: make([]Schedule, len(p.Clusters)), costs: make([]float64, len(p.Clusters)), priced: make([]*Class, len(p.Clusters))}
	for i, c := range p.Clusters {
		b.priced[i] = &p.Classes[c.Class]
	}
	for _, c := range p.Capacity {
		b.room = append(b.room, slices.Clone(c))
		b.price = append(b.price, make([]float64, p.Weeks))
	}
	pts := parts(p, order)
	bounds := make([]float64, len(pts))
	work := make(chan int)
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(pts)) {
		wg.Go(func() {
			for i := range work {
				own := b // parts share no element of the slices in it
				bounds[i] = own.solve(ctx, pts[i], e, rand.New(rand.NewPCG(e.Seed, uint64(i))))
			}
		})
	}
	for i := range pts {
		work <- i
	}
	close(work)
	wg.Wait()
	out := Solution{Schedules: b.schedules, Prices: b.price}
	for _, bound := range bounds {
		out.Bound += bound
	}
	for _, cost := range b.costs {
		out.Cost += cost
	}
	out.Bound = min(out.Bound, out.Cost) // they may cross by rounding alone
	return out
}

// solve schedules one part and returns its bound.
func (b *builder) solve(ctx context.Context, pt part, e Effort, r *rand.Rand) float64 {
	cost := b.construct(pt.teams, pt.chains)
	ks, of := kinds(b.p, pt.chains)
	rel := relax(b.p, pt.teams, ks, b.heads)
	level := rel.evaluate()
	rel.search(e.Rounds, rateFor(b.p, cost-level, rel))
	for _, t := range pt.teams {
		b.price[t] = rel.room[t].x
	}
	b.adopt(pt, rel, of)
	if again := b.rebuild(pt); again < cost {
		cost = again
	}
	if cost > rel.bound+1e-6 {
		b.improve(ctx, pt, e.Moves, r)
	}
	if e.Nodes > 0 && len(rel.kinds) == len(pt.chains) {
		return b.prove(ctx, pt, rel, e.Nodes, rateFor(b.p, 0, rel))
	}
	return rel.bound
}

// rateFor is the first step of the prices: what a hop costs too much, as far as that is known.
func rateFor(p *Problem, excess float64, rel *relaxation) float64 {
	hops := 1.0
	for _, t := range rel.teams {
		for _, u := range rel.used[t] {
			hops += u
		}
	}
	return max(p.Hop/20, 0.6*excess/hops)
}

// adopt lets the construction see the prices of order.
func (b *builder) adopt(pt part, rel *relaxation, of []int) {
	first := make([]int, len(rel.kinds))
	for i := len(rel.members) - 1; i >= 0; i-- {
		first[rel.members[i].kind] = i
	}
	for c, ch := range pt.chains {
		for j, i := range ch {
			b.priced[i] = &rel.members[first[of[c]]+j].class
		}
	}
}

// rebuild constructs once more under the prices that the relaxation found, and keeps the cheaper of both.
func (b *builder) rebuild(pt part) float64 {
	before, kept := 0.0, b.save(pt.chains)
	for _, ch := range pt.chains {
		before += b.chainCost(ch)
	}
	for _, ch := range pt.chains {
		b.remove(ch)
	}
	after := b.construct(pt.teams, pt.chains)
	if after > before {
		b.restore(pt.chains, kept)
		return before
	}
	return after
}

func (b *builder) save(chains []chain) []Schedule {
	var kept []Schedule
	for _, ch := range chains {
		for _, i := range ch {
			kept = append(kept, slices.Clone(b.schedules[i]))
		}
	}
	return kept
}

func (b *builder) restore(chains []chain, kept []Schedule) {
	for _, ch := range chains {
		b.remove(ch)
	}
	for _, ch := range chains {
		for _, i := range ch {
			b.schedules[i], kept = append(b.schedules[i][:0], kept[0]...), kept[1:]
			b.take(i, 1)
			b.costs[i] = b.p.Cost(i, b.schedules[i])
		}
	}
}
