package model

// Resumes is the first week in which the solver may hop: after the rest that follows the last campaign that was kept.
func (p *Problem) Resumes(u *Unit) int {
	kept := u.Kept()
	if len(kept) == 0 {
		return 0
	}
	last := kept[len(kept)-1]
	rest := max(1, int(u.Lives.Spacing+weekLong-1)/int(weekLong))
	return min(p.Weeks, int(u.Slots.All[last.Slots[len(last.Slots)-1]].Week)+rest)
}

// readyFor is, by version of the solver, the first week and the first day on which a hop may be done because of work that comes first: the
// cluster's own, and what is kept of those that it waits for. It is nil where there is none.
func (p *Problem) readyFor(u *Unit) (weeks, days []int) {
	offset, soak := u.Lives.First.Sub(p.Base), p.soakWeeks(u)
	weeks, days = make([]int, len(u.Lives.Versions)+offset), make([]int, len(u.Lives.Versions)+offset)
	resumes, soonest := p.Resumes(u), 0
	if n := len(u.Work); n > 0 {
		last := u.Work[n-1].Slots
		soonest = p.dayOf(u.After(last[len(last)-1]))
	}
	bound := len(u.Work) > 0
	wait := func(v, week, day int) {
		weeks[v], days[v], bound = max(weeks[v], min(p.Weeks, week)), max(days[v], day), true
	}
	for v := u.Start + 1; v < len(u.Lives.Versions); v++ {
		weeks[v+offset], days[v+offset] = resumes, soonest
		for _, l := range u.Settled {
			wait(v+offset, l.weekOf(u.Lives.Versions[v].Minor)+soak, p.dayOf(l.StartOf(u.Lives.Versions[v].Minor.Sub(l.Lives.First)))+u.Soak)
		}
	}
	for _, l := range u.Lower {
		for _, w := range l.Kept() {
			for k := range w.Hops {
				if v := l.Lives.First.Sub(p.Base) + w.From + k + 1; v > u.Start+offset && v < len(weeks) {
					x := l.Slots.All[w.Slots[k]]
					wait(v, int(x.Week)+soak, p.dayOf(x.Start)+u.Soak)
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
