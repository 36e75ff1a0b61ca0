package solver

import "context"

// aloneRounds is how long prices of order are searched for a chain that is alone.
const aloneRounds = 60

// alone is what the chains of a part cost at least when each has the capacity of its teams for itself: a bound for all of them together. Where there
// is room for everybody it is their cost, and far sooner found than by branching on all of them at once. It leaves the solution of the part, or
// that of the chains alone where they fit together and cost less.
func (b *builder) alone(ctx context.Context, pt part, rel *relaxation, limit int) float64 {
	before, all := b.partCost(pt), b.save(pt.chains)
	for _, ch := range pt.chains {
		b.remove(ch)
	}
	ks, of := kinds(b.p, pt.chains, false)
	bounds, found := make([]float64, len(ks)), make([][]kept, len(ks))
	for k, kd := range ks {
		bounds[k], found[k] = b.single(ctx, part{pt.teams, []chain{kd.like}}, limit)
	}
	sum := 0.0
	var together []kept
	for _, k := range of {
		sum += bounds[k]
		together = append(together, found[k]...)
	}
	apart := make([]int, len(pt.chains))
	for c := range apart {
		apart[c] = c
	}
	b.adopt(pt, rel, apart)
	for _, t := range pt.teams {
		b.price[t] = rel.room[t].x
	}
	if b.restore(pt.chains, together); !b.roomy(pt) || b.partCost(pt) >= before {
		b.restore(pt.chains, all)
	}
	return sum
}

// single proves one chain on its own, and takes its schedules out again.
func (b *builder) single(ctx context.Context, pt part, limit int) (float64, []kept) {
	rel := relax(b.p, pt.teams, []kind{{like: pt.chains[0], number: 1}}, b.heads, b.after, true, 1)
	for _, t := range pt.teams {
		b.price[t] = rel.room[t].x
	}
	cost := b.insert(pt.chains[0])
	level := rel.start(nil)
	rel.search(aloneRounds, firstRate(b.p, cost-level, rel, Effort{}, nil))
	b.adopt(pt, rel, []int{0})
	bound := b.prove(ctx, pt, rel, limit)
	found := b.save(pt.chains)
	b.remove(pt.chains[0])
	return bound, found
}
