package solver

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
)

// Effort is how much work goes into a solution. More effort never gives a worse bound.
type Effort struct {
	Rounds int    // of the search for prices; 0 for none, and no bound
	First  int    // the same for the first part, with whose prices the search for those of the others begins; Rounds where it is 0
	Moves  int    // of ruin and recreate, per chain
	Nodes  int    // of the proof, per part that is small enough for one; 0 for none
	Seed   uint64 // of the moves: the same seed gives the same solution
}

// Usual is the effort that suits the size of a fleet: a second or two for some hundred clusters, and about as long for ten
// thousand, which leave more to chance but have less to lose by it.
func Usual(clusters int) Effort {
	switch {
	case clusters <= 60:
		return Effort{Rounds: 200, Moves: 20, Nodes: 300, Seed: 1}
	case clusters <= 500:
		return Effort{Rounds: 200, Moves: 10, Nodes: 0, Seed: 1}
	default:
		return Effort{Rounds: 40, First: 120, Moves: 0, Seed: 1}
	}
}

// provable is the number of clusters up to which a part is relaxed opening by opening and branched on.
const provable = 48

// Solve schedules the fleet. Teams whose clusters do not wait for one another are independent and are solved side by side.
// When ctx ends, improvement stops and the best solution so far is returned; its bound is valid all the same.
func Solve(ctx context.Context, p *Problem, e Effort) Solution {
	after := waiters(p)
	order := topological(p, after)
	b := newBuilder(p, after, order)
	pts := parts(p, order)
	if e.Rounds == 0 {
		out := Solution{Schedules: b.schedules, Prices: b.price, Relaxed: true}
		for _, pt := range pts {
			out.Cost += b.construct(pt.teams, pt.chains)
		}
		return out
	}
	x := &run{p: p, rough: p.coarse(), e: e, after: after}
	x.roughHeads = heads(x.rough, order)
	bounds, exact := make([]float64, len(pts)), make([]bool, len(pts))
	// The first part of a large fleet, or the only one of a small fleet, has all processors for its search.
	var warm *prices
	var alone *search
	if len(pts) == 1 || len(pts) > 0 && e.First > 0 {
		own := b
		alone = x.search(&own, pts[0], cmp.Or(e.First, e.Rounds), nil, runtime.GOMAXPROCS(0))
		warm = alone.rel.found()
	}
	work := make(chan int)
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(pts)) {
		wg.Go(func() {
			for i := range work {
				own := b // parts share no element of the slices in it
				own.tb = table{}
				found := alone
				if i > 0 || found == nil {
					found = x.search(&own, pts[i], e.Rounds, warm, 1)
				}
				bounds[i] = x.finish(ctx, &own, pts[i], found, rand.New(rand.NewPCG(e.Seed, uint64(i))))
				exact[i] = found.small
			}
		})
	}
	for i := range pts {
		work <- i
	}
	close(work)
	wg.Wait()
	out := Solution{Schedules: b.schedules, Prices: b.price}
	for i, bound := range bounds {
		out.Bound += bound
		out.Relaxed = out.Relaxed || !exact[i]
	}
	for _, cost := range b.costs {
		out.Cost += cost
	}
	out.Proven = out.Bound >= out.Cost-1e-9*math.Abs(out.Cost)
	out.Bound = min(out.Bound, out.Cost) // they may cross by rounding alone
	return out
}

// run is what the parts of one problem have in common.
type run struct {
	p, rough   *Problem // and the problem with the openings of weeks joined
	roughHeads [][]int32
	after      [][]int
	e          Effort
}

// search is what the search for the prices of a part has found.
type search struct {
	rel   *relaxation
	of    []int   // [chain]: its kind
	cost  float64 // of the schedules that there are
	small bool    // relaxed opening by opening, and small enough for a proof
}

// search schedules one part and looks for its prices. It begins with the prices of another part, if there is one.
func (x *run) search(b *builder, pt part, rounds int, warm *prices, desks int) *search {
	s := &search{cost: b.construct(pt.teams, pt.chains)}
	s.small = x.e.Nodes > 0 && pt.clusters() <= provable
	ks, of := kinds(x.p, pt.chains, s.small)
	s.of = of
	if s.small {
		s.rel, warm = relax(x.p, pt.teams, ks, b.heads, x.after, true, desks), nil
	} else {
		s.rel = relax(x.rough, pt.teams, ks, x.roughHeads, x.after, false, desks)
	}
	level := s.rel.start(warm)
	s.rel.search(rounds, firstRate(x.p, s.cost-level, s.rel, x.e, warm))
	return s
}

