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
	Rounds int    // of the search for prices
	First  int    // the same for the first part, with whose prices the search for those of the others begins; Rounds where it is 0
	Moves  int    // of ruin and recreate, per chain
	Nodes  int    // of the proof, per part that is small enough for one; 0 for none
	Seed   uint64 // of the moves: the same seed gives the same solution
}

// Usual is the effort that suits the size of a fleet: a second or two for some hundred clusters, and about as long for ten
// thousand, which leave more to chance but have less to lose by it.
func Usual(clusters int) Effort {
	switch {
	case clusters <= 500:
		return Effort{Rounds: 300, Moves: 100, Nodes: 300, Seed: 1}
	default:
		return Effort{Rounds: 40, First: 160, Moves: 2, Nodes: 200, Seed: 1}
	}
}

// provable is the number of chains up to which a part is branched on, when they have three clusters each or fewer.
const provable = 12

// Solve schedules the fleet. Teams whose clusters do not wait for one another are independent and are solved side by side.
// When ctx ends, improvement stops and the best solution so far is returned; its bound is valid all the same.
func Solve(ctx context.Context, p *Problem, e Effort) Solution {
	p = p.outlined()
	after := waiters(p)
	order := topological(p, after)
	b := newBuilder(p, after, order)
	pts := parts(p, order)
	bounds := make([]float64, len(pts))
	// The first part of a large fleet, or the only one of a small fleet, has all processors for its search.
	var warm *prices
	var alone *search
	if len(pts) == 1 || len(pts) > 0 && e.First > 0 {
		own := b
		alone = own.search(pts[0], cmp.Or(e.First, e.Rounds), e, nil, runtime.GOMAXPROCS(0))
		warm = alone.rel.found()
	}
	work := make(chan int)
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(pts)) {
		wg.Go(func() {
			for i := range work {
				own := b // parts share no element of the slices in it
				found := alone
				if i > 0 || found == nil {
					found = own.search(pts[i], e.Rounds, e, warm, 1)
				}
				bounds[i] = own.finish(ctx, pts[i], found, e, rand.New(rand.NewPCG(e.Seed, uint64(i))))
			}
		})
	}
	for i := range pts {
		work <- i
	}
	close(work)
	wg.Wait()
	out := Solution{Schedules: b.schedules, Prices: worth(p, b.price)}
	for _, bound := range bounds {
		out.Bound += bound
	}
	for _, cost := range b.costs {
		out.Cost += cost
	}
	out.Bound = min(out.Bound, out.Cost) // they may cross by rounding alone
	return out
}

// worth is what one more hop of capacity would be worth in each team and week: the price of a hop and of the pairs and
// triples that it completes.
func worth(p *Problem, price [][]float64) [][]float64 {
	out := make([][]float64, len(price))
	for team := range price {
		for t := range p.Weeks {
			out[team] = append(out[team], hopPrice(price[team], p.Weeks, t, p.Capacity[team][t]+1))
		}
	}
	return out
}

// search is what the search for the prices of a part has found.
type search struct {
	rel   *relaxation
	of    []int   // [chain]: its kind
	cost  float64 // of the schedules that there are
	small bool    // small enough for a proof
}

// search schedules one part and looks for its prices. It begins with the prices of another part, if there is one.
func (b *builder) search(pt part, rounds int, e Effort, warm *prices, desks int) *search {
	s := &search{cost: b.construct(pt.teams, pt.chains)}
	s.small = e.Nodes > 0 && len(pt.chains) <= provable && pt.clusters() <= 3*provable
	ks, of := kinds(b.p, pt.chains, s.small)
	s.of, s.rel = of, relax(b.p, pt.teams, ks, b.heads, b.after, s.small, desks)
	level := s.rel.start(warm)
	s.rel.search(rounds, firstRate(b.p, b.undated(pt)-level, s.rel, e, warm))
	return s
}

// finish schedules one part with the prices that were found, and returns its bound.
func (b *builder) finish(ctx context.Context, pt part, s *search, e Effort, r *rand.Rand) float64 {
	for _, t := range pt.teams {
		b.price[t] = s.rel.room[t].x
	}
	b.adopt(pt, s.rel, s.of)
	if min(s.cost, b.rebuild(pt)) > s.rel.bound+1e-6 {
		b.improve(ctx, pt, e.Moves, r)
	}
	bound := s.rel.bound
	if s.small {
		bound = b.prove(ctx, pt, s.rel, e.Nodes)
	}
	return b.whole(bound, b.partCost(pt))
}

// whole rounds a bound up to a cost that can be: where all costs are whole numbers, every solution's cost differs from a
// known one by a multiple of their greatest common divisor.
func (b *builder) whole(bound, cost float64) float64 {
	if b.grain == 0 || bound >= cost {
		return bound
	}
	return cost - math.Floor((cost-bound)/b.grain+1e-9)*b.grain
}

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
	for _, c := range p.Classes {
		for _, row := range slices.Concat([][]float64{c.End}, c.Hold, c.Wait) {
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
		for _, u := range rel.used[t][:p.Weeks] {
			hops += u
		}
	}
	return max(p.Hop/20, 0.6*excess/hops)
}

// adopt lets the construction see the prices of order.
func (b *builder) adopt(pt part, rel *relaxation, of []int) {
	for c, ch := range pt.chains {
		for j, i := range ch {
			m := rel.place[of[c]][j] //nolint:gosec // a place for every chain of the part
			b.priced[i] = &rel.members[m].class
		}
	}
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

// undated is what a part costs by weeks alone, as the relaxation sees it.
func (b *builder) undated(pt part) float64 {
	sum := 0.0
	for _, ch := range pt.chains {
		for _, i := range ch {
			sum += b.p.Cost(i, b.schedules[i])
		}
	}
	return sum
}

func (b *builder) partCost(pt part) float64 {
	sum := 0.0
	for _, ch := range pt.chains {
		sum += b.chainCost(ch)
	}
	return sum
}

// kept is the schedule of a cluster and what it costs.
type kept struct {
	schedule Schedule
	cost     float64
}

func (b *builder) save(chains []chain) []kept {
	var out []kept
	for _, ch := range chains {
		for _, i := range ch {
			out = append(out, kept{slices.Clone(b.schedules[i]), b.costs[i]})
		}
	}
	return out
}

func (b *builder) restore(chains []chain, from []kept) {
	for _, ch := range chains {
		b.remove(ch)
	}
	for _, ch := range chains {
		for _, i := range ch {
			b.schedules[i], b.costs[i] = append(b.schedules[i][:0], from[0].schedule...), from[0].cost
			b.take(i, 1)
			from = from[1:]
		}
	}
}
