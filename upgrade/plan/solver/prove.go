package solver

import (
	"container/heap"
	"context"
	"math"
	"slices"
)

// proof is a branch and bound over the weeks in which clusters reach versions. Each node narrows one such week to a range
// and asks the relaxation for its bound; nodes that cannot beat the best known cost end, and the node with the least bound
// is split next, so that the least bound of all is the bound of the whole.
type proof struct {
	b    *builder
	rel  *relaxation
	pt   part
	best float64
	kept []kept
	open nodes
}

// prove raises the bound of a part towards its cost and lowers the cost where the search finds a better solution, until both
// meet, the number of nodes is used up or nodes no longer help. It returns the bound. Every chain must be a kind of its own.
func (b *builder) prove(ctx context.Context, pt part, rel *relaxation, limit int) float64 {
	least := rel.bound
	pf := &proof{b: b, rel: rel, pt: pt, best: b.partCost(pt)}
	if !pf.beaten(least) && len(pt.chains) > 1 {
		least = max(least, b.alone(ctx, pt, rel, limit))
		pf.best = b.partCost(pt)
	}
	if pf.beaten(least) {
		return pf.best
	}
	pf.kept = b.save(pt.chains)
	root := make([][]window, len(rel.members))
	for i, m := range rel.members {
		root[i] = make([]window, len(m.class.Avail))
		for v := range root[i] {
			root[i][v] = window{0, b.p.Weeks}
			if h := b.heads[m.cluster]; h != nil {
				root[i][v].from = h[v]
			}
		}
	}
	made := 1
	pf.add(root, least, made)
	steady := progress{pause: max(20, patience/len(rel.members)), gap: math.Inf(1)}
	for len(pf.open) > 0 && made < limit && ctx.Err() == nil && steady.goesOn(made, pf.best-pf.open[0].bound) {
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

// beaten reports whether no solution of the bound can be better than the best known one.
func (pf *proof) beaten(bound float64) bool {
	return bound > pf.best-max(pf.b.grain, 1e-9*math.Abs(pf.best))+1e-6
}

// add evaluates a node and keeps it when it may hold a better solution.
func (pf *proof) add(domains [][]window, parent float64, made int) {
	pf.narrow(domains)
	whole := pf.rel.bound
	pf.rel.bound = math.Inf(-1)
	mean, spread := pf.search(pf.b.p.Hop / 40)
	n := &node{domains: domains, bound: max(pf.rel.bound, parent), made: made}
	pf.rel.bound = whole
	if pf.beaten(n.bound) {
		return
	}
	late := pf.delayed(domains)
	pf.try()
	n.member, n.version = widest(spread, domains)
	if n.member < 0 {
		n.member, n.version = pf.undecided(domains)
	}
	if pf.beaten(n.bound) {
		return
	}
	if n.member < 0 {
		pf.leaf()
		return
	}
	w := domains[n.member][n.version]
	if late.member >= 0 && late.cost >= pf.best-n.bound-1e-6 {
		n.member, n.version, n.at = late.member, late.version, late.week-1
		heap.Push(&pf.open, n)
		return
	}
	n.at = min(max(int(mean[n.member][n.version]), w.from), w.to-1)
	heap.Push(&pf.open, n)
}

// leaf tries the one solution of a node in which every cluster reaches every version in a week of its own choice: its relaxed schedules.
func (pf *proof) leaf() {
	b := pf.b
	for _, ch := range pf.pt.chains {
		b.remove(ch)
	}
	for i := range pf.rel.members {
		c := pf.rel.members[i].cluster
		b.schedules[c] = append(b.schedules[c][:0], pf.rel.schedule[i]...)
		b.take(c, 1)
		b.costs[c] = b.p.Cost(c, b.schedules[c])
	}
	if b.feasible(pf.pt) {
		pf.note(b.partCost(pf.pt))
	}
}

// undecided finds a window that is not yet a single week: what is left to split where all relaxed schedules agree.
func (pf *proof) undecided(domains [][]window) (member, version int) {
	for i := range domains {
		for v := pf.b.p.Clusters[pf.rel.members[i].cluster].Start + 1; v < len(domains[i]); v++ {
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
// clusters before and after keep their soak. It reports whether every window still has a week.
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
	start := pf.b.p.Clusters[pf.rel.members[i].cluster].Start
	if v > start+1 && !pf.tighten(d, i, v-1, window{0, now.to}) || v+1 < len(d[i]) && !pf.tighten(d, i, v+1, window{now.from, pf.b.p.Weeks}) {
		return false
	}
	weeks := pf.b.p.Weeks
	for _, l := range pf.rel.links {
		startA := pf.b.p.Clusters[pf.rel.members[l.a].cluster].Start
		if l.b == i && v > startA && v < len(d[l.a]) && now.to < weeks && !pf.tighten(d, l.a, v, window{0, now.to - l.soak}) {
			return false
		}
		if l.a == i && v > pf.b.p.Clusters[pf.rel.members[l.b].cluster].Start && v < len(d[l.b]) &&
			!pf.tighten(d, l.b, v, window{min(now.from+l.soak, weeks), weeks}) {
			return false
		}
	}
	return true
}

// narrow hands the windows to the relaxation, and the days on which they can begin. A window that ends at the horizon lets the version
// never be reached.
func (pf *proof) narrow(domains [][]window) {
	for i := range pf.rel.members {
		weeks := pf.b.p.Weeks
		ready, need := make([]int, len(domains[i])), make([]int, weeks)
		for v := pf.b.p.Clusters[pf.rel.members[i].cluster].Start + 1; v < len(domains[i]); v++ {
			ready[v] = domains[i][v].from
			for t := domains[i][v].to; t < weeks; t++ {
				need[t] = max(need[t], v)
			}
		}
		pf.rel.narrow[i] = limits{ready: ready, need: need}
		if pf.b.dated {
			pf.rel.narrow[i].pace = pf.pace(i, ready)
		}
	}
}

// search is relaxation.search that also watches in which weeks the members reach their versions: their mean and variance.
func (pf *proof) search(rate float64) (mean, spread [][]float64) {
	const rounds = 40
	rel := pf.rel
	mean, spread = make([][]float64, len(rel.members)), make([][]float64, len(rel.members))
	for i, m := range rel.members {
		mean[i], spread[i] = make([]float64, len(m.class.Avail)), make([]float64, len(m.class.Avail))
	}
	n := 0.0
	rel.searchWatched(rounds, rate, func(round int) {
		if round < rounds/2 {
			return
		}
		n++
		for i := range rel.members {
			m := &rel.members[i]
			at := pf.b.p.Clusters[m.cluster].Start + 1
			for t, v := range m.version {
				for ; at <= int(v); at++ {
					welford(&mean[i][at], &spread[i][at], float64(t), n)
				}
			}
			for ; at < len(mean[i]); at++ {
				welford(&mean[i][at], &spread[i][at], float64(len(m.version)), n)
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

// widest finds the week that the relaxed schedules disagree about most.
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
	if cost < pf.best {
		pf.best, pf.kept = cost, pf.b.save(pf.pt.chains)
	}
}
