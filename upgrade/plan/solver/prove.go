package solver

import (
	"container/heap"
	"context"
	"math"
	"slices"
)

// proof is a branch and bound over the ticks in which clusters hop to versions. Each node narrows one such tick to a range
// and asks the relaxation for its bound; nodes that cannot beat the best known cost end, and the node with the least bound
// is split next, so that the least bound of all is the bound of the whole.
type proof struct {
	b    *builder
	rel  *relaxation
	pt   part
	best float64
	kept []Schedule
	open nodes
}

// prove raises the bound of a part towards its cost and lowers the cost where the search finds a better solution, until both
// meet, the number of nodes is used up or nodes no longer help. It returns the bound. Every chain must be a kind of its own.
func (b *builder) prove(ctx context.Context, pt part, rel *relaxation, limit int) float64 {
	least := rel.bound
	pf := &proof{b: b, rel: rel, pt: pt, best: b.partCost(pt)}
	if !pf.beaten(least) && len(pt.chains) > 1 {
		least = max(least, b.alone(ctx, pt, limit, least))
		pf.best = b.partCost(pt)
	}
	if pf.beaten(least) {
		return pf.best
	}
	pf.kept = b.save(pt.chains)
	made := int32(1)
	pf.add(pf.root(), least, made)
	steady := progress{pause: max(20, patience/len(rel.members)), gap: math.Inf(1)}
	for len(pf.open) > 0 && int(made) < limit && ctx.Err() == nil && steady.goesOn(int(made), pf.best-pf.open[0].bound) {
		n := heap.Pop(&pf.open).(*node)
		if pf.beaten(n.bound) {
			pf.open = nil
			break
		}
		old := n.domains[n.member][n.version]
		for _, side := range []window{{old.from, n.at}, {n.at + 1, old.to}} {
			child := clone(n.domains)
			if made++; pf.tighten(child, n.member, n.version, side) {
				pf.add(child, n.bound, made)
			}
		}
	}
	b.restore(pt.chains, pf.kept)
	if len(pf.open) == 0 {
		return pf.best
	}
	return min(pf.best, max(least, pf.open[0].bound))
}

// root are the windows of all members before any was split.
func (pf *proof) root() [][]window {
	out := make([][]window, len(pf.rel.members))
	for i := range pf.rel.members {
		cl, c := pf.of(i)
		out[i] = make([]window, len(c.Stay))
		heads := pf.b.heads[pf.rel.members[i].cluster]
		for v := range out[i] {
			out[i][v] = window{max(int32(cl.Begin), heads[v]), int32(c.ticks())}
		}
	}
	return out
}

// of is the cluster of a member and its class.
func (pf *proof) of(i int) (*Cluster, *Class) {
	cl := &pf.b.p.Clusters[pf.rel.members[i].cluster]
	return cl, &pf.b.p.Classes[cl.Class]
}

// beaten reports whether no solution of the bound can be better than the best known one.
func (pf *proof) beaten(bound float64) bool {
	return bound > pf.best-max(pf.b.grain, 1e-9*math.Abs(pf.best))+1e-6
}

// add evaluates a node and keeps it when it may hold a better solution.
func (pf *proof) add(domains [][]window, parent float64, made int32) {
	pf.narrow(domains)
	whole := pf.rel.bound
	pf.rel.bound = math.Inf(-1)
	mean, spread := pf.search(pf.b.p.Hop / 40)
	n := &node{domains: domains, bound: max(pf.rel.bound, parent), made: made}
	pf.rel.bound = whole
	if pf.beaten(n.bound) {
		return
	}
	pf.try()
	pf.leaf()
	n.member, n.version = widest(spread, domains)
	if n.member < 0 {
		n.member, n.version = pf.undecided(domains)
	}
	if pf.beaten(n.bound) || n.member < 0 {
		return
	}
	w := domains[n.member][n.version]
	n.at = min(max(int32(mean[n.member][n.version]), w.from), w.to-1)
	heap.Push(&pf.open, n)
}

// leaf tries the relaxed schedules of a node as a solution.
func (pf *proof) leaf() {
	b := pf.b
	for _, ch := range pf.pt.chains {
		b.remove(ch)
	}
	for i := range pf.rel.members {
		c := pf.rel.members[i].cluster
		b.schedules[c] = append(b.schedules[c][:0], pf.rel.schedule[i]...)
		b.take(c, 1)
		b.settle(c)
	}
	if b.feasible(pf.pt) {
		pf.note(b.partCost(pf.pt))
	}
}

// undecided finds a window that is not yet a single tick: what is left to split where all relaxed schedules agree.
func (pf *proof) undecided(domains [][]window) (member, version int) {
	for i := range domains {
		cl, _ := pf.of(i)
		for v := cl.Start + 1; v < len(domains[i]); v++ {
			if w := domains[i][v]; w.from < w.to {
				return i, v
			}
		}
	}
	return -1, 0
}

func clone(domains [][]window) [][]window {
	out := make([][]window, len(domains))
	for i := range domains {
		out[i] = slices.Clone(domains[i])
	}
	return out
}

