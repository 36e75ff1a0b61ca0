package place

import (
	"slices"

	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan/model"
	"treadmill/upgrade/plan/solver"
)

// openings gives every hop of a solution an opening of a maintenance window in its week. The solver has chosen the weeks so that there is one for
// each (solver.Class.Days), and knows what the first ones cost that can be. So these are found first; then, from the last hop to the first, how
// much later each may be at no cost to anybody; and then hops are spread over the openings between.
func openings(p *model.Problem, s solver.Solution) {
	units := p.ByRank()
	kept := make([]int, len(p.Units))
	for _, u := range units {
		kept[u.Index] = len(u.Work)
		pl := placing{p: p, u: u}
		pl.all(s.Schedules[u.Index])
	}
	limits := limits(p, units, kept)
	load := map[string]map[model.Minutes]int{} // hops by team and opening
	for _, u := range units {
		if load[u.Cluster.Team.V] == nil {
			load[u.Cluster.Team.V] = map[model.Minutes]int{}
		}
		u.Work = u.Work[:kept[u.Index]]
		pl := placing{p: p, u: u, load: load[u.Cluster.Team.V], limits: limits[u.Index]}
		pl.all(s.Schedules[u.Index])
	}
}

// placing is one cluster while its hops get their openings.
type placing struct {
	p      *model.Problem
	u      *model.Unit
	load   map[model.Minutes]int
	limits []int32 // by version: see problem.limits; nil for the first openings
}

// limits are the last openings, by unit and version, that the hops of a solution may take at no cost, when they have their first ones now: they are
// not dearer than those, and leave the hops that wait for them theirs. What was kept before has none, nor has a version without a hop: -1.
func limits(p *model.Problem, units []*model.Unit, kept []int) [][]int32 {
	out := make([][]int32, len(p.Units))
	for _, u := range slices.Backward(units) {
		own := slices.Repeat([]int32{-1}, len(u.Lives.Versions))
		out[u.Index] = own
		until, index := model.Never, int32(len(u.Slots.All))
		for _, w := range slices.Backward(u.Work[kept[u.Index]:]) {
			for h := w.Hops - 1; h >= 0; h-- {
				v := w.From + h + 1
				index = latest(u, v, w.Slots[h], index, min(until, waiting(u, v, out)))
				own[v] = index
				if until = model.Never; u.Lives.Spacing > 0 {
					until = u.Slots.All[index].Start/model.Day*model.Day - u.Lives.Spacing
				}
			}
		}
	}
	return out
}

// latest moves a hop to a version from its first opening to later ones of the week before an index, for as long as they begin on a day up to a
// time and cost no more.
func latest(u *model.Unit, v int, first, before int32, until model.Minutes) int32 {
	cost := func(i int32) fleet.Money {
		end := u.Slots.All[i].End
		return u.Lives.Versions[v-1].At(end) - u.Lives.Versions[v].At(end)
	}
	i := first
	for i+1 < min(before, u.Slots.First[u.Slots.All[first].Week+1]) && u.Slots.All[i+1].Start/model.Day*model.Day <= until && cost(i+1) <= cost(first) {
		i++
	}
	return i
}

// waiting is the last day on which a hop to a version may be for the sake of the clusters that wait for it.
func waiting(u *model.Unit, v int, limits [][]int32) model.Minutes {
	until := model.Never
	for _, x := range u.Higher {
		at := u.Lives.Versions[v].Minor.Sub(x.Lives.First)
		if at > x.At && at < len(limits[x.Index]) && limits[x.Index][at] >= 0 {
			until = min(until, x.Slots.All[limits[x.Index][at]].Start/model.Day*model.Day-model.Minutes(x.Soak)*model.Day)
		}
	}
	return until
}

func (pl *placing) all(s solver.Schedule) {
	u := pl.u
	if u.Started == nil {
		u.Started = model.Unset(len(u.Lives.Versions))
	}
	soonest := pl.p.Now
	if n := len(u.Work); n > 0 { // nodes that come first, or what was kept
		last := u.Work[n-1].Slots
		soonest = u.After(last[len(last)-1])
	}
	offset := u.Lives.First.Sub(pl.p.Base)
	for _, k := range s {
		w := model.Work{From: k.From - offset}
		for h := range k.To - k.From {
			v := w.From + h + 1
			i, ok := pl.opening(max(soonest, pl.soaked(v)), k.Week+h*u.Lives.WeeksBetween(u.Slots), v)
			if !ok {
				pl.keep(w)
				return
			}
			w.Slots = append(w.Slots, i)
			w.Hops++
			u.Started[v] = u.Slots.All[i].Start
			soonest = u.After(i)
		}
		pl.keep(w)
	}
}

func (pl *placing) keep(w model.Work) {
	if w.Hops > 0 {
		pl.u.Work = append(pl.u.Work, w)
	}
}

// soaked is when the environment before has run a version for long enough.
func (pl *placing) soaked(v int) model.Minutes {
	at := -model.Never
	for _, l := range slices.Concat(pl.u.Lower, pl.u.Settled) {
		start := l.StartOf(pl.u.Lives.Versions[v].Minor.Sub(l.Lives.First))
		switch {
		case start >= model.Never:
			return model.Never
		case start > -model.Never:
			at = max(at, (start/model.Day)*model.Day+model.Minutes(pl.u.Soak)*model.Day)
		}
	}
	return at
}

// opening finds an opening in its week for a hop to a version, from a time on: of those up to its limit the one in which the team does least.
func (pl *placing) opening(from model.Minutes, week, v int) (int32, bool) {
	u := pl.u
	from = max(from, u.Lives.Versions[v].Open)
	i := u.Slots.After(from, u.Slots.First[week])
	if i >= u.Slots.First[week+1] {
		return 0, false
	}
	if pl.limits == nil {
		return i, true
	}
	best := i
	for j := i; j <= pl.limits[v]; j++ {
		if pl.load[u.Slots.All[j].Start] < pl.load[u.Slots.All[best].Start] {
			best = j
		}
	}
	pl.load[u.Slots.All[best].Start]++
	return best, true
}
