package plan

import (
	"slices"

	"treadmill/upgrade/plan/solver"
)

// place gives every hop of a solution an opening of a maintenance window, the environments before first. A hop whose week has no
// opening that fits takes the next one that does; that is rare, as the weeks were chosen to have room.
func (p *problem) place(s solver.Solution) {
	busy := map[string][]int{} // hops planned, by team and week
	for team := range p.room {
		busy[team] = make([]int, p.weeks)
	}
	for i, u := range p.units {
		p.book(busy, u, s.Schedules[i], 1)
	}
	load := map[string]map[minutes]int{} // hops by team and opening
	for _, u := range p.byRank() {
		p.book(busy, u, s.Schedules[u.index], -1)
		if load[u.cluster.Team.V] == nil {
			load[u.cluster.Team.V] = map[minutes]int{}
		}
		pl := placing{p: p, u: u, busy: busy[u.cluster.Team.V], room: p.room[u.cluster.Team.V], load: load[u.cluster.Team.V], latest: p.latest(u, s)}
		pl.all(s.Schedules[u.index])
	}
}

// book adds the weeks of a schedule to what its team is to do.
func (p *problem) book(busy map[string][]int, u *unit, s solver.Schedule, sign int) {
	weeks := busy[u.cluster.Team.V]
	if weeks == nil {
		return
	}
	for _, k := range s {
		for h := range k.To - k.From {
			weeks[k.Week+h*u.lives.weeksBetween(u.slots)] += sign
		}
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
	p          *problem
	u          *unit
	busy, room []int // of the team; nil without a limit
	load       map[minutes]int
	latest     []minutes // by version: the last day on which a hop keeps nobody waiting
}

// latest is, by version, the last day on which a hop of a unit may start so that the clusters that wait for it have all openings of
// the weeks that were chosen for them.
func (p *problem) latest(u *unit, s solver.Solution) []minutes {
	out := filled(len(u.lives.versions), never)
	for _, x := range u.higher {
		offset, between := x.lives.first.Sub(p.base), x.lives.weeksBetween(x.slots)
		for _, k := range s.Schedules[x.index] {
			for h := range k.To - k.From {
				v := x.lives.versions[k.From-offset+h+1].minor.Sub(u.lives.first)
				if i := int(x.slots.first[min(k.Week+h*between, p.weeks)]); v >= 0 && v < len(out) && i < len(x.slots.all) {
					out[v] = min(out[v], x.slots.all[i].start-minutes(x.soak)*day)
				}
			}
		}
	}
	return out
}

func (pl *placing) all(s solver.Schedule) {
	u := pl.u
	if u.started == nil {
		u.started = filled(len(u.lives.versions), never)
	}
	soonest, index := pl.p.now, int32(0)
	if n := len(u.work); n > 0 { // nodes that come first, or what was kept
		last := u.work[n-1].slots
		soonest = u.after(last[len(last)-1])
		index = u.slots.first[min(pl.p.weeks, int(u.slots.all[last[len(last)-1]].week)+1)]
	}
	offset := u.lives.first.Sub(pl.p.base)
	for _, k := range s {
		w := work{from: k.From - offset}
		for h := range k.To - k.From {
			v := w.from + h + 1
			i, ok := pl.opening(max(soonest, pl.soaked(v)), max(index, u.slots.first[min(k.Week+h*u.lives.weeksBetween(u.slots), pl.p.weeks)]), v, k.To-k.From-h)
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
		index = u.slots.first[u.slots.all[w.slots[w.hops-1]].week+1]
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

// opening finds an opening for a hop to a version, from a time and an opening on: in the first week that has one and in which the team has room, the
// one in which the team does least, as long as as many are left as the campaign still needs and no other cluster has to wait for it.
func (pl *placing) opening(from minutes, index int32, v, rest int) (int32, bool) {
	u := pl.u
	from = max(from, u.lives.versions[v].open)
	if from >= pl.p.horizon {
		return 0, false
	}
	i := u.slots.after(from, index)
	for int(i) < len(u.slots.all) {
		week := int(u.slots.all[i].week)
		end := u.slots.first[week+1]
		if pl.room != nil && pl.busy[week] >= pl.room[week] {
			i = end
			continue
		}
		best := i
		last := end
		if u.lives.weeksBetween(u.slots) == 0 {
			last = max(i+1, end-int32(rest-1))
		}
		for j := i; j < last && (j == i || u.slots.all[j].start/day*day <= pl.latest[v]); j++ {
			if !pl.pays(v-1, i) && pl.load[u.slots.all[j].start] < pl.load[u.slots.all[best].start] {
				best = j
			}
		}
		pl.load[u.slots.all[best].start]++
		if pl.room != nil {
			pl.busy[week]++
		}
		return best, true
	}
	return 0, false
}

// pays reports whether every day at a version costs money around an opening, so that the first opening is the best.
func (pl *placing) pays(v int, i int32) bool {
	l, at := &pl.u.lives.versions[v], pl.u.slots.all[i].end
	return l.at(at+weekLong) > l.at(at)
}

func filled(n int, v minutes) []minutes {
	out := make([]minutes, n)
	for i := range out {
		out[i] = v
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