// finish schedules one part with the prices that were found, and returns its bound.
func (x *run) finish(ctx context.Context, b *builder, pt part, s *search, r *rand.Rand) float64 {
	for _, t := range pt.teams {
		copy(b.price[t], s.rel.room[t].x)
	}
	x.adopt(b, pt, s)
	if min(s.cost, b.rebuild(pt)) > s.rel.bound+1e-6 {
		b.improve(ctx, pt, x.e.Moves, r)
		b.rest(pt)
	}
	bound := s.rel.bound
	if s.small {
		bound = b.prove(ctx, pt, s.rel, x.e.Nodes)
	}
	return b.whole(bound, b.partCost(pt))
}

// whole rounds a bound up to a cost that can be: where all costs are whole numbers, every solution's cost differs from a
// known one by a multiple of their greatest common divisor.
func (b *builder) whole(bound, cost float64) float64 {
	if bound >= cost {
		return bound
	}
	bound -= noise * math.Abs(cost)
	if b.grain == 0 {
		return bound
	}
	return cost - math.Floor((cost-bound)/b.grain)*b.grain
}

// noise is the share of a cost by which sums in floating point may be off.
const noise = 1e-10

// grain is the greatest common divisor of all costs, 0 when one of them is not a whole number.
func grain(p *Problem) float64 {
	g := int64(0)
	add := func(x float64) bool {
		if x != math.Trunc(x) || math.Abs(x) > 1<<52 {
			return false
		}
		for a := int64(math.Abs(x)); a != 0; {
			g, a = a, g%a
		}
		return true
	}
	if !add(p.Campaign) || !add(p.Hop) {
		return 0
	}
	seen := map[*float64]bool{} // classes share their lists
	for i := range p.Classes {
		c := &p.Classes[i]
		if seen[&c.Stay[0]] {
			continue
		}
		seen[&c.Stay[0]] = true
		for _, row := range slices.Concat([][]float64{c.Stay, c.Force, c.Beyond}, c.Leave) {
			if slices.ContainsFunc(row, func(x float64) bool { return !add(x) }) {
				return 0
			}
		}
	}
	return float64(g)
}

// firstRate is the first step of the prices of a part. Prices that begin at nothing have a longer way before them.
func firstRate(p *Problem, excess float64, rel *relaxation, e Effort, warm *prices) float64 {
	switch {
	case warm != nil:
		return rateFor(p, excess, rel)
	case e.First > 0:
		return rateFor(p, 1.5*excess, rel)
	default:
		return max((p.Campaign+p.Hop)/8, rateFor(p, excess, rel))
	}
}

// rateFor is a step of the prices: what a hop costs too much, as far as that is known.
func rateFor(p *Problem, excess float64, rel *relaxation) float64 {
	hops := 1.0
	for _, t := range rel.teams {
		for _, u := range rel.used[t] {
			hops += u
		}
	}
	return max(p.Hop/20, 0.6*excess/hops)
}

// adopt lets the construction see the prices of order, where weeks were joined in every opening of theirs.
func (x *run) adopt(b *builder, pt part, s *search) {
	made := make([]orders, len(s.rel.members))
	done := make([]bool, len(s.rel.members))
	for c, ch := range pt.chains {
		for j, i := range ch {
			m := s.rel.place[s.of[c]][j]
			if !done[m] {
				made[m], done[m] = s.rel.ordersOf(m, &x.p.Classes[x.p.Clusters[i].Class], s.small), true
			}
			b.order[i] = made[m]
		}
	}
}

// ordersOf are the prices of order of a member for the ticks of its class.
func (r *relaxation) ordersOf(m int, c *Class, same bool) orders {
	out := orders{force: slices.Clone(r.members[m].force), hops: make([][]float64, len(c.Stay))}
	of := c.rank()
	for v, row := range r.members[m].order {
		if row == nil {
			continue
		}
		if same {
			out.hops[v] = slices.Clone(row)
			continue
		}
		out.hops[v] = make([]float64, c.ticks())
		for t := range out.hops[v] {
			out.hops[v][t] = row[of[t]]
		}
	}
	return out
}

// rebuild constructs once more under the prices that the relaxation found, and keeps the cheaper of both.
func (b *builder) rebuild(pt part) float64 {
	before, kept := b.partCost(pt), b.save(pt.chains)
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

func (b *builder) partCost(pt part) float64 {
	sum := 0.0
	for _, ch := range pt.chains {
		sum += b.chainCost(ch)
	}
	return sum
}

// save copies the schedules of chains.
func (b *builder) save(chains []chain) []Schedule {
	var out []Schedule
	for _, ch := range chains {
		for _, i := range ch {
			out = append(out, slices.Clone(b.schedules[i]))
		}
	}
	return out
}

func (b *builder) restore(chains []chain, from []Schedule) {
	for _, ch := range chains {
		b.remove(ch)
	}
	for _, ch := range chains {
		for _, i := range ch {
			b.schedules[i] = append(b.schedules[i][:0], from[0]...)
			b.take(i, 1)
			b.settle(i)
			from = from[1:]
		}
	}
}
