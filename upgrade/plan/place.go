package plan

import (
	"slices"

	"treadmill/upgrade/plan/solver"
)

// place gives every hop of a solution an opening of a maintenance window in its week, the environments before first. The solver has
// chosen the weeks so that there is one for each (solver.Class.Days).
func (p *problem) place(s solver.Solution) {
	limits := p.limits(s)
	load := map[string]map[minutes]int{} // hops by team and opening
	for _, u := range p.byRank() {
		if load[u.cluster.Team.V] == nil {
			load[u.cluster.Team.V] = map[minutes]int{}
		}
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
	limits []limit
}

// limit is the last opening of its week that a hop may take so that the hops which wait for it have theirs, and whether an earlier one costs
// less, for its cluster or for one that waits.
type limit struct {
	slot  int32
	hurry bool
}

// limits are the limits of all hops of a solution, by unit and version.
func (p *problem) limits(s solver.Solution) [][]limit {
	out := make([][]limit, len(p.units))
	for _, u := range slices.Backward(p.byRank()) {
		own := slices.Repeat([]limit{{slot: -1}}, len(u.lives.versions))
		out[u.index] = own
		offset, between := u.lives.first.Sub(p.base), u.lives.weeksBetween(u.slots)
		until, index := never, int32(len(u.slots.all))
		for _, k := range slices.Backward(s.Schedules[u.index]) {
			for h := k.To - k.From - 1; h >= 0; h-- {
				v := k.From - offset + h + 1
				own[v] = p.limit(u, out, v, min(index, u.slots.first[k.Week+h*between+1])-1, until)
				index = own[v].slot
				if index >= 0 {
					until = u.slots.all[index].start/day*day - u.lives.spacing
				}
			}
		}
	}
	return out
}

// limit looks for the limit of a hop to a version from an opening backward; it starts by the end of a day.
func (p *problem) limit(u *unit, limits [][]limit, v int, slot int32, until minutes) limit {
	if u.lives.spacing == 0 {
		until = never
	}
	out := limit{slot: slot}
	if slot >= 0 {
		out.hurry = u.pays(v-1, slot)
	}
	for _, x := range u.higher {
		at := u.lives.versions[v].minor.Sub(x.lives.first)
		if at <= x.at || at >= len(limits[x.index]) || limits[x.index][at].slot < 0 {
			continue
		}
		l := limits[x.index][at]
		until = min(until, x.slots.all[l.slot].start/day*day-minutes(x.soak)*day)
		out.hurry = out.hurry || l.hurry
	}
	for out.slot >= 0 && u.slots.all[out.slot].start/day*day > until {
		out.slot--
	}
	return out
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

// opening finds an opening in its week for a hop to a version, from a time on: the first one where every day costs money, and else the one in
// which the team does least of those that keep nobody waiting.
func (pl *placing) opening(from minutes, week, v int) (int32, bool) {
	u := pl.u
	from = max(from, u.lives.versions[v].open)
	i := u.slots.after(from, u.slots.first[week])
	if i >= u.slots.first[week+1] {
		return 0, false
	}
	best := i
	for j := i; j <= pl.limits[v].slot && !pl.limits[v].hurry; j++ {
		if pl.load[u.slots.all[j].start] < pl.load[u.slots.all[best].start] {
			best = j
		}
	}
	pl.load[u.slots.all[best].start]++
	return best, true
}

// pays reports whether every day at a version costs money around an opening, so that the first opening is the best.
func (u *unit) pays(v int, i int32) bool {
	l, at := &u.lives.versions[v], u.slots.all[i].end
	return l.at(at+weekLong) > l.at(at)
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
