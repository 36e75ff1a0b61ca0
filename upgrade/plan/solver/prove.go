package solver

import (
	"context"
	"math"
	"slices"
)

// proof is a branch and bound over the weeks in which clusters reach versions. Each node narrows one such week to a range
// and asks the relaxation for its bound; nodes that cannot beat the best known cost end.
type proof struct {
	b    *builder
	rel  *relaxation
	pt   part
	best float64
	kept []Schedule
	left int     // nodes that may still be looked at
	open float64 // least bound of a node that was not looked at
}

// window is the range of weeks in which a member reaches a version.
type window struct{ from, to int }

// prove raises the bound of a part towards its cost and lowers the cost where the search finds a better solution, until both
// meet or the nodes are used up. It returns the bound. Every chain must be a kind of its own.
func (b *builder) prove(ctx context.Context, pt part, rel *relaxation, nodes int, rate float64) float64 {
	pf := &proof{b: b, rel: rel, pt: pt, left: nodes, open: math.Inf(1), kept: b.save(pt.chains)}
	for _, ch := range pt.chains {
		pf.best += b.chainCost(ch)
	}
	domains := make([][]window, len(rel.members))
	for i, m := range rel.members {
		domains[i] = make([]window, len(m.class.Avail))
		for v := range domains[i] {
			domains[i][v] = window{0, b.p.Weeks}
			if h := b.heads[m.cluster]; h != nil {
				domains[i][v].from = h[v]
			}
		}
	}
	pf.node(ctx, domains, rate)
	b.restore(pt.chains, pf.kept)
	return min(pf.best, pf.open)
}

func (pf *proof) node(ctx context.Context, domains [][]window, rate float64) {
	rel := pf.rel
	if pf.left--; pf.left < 0 || ctx.Err() != nil {
		pf.open = min(pf.open, rel.bound)
		return
	}
	pf.narrow(domains)
	parent := rel.bound
	rel.bound = math.Inf(-1)
	mean, spread := pf.search(rate)
	rel.bound = max(rel.bound, parent)
	if rel.bound >= pf.best-1e-6*pf.best {
		rel.bound = parent
		return
	}
	pf.try()
	bound := rel.bound
	i, v := widest(spread)
	if i < 0 {
		pf.open = min(pf.open, bound)
		rel.bound = parent
		return
	}
	at := int(math.Floor(mean[i][v]))
	for _, side := range []window{{domains[i][v].from, at}, {at + 1, domains[i][v].to}} {
		if side.from > side.to {
			continue
		}
		child := clone(domains)
		if pf.tighten(child, i, v, side) {
			rel.bound = bound
			pf.node(ctx, child, rate)
		}
	}
	rel.bound = parent
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

// narrow hands the windows to the relaxation. A window that ends at the horizon lets the version never be reached.
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

func widest(spread [][]float64) (member, version int) {
	member, most := -1, 1e-9
	for i := range spread {
		for v, s := range spread[i] {
			if s > most {
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
	if cost := b.construct(pf.pt.teams, pf.pt.chains); cost < pf.best {
		pf.best, pf.kept = cost, b.save(pf.pt.chains)
	}
}