// tighten narrows a window and what follows from it: earlier versions come no later, later ones no earlier, and the
// clusters before and after keep their soak. It reports whether every window still has a tick.
func (pf *proof) tighten(d [][]window, i, v int, w window) bool {
	old := d[i][v]
	now := window{max(old.from, w.from), min(old.to, w.to)}
	if now == old {
		return true
	}
	if now.from > now.to {
		return false
	}
	d[i][v] = now
	cl, c := pf.of(i)
	n := int32(c.ticks())
	for u := v - 1; u > cl.Start && now.to < n; u-- { // the last version before that the provider does not bring it to
		if !c.Forced[u-1] {
			if !pf.tighten(d, i, u, window{0, now.to}) {
				return false
			}
			break
		}
	}
	if v+1 < len(d[i]) {
		from := now.from
		if now.to == n && c.Forced[v-1] {
			from = min(from, c.Until[v-1])
		}
		if !pf.tighten(d, i, v+1, window{from, n}) {
			return false
		}
	}
	return pf.linked(d, i, v, now)
}

// linked narrows what follows from a window in the clusters before and after.
func (pf *proof) linked(d [][]window, i, v int, now window) bool {
	for k := range pf.rel.links {
		l := &pf.rel.links[k]
		ca, a := pf.of(l.a)
		cb, b := pf.of(l.b)
		if v <= ca.Start || v <= cb.Start || v >= len(d[l.a]) || v >= len(d[l.b]) {
			continue
		}
		given := a.Forced[v-1]
		if l.b == i && now.to < int32(b.ticks()) && !(given && l.given[v] <= now.to) {
			last, _ := slices.BinarySearch(l.soon[:a.ticks()], now.to+1)
			if !pf.tighten(d, l.a, v, window{0, int32(last) - 1}) {
				return false
			}
		}
		if l.a == i {
			from := l.soon[now.from]
			if given {
				from = min(from, l.given[v])
			}
			if !pf.tighten(d, l.b, v, window{from, int32(b.ticks())}) {
				return false
			}
		}
	}
	return true
}

// narrow hands the windows to the relaxation.
func (pf *proof) narrow(domains [][]window) {
	for i := range pf.rel.members {
		from, upto := make([]int32, len(domains[i])), make([]int32, len(domains[i]))
		for v, w := range domains[i] {
			from[v], upto[v] = w.from, w.to
		}
		pf.rel.narrow[i] = limits{from: from, upto: upto}
	}
}

// search is relaxation.search that also watches in which ticks the members hop to their versions: their mean and variance.
func (pf *proof) search(rate float64) (mean, spread [][]float64) {
	const rounds = 40
	rel := pf.rel
	mean, spread = make([][]float64, len(rel.members)), make([][]float64, len(rel.members))
	for i := range rel.members {
		mean[i], spread[i] = make([]float64, len(rel.members[i].at)), make([]float64, len(rel.members[i].at))
	}
	n := 0.0
	rel.searchWatched(rounds, rate, func(round int) {
		if round < rounds/2 {
			return
		}
		n++
		for i := range rel.members {
			for v, at := range rel.members[i].at {
				welford(&mean[i][v], &spread[i][v], float64(at), n)
			}
		}
	})
	return mean, spread
}

// welford adds the nth value to a running mean and sum of squared deviations.
func welford(mean, squares *float64, x, n float64) {
	d := x - *mean
	*mean += d / n
	*squares += d * (x - *mean)
}

// widest finds the tick that the relaxed schedules disagree about most.
func widest(spread [][]float64, domains [][]window) (member, version int) {
	member, most := -1, 1e-9
	for i := range spread {
		for v, s := range spread[i] {
			if s > most && domains[i][v].from < domains[i][v].to {
				member, version, most = i, v, s
			}
		}
	}
	return member, version
}

// try builds a solution under the prices of the node.
func (pf *proof) try() {
	b := pf.b
	for _, ch := range pf.pt.chains {
		b.remove(ch)
	}
	for _, t := range pf.pt.teams {
		copy(b.price[t], pf.rel.room[t].best)
	}
	pf.note(b.construct(pf.pt.teams, pf.pt.chains))
}

// note keeps the solution at hand when it is the best so far.
func (pf *proof) note(cost float64) {
	if cost < pf.best-1e-6 {
		pf.best, pf.kept = cost, pf.b.save(pf.pt.chains)
	}
}

// feasible reports whether the schedules of a part keep capacity, the order of clusters and how many are worked on at once.
func (b *builder) feasible(pt part) bool {
	for _, team := range pt.teams {
		if slices.ContainsFunc(b.room[team], func(room int) bool { return room < 0 }) {
			return false
		}
	}
	for _, ch := range pt.chains {
		for _, i := range ch {
			if !b.inOrder(i) || b.crowds.broken(b, i) {
				return false
			}
		}
	}
	return true
}

// inOrder reports whether every hop of a cluster comes a soak after those before it.
func (b *builder) inOrder(i int) bool {
	cl := &b.p.Clusters[i]
	from := readyTicks(b.p, cl, func(before, v int) int32 { return b.days[before][v] })
	for k := range b.schedules[i] {
		x := &b.schedules[i][k]
		for h, t := range x.Ticks[:x.Hops] {
			if t < from[x.From+h+1] {
				return false
			}
		}
	}
	return true
}
