package solver

import (
	"context"
	"math"
)

// aloneRounds is how long prices of order are searched for a chain that is alone.
const aloneRounds = 60

// alone is what the chains of a part cost at least when each has the capacity of its teams for itself: a bound for all of them together.
// Where there is room for everybody it is their cost, and far sooner found than by branching on all of them at once. It leaves the
// solution of the part, or that of the chains alone where they fit together and cost less. It stops, without a bound, as soon as what the
// chains are known to cost alone is below the bound that there is: teams have too much to do.
func (b *builder) alone(ctx context.Context, pt part, limit int, least float64) float64 {
	before, all, order := b.partCost(pt), b.save(pt.chains), b.orderOf(pt)
	for _, ch := range pt.chains {
		b.remove(ch)
	}
	prices := make(map[int][]float64, len(pt.teams))
	for _, t := range pt.teams {
		prices[t] = b.price[t]
		b.price[t] = make([]float64, b.p.Weeks)
	}
	sum, together := b.singles(ctx, pt, limit, least)
	for t, price := range prices {
		b.price[t] = price
	}
	for i, x := range order {
		b.order[i] = x
	}
	if together == nil {
		b.restore(pt.chains, all)
		return math.Inf(-1)
	}
	if b.restore(pt.chains, together); !b.feasible(pt) || b.partCost(pt) >= before {
		b.restore(pt.chains, all)
	}
	return sum
}

// singles proves one chain of a part after the other, and returns the sum of their bounds and their schedules; none where the sum is
// below a bound.
func (b *builder) singles(ctx context.Context, pt part, limit int, least float64) (sum float64, together []Schedule) {
	ks, of := kinds(b.p, pt.chains, false)
	costs, found := make([]float64, len(ks)), make([][]Schedule, len(ks))
	for k, kd := range ks { // what they cost as they are built at first: no bound is above it
		for _, i := range kd.like {
			b.order[i] = orders{}
		}
		costs[k] = b.insert(kd.like)
		b.remove(kd.like)
		sum += kd.number * costs[k]
	}
	for k, kd := range ks {
		if sum < least {
			return sum, nil
		}
		var bound float64
		bound, found[k] = b.single(ctx, part{pt.teams, []chain{kd.like}}, limit)
		sum += kd.number * (bound - costs[k])
	}
	for _, k := range of {
		together = append(together, found[k]...)
	}
	return sum, together
}

func (b *builder) orderOf(pt part) map[int]orders {
	out := map[int]orders{}
	for _, ch := range pt.chains {
		for _, i := range ch {
			out[i] = b.order[i]
		}
	}
	return out
}

// single proves one chain on its own, and takes its schedules out again.
func (b *builder) single(ctx context.Context, pt part, limit int) (float64, []Schedule) {
	for _, i := range pt.chains[0] {
		b.order[i] = orders{}
	}
	rel := relax(b.p, pt.teams, []kind{{like: pt.chains[0], number: 1}}, b.heads, b.after, true, 1)
	cost := b.insert(pt.chains[0])
	level := rel.start(nil)
	rel.search(aloneRounds, firstRate(b.p, cost-level, rel, Effort{}, nil))
	for _, t := range pt.teams {
		copy(b.price[t], rel.room[t].x)
	}
	for j, i := range pt.chains[0] {
		b.order[i] = rel.ordersOf(rel.place[0][j], &b.p.Classes[b.p.Clusters[i].Class], true)
	}
	b.rebuild(pt)
	bound := b.prove(ctx, pt, rel, limit)
	found := b.save(pt.chains)
	b.remove(pt.chains[0])
	return bound, found
}
