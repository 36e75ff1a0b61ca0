package plan

import (
	"slices"

	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan/solver"
)

// place gives every hop of a solution an opening of a maintenance window in its week. The solver has chosen the weeks so that there is one for
// each (solver.Class.Days), and knows what the first ones cost that can be. So these are found first; then, from the last hop to the first, how
// much later each may be at no cost to anybody; and then hops are spread over the openings between.
func (p *problem) place(s solver.Solution) {
	units := p.byRank()
	kept := make([]int, len(p.units))
	for _, u := range units {
		kept[u.index] = len(u.work)
		pl := placing{p: p, u: u}
		pl.all(s.Schedules[u.index])
	}
	limits := p.limits(units, kept)
	load := map[string]map[minutes]int{} // hops by team and opening
	for _, u := range units {
		if load[u.cluster.Team.V] == nil {
			load[u.cluster.Team.V] = map[minutes]int{}
		}
		u.work = u.work[:kept[u.index]]
		pl := placing{p: p, u: u, load: load[u.cluster.Team.V], limits: limits[u.index]}
		pl.all(s.Schedules[u.index])
	}
}

// byRank lists the units with environments in promotion order.
func (p *problem) byRank() []*unit {
	units := slices.Clone(p.units)
	slices.SortStableFunc(units, func(a, b *unit) int { return a.rank - b.rank })
	return units
}

// placing is one cluster while its hops get their openings.
type placing struct {
	p      *problem
	u      *unit
	load   map[minutes]int
	limits []int32 // by version: see problem.limits; nil for the first openings
}

// limits are the last openings, by unit and version, that the hops of a solution may take at no cost, when they have their first ones now: they are
// not dearer than those, and leave the hops that wait for them theirs. What was kept before has none, nor has a version without a hop: -1.
func (p *problem) limits(units []*unit, kept []int) [][]int32 {
	out := make([][]int32, len(p.units))
	for _, u := range slices.Backward(units) {
		own := slices.Repeat([]int32{-1}, len(u.lives.versions))
		out[u.index] = own
		until, index := never, int32(len(u.slots.all))
		for _, w := range slices.Backward(u.work[kept[u.index]:]) {
			for h := w.hops - 1; h >= 0; h-- {
				v := w.from + h + 1
				index = u.latest(v, w.slots[h], index, min(until, u.waiting(v, out)))
				own[v] = index
				if until = never; u.lives.spacing > 0 {
					until = u.slots.all[index].start/day*day - u.lives.spacing
				}
			}
		}
	}
	return out
}

// latest moves a hop to a version from its first opening to later ones of the week before an index, for as long as they begin on a day up to a
// time and cost no more.
func (u *unit) latest(v int, first, before int32, until minutes) int32 {
	cost := func(i int32) fleet.Money {
		end := u.slots.all[i].end
		return u.lives.versions[v-1].at(end) - u.lives.versions[v].at(end)
	}
	i := first
	for i+1 < min(before, u.slots.first[u.slots.all[first].week+1]) && u.slots.all[i+1].start/day*day <= until && cost(i+1) <= cost(first) {
		i++
	}
	return i
}

// waiting is the last day on which a hop to a version may be for the sake of the clusters that wait for it.
func (u *unit) waiting(v int, limits [][]int32) minutes {
	until := never
	for _, x := range u.higher {
		at := u.lives.versions[v].minor.Sub(x.lives.first)
		if at > x.at && at < len(limits[x.index]) && limits[x.index][at] >= 0 {
			until = min(until, x.slots.all[limits[x.index][at]].start/day*day-minutes(x.soak)*day)
		}
	}
	return until
}

func (pl *placing) all(s solver.Schedule) {
	u := pl.u
	if u.started == nil {
		u.started = unset(len(u.lives.versions))
	}
	soonest := pl.p.now
	if n := len(u.work); n > 0 { // nodes that come first, or what was kept
		last := u.work[n-1].slots
		soonest = u.after(last[len(last)-1])
	}
	offset := u.lives.first.Sub(pl.p.base)
	for _, k := range s {
		w := work{from: k.From - offset}
		for h := range k.To - k.From {
			v := w.from + h + 1
			i, ok := pl.opening(max(soonest, pl.soaked(v)), k.Week+h*u.lives.weeksBetween(u.slots), v)
			if !ok {
				pl.keep(w)
				return
			}
			w.slots = append(w.slots, i)
			w.hops++
			u.started[v] = u.slots.all[i].start
			soonest = u.after(i)
		}
		pl.keep(w)
	}
}

func (pl *placing) keep(w work) {
	if w.hops > 0 {
		pl.u.work = append(pl.u.work, w)
	}
}

// after is when the next hop may start at the soonest: the opening is over, and the provider's time to roll back too. Rollback and soak
// count calendar days (UTC) from start to start.
func (u *unit) after(i int32) minutes {
	x := u.slots.all[i]
	if u.lives.spacing == 0 {
		return x.end
	}
	return max(x.end, (x.start/day)*day+u.lives.spacing)
}

// soaked is when the environment before has run a version for long enough.
func (pl *placing) soaked(v int) minutes {
	at := -never
	for _, l := range slices.Concat(pl.u.lower, pl.u.settled) {
		start := l.startOf(pl.u.lives.versions[v].minor.Sub(l.lives.first))
		switch {
		case start >= never:
			return never
		case start > -never:
			at = max(at, (start/day)*day+minutes(pl.u.soak)*day)
		}
	}
	return at
}

// startOf is the start of the hop by which a cluster comes to a version or a later one: never, or long ago when it is there.
func (u *unit) startOf(v int) minutes {
	switch {
	case v <= u.at:
		return -never
	case v >= len(u.started):
		return never
	default:
		return u.started[v]
	}
}

// opening finds an opening in its week for a hop to a version, from a time on: of those up to its limit the one in which the team does least.
func (pl *placing) opening(from minutes, week, v int) (int32, bool) {
	u := pl.u
	from = max(from, u.lives.versions[v].open)
	i := u.slots.after(from, u.slots.first[week])
	if i >= u.slots.first[week+1] {
		return 0, false
	}
	if pl.limits == nil {
		return i, true
	}
	best := i
	for j := i; j <= pl.limits[v]; j++ {
		if pl.load[u.slots.all[j].start] < pl.load[u.slots.all[best].start] {
			best = j
		}
	}
	pl.load[u.slots.all[best].start]++
	return best, true
}

// unset is n times of which none has come.
func unset(n int) []minutes {
	out := make([]minutes, n)
	for i := range out {
		out[i] = never
	}
	return out
}

// stay is a time that a cluster spends at one version.
type stay struct {
	version  int
	from, to minutes
}

// stays follows a unit from now to the horizon. A version is left when the window of the hop closes.
func (p *problem) stays(u *unit, all []work) []stay {
	out := []stay{{u.at, p.now, p.horizon}}
	for _, w := range all {
		for k := range w.hops {
			end := u.slots.all[w.slots[k]].end
			out[len(out)-1].to = end
			out = append(out, stay{w.from + k + 1, end, p.horizon})
		}
	}
	return out
}
