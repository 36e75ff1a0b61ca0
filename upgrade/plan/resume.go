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

// readyFor is, by version of the solver, the first week in which a hop may be done because of campaigns that were kept: the cluster's own and those
// that it waits for. It is nil where there are none.
func (p *problem) readyFor(u *unit) []int {
	offset := u.lives.first.Sub(p.base)
	out := make([]int, len(u.lives.versions)+offset)
	resumes := p.resumes(u)
	bound := resumes > 0
	for v := u.start + 1; v < len(u.lives.versions); v++ {
		out[v+offset] = resumes
	}
	for _, l := range u.lower {
		for _, w := range l.kept() {
			for k := range w.hops {
				v := l.lives.first.Sub(p.base) + w.from + k + 1
				if v > u.start+offset && v < len(out) {
					out[v], bound = max(out[v], min(p.weeks, int(l.slots.all[w.slots[k]].week)+(u.soak+6)/7)), true
				}
			}
		}
	}
	for v := u.start + 1; v < len(u.lives.versions); v++ {
		for _, l := range u.settled {
			out[v+offset], bound = max(out[v+offset], min(p.weeks, l.weekOf(u.lives.versions[v].minor)+(u.soak+6)/7)), true
		}
	}
	if !bound {
		return nil
	}
	for v := 1; v < len(out); v++ {
		out[v] = max(out[v], out[v-1])
	}
	return out
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
