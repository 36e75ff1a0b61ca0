package plan

import "treadmill/upgrade"

// kept is the work of a unit that stays from an earlier plan. It comes first.
func (u *unit) kept() []work {
	n := 0
	for n < len(u.work) && u.work[n].kept {
		n++
	}
	return u.work[:n]
}

// resumes is the first week in which the solver may hop: after the rest that follows the last campaign that was kept.
func (p *problem) resumes(u *unit) int {
	kept := u.kept()
	if len(kept) == 0 {
		return 0
	}
	last := kept[len(kept)-1]
	rest := max(1, int(u.lives.spacing+weekLong-1)/int(weekLong))
	return min(p.weeks, int(u.slots.all[last.slots[len(last.slots)-1]].week)+rest)
}

// readyFor is, by version of the solver, the first week and the first day on which a hop may be done because of work that comes first: the
// cluster's own, and what is kept of those that it waits for. It is nil where there is none.
func (p *problem) readyFor(u *unit) (weeks, days []int) {
	offset, soak := u.lives.first.Sub(p.base), p.soakWeeks(u)
	weeks, days = make([]int, len(u.lives.versions)+offset), make([]int, len(u.lives.versions)+offset)
	resumes, soonest := p.resumes(u), 0
	if n := len(u.work); n > 0 {
		last := u.work[n-1].slots
		soonest = p.dayOf(u.after(last[len(last)-1]))
	}
	bound := len(u.work) > 0
	wait := func(v, week, day int) {
		weeks[v], days[v], bound = max(weeks[v], min(p.weeks, week)), max(days[v], day), true
	}
	for v := u.start + 1; v < len(u.lives.versions); v++ {
		weeks[v+offset], days[v+offset] = resumes, soonest
		for _, l := range u.settled {
			wait(v+offset, l.weekOf(u.lives.versions[v].minor)+soak, p.dayOf(l.startOf(u.lives.versions[v].minor.Sub(l.lives.first)))+u.soak)
		}
	}
	for _, l := range u.lower {
		for _, w := range l.kept() {
			for k := range w.hops {
				if v := l.lives.first.Sub(p.base) + w.from + k + 1; v > u.start+offset && v < len(weeks) {
					x := l.slots.all[w.slots[k]]
					wait(v, int(x.week)+soak, p.dayOf(x.start)+u.soak)
				}
			}
		}
	}
	if !bound {
		return nil, nil
	}
	for v := 1; v < len(weeks); v++ {
		weeks[v], days[v] = max(weeks[v], weeks[v-1]), max(days[v], days[v-1])
	}
	return weeks, days
}

// weekOf is the week in which a unit comes to a version or a later one: far off when it never does, and long ago when it is there.
func (u *unit) weekOf(m upgrade.Minor) int {
	v := m.Sub(u.lives.first)
	if v <= u.at {
		return -1 << 20
	}
	for _, w := range u.work {
		if k := v - w.from - 1; k < w.hops && w.hops > 0 {
			return int(u.slots.all[w.slots[max(k, 0)]].week)
		}
	}
	return 1 << 20
}
