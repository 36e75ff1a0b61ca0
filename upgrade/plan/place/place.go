package place

import (
	"slices"

	"treadmill/upgrade/plan/model"
	"treadmill/upgrade/plan/solver"
)

// spread moves steps within their weeks to openings in which their team does less, where that costs nobody more. Clusters of which only
// some may be worked on at once, and those that draw on error budgets, stay where they are.
func spread(p *model.Problem, m *solver.Problem) {
	load := map[string]map[model.Minutes]int{} // steps by team and close of the opening
	for _, u := range p.Units {
		if load[u.Cluster.Team.V] == nil {
			load[u.Cluster.Team.V] = map[model.Minutes]int{}
		}
		for _, w := range u.Work {
			for _, i := range w.Slots {
				load[u.Cluster.Team.V][u.Slots.All[i].End]++
			}
		}
	}
	crowded := map[int]bool{}
	for _, c := range m.Crowds {
		for _, i := range c.Clusters {
			crowded[i] = true
		}
	}
	for _, u := range p.ByRank() {
		if crowded[u.Index] || len(u.Cluster.SLOs) > 0 {
			continue
		}
		mv := mover{p: p, u: u, class: &m.Classes[m.Clusters[u.Index].Class], load: load[u.Cluster.Team.V]}
		for k := range u.Work {
			for i := range u.Work[k].Slots {
				if !u.Work[k].Kept {
					mv.move(k, i)
				}
			}
		}
		p.Settle(u)
	}
}

// mover moves the steps of one cluster.
type mover struct {
	p     *model.Problem
	u     *model.Unit
	class *solver.Class
	load  map[model.Minutes]int
}

// move takes one step of a campaign to the opening of its week in which the team does least, of those that cost no more and leave all
// others theirs.
func (mv *mover) move(k, i int) {
	u, w := mv.u, &mv.u.Work[k]
	at := w.Slots[i]
	from, to := mv.between(k, i)
	best := at
	for j := from; j < to; j++ {
		if mv.class.Week[j] == mv.class.Week[at] && mv.cost(w, i, j) == mv.cost(w, i, at) &&
			mv.load[u.Slots.All[j].End]+1 < mv.load[u.Slots.All[best].End]+mv.here(best, at) && mv.allowed(w, i, j) {
			best = j
		}
	}
	if best != at {
		mv.load[u.Slots.All[at].End]--
		mv.load[u.Slots.All[best].End]++
		w.Slots[i] = best
	}
}

// here is 0 for the opening that a step has, whose load counts it already, and 1 for another.
func (mv *mover) here(j, at int32) int {
	if j == at {
		return 0
	}
	return 1
}

// cost is what the version that a step leaves costs in an opening more than the newer one.
func (mv *mover) cost(w *model.Work, i int, j int32) float64 {
	if w.Hops == 0 {
		return 0
	}
	return mv.class.Leave[mv.u.Lives.First.Sub(mv.p.Base)+w.From+i][j]
}

// between are the openings that the steps before and after one leave it.
func (mv *mover) between(k, i int) (from, to int32) {
	u, c := mv.u, mv.class
	to = int32(len(c.Day))
	if i > 0 {
		from = c.Next[u.Work[k].Slots[i-1]]
	} else if k > 0 {
		from = mv.follows(&u.Work[k-1], u.Work[k-1].Slots[len(u.Work[k-1].Slots)-1])
	}
	next := int32(-1)
	if i+1 < len(u.Work[k].Slots) {
		next = u.Work[k].Slots[i+1]
	} else if k+1 < len(u.Work) {
		next = u.Work[k+1].Slots[0]
	}
	for next >= 0 && to > from && mv.follows(&u.Work[k], to-1) > next {
		to--
	}
	first, last := u.Work[k].Slots[0], u.Work[k].Slots[len(u.Work[k].Slots)-1]
	if i > 0 {
		to = min(to, c.Limit[first])
	}
	for i == 0 && from < to && c.Limit[from] <= last {
		from++
	}
	return from, to
}

// follows is the first opening after one in which a campaign has a step.
func (mv *mover) follows(w *model.Work, j int32) int32 {
	if w.Hops == 0 {
		return mv.class.Free[j]
	}
	return mv.class.Next[j]
}

// allowed reports whether a step may be in an opening: the version can be had then, and the clusters before and after keep their soak.
func (mv *mover) allowed(w *model.Work, i int, j int32) bool {
	if w.Hops == 0 {
		return true
	}
	u := mv.u
	v := w.From + i + 1
	offset := u.Lives.First.Sub(mv.p.Base)
	if j < mv.class.From[offset+v] || mv.class.Forced[offset+v-1] || mv.class.Side(offset+v, j) != mv.class.Side(offset+v, w.Slots[i]) {
		return false
	}
	minor, day := u.Lives.Versions[v].Minor, u.Slots.All[j].Start/model.Day
	if h, held := u.Held[minor]; held && int(mv.class.Day[j]) < h.Day {
		return false
	}
	for _, l := range slices.Concat(u.Lower, u.Settled) {
		if at := l.StartOf(minor.Sub(l.Lives.First)); at >= model.Never || at > -model.Never && at/model.Day+model.Minutes(u.Soak) > day {
			return false
		}
	}
	for _, x := range u.Higher {
		if at, hops := x.HopTo(minor); hops && day+model.Minutes(x.Soak) > at/model.Day {
			return false
		}
	}
	return true
}
