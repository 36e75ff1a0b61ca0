package solver

// delay is a hop of the relaxed schedules that makes another one cost more than the relaxation sees: as it can only be late in its week, the hop
// that waits for it misses the openings that cost less.
type delay struct {
	member, version, week int
	cost                  float64 // of all delays
}

// delayed dates the relaxed schedules of a node, as far as their order allows, and finds the delay that costs most and that the windows of the node do
// not know of yet.
func (pf *proof) delayed(domains [][]window) delay {
	b, out := pf.b, delay{member: -1}
	if !b.dated {
		return out
	}
	for _, ch := range pf.pt.chains {
		b.remove(ch)
	}
	most := 0.0
	for m := range pf.rel.members {
		i := pf.rel.members[m].cluster
		b.schedules[i] = append(b.schedules[i][:0], pf.rel.schedule[m]...)
		pc := b.begin(&b.pace, i, false)
		b.behind(i, pc)
		b.costs[i] = 0
		b.date(i, pc)
		cost := b.costs[i]
		out.cost += cost
		if cost <= most+1e-6 {
			continue
		}
		for v := b.p.Clusters[i].Start + 1; v < len(pc.from); v++ {
			if at, week := pf.culprit(domains, m, v); at >= 0 {
				out.member, out.version, out.week, most = at, v, week, cost
			}
		}
	}
	for _, m := range pf.rel.members { // they have taken no capacity
		b.schedules[m.cluster], b.costs[m.cluster] = b.schedules[m.cluster][:0], 0
	}
	return out
}

// culprit follows the hop to a version to the hops before it, in other clusters, that it waits for, up to the first whose window begins before its week.
func (pf *proof) culprit(domains [][]window, m, v int) (member, week int) {
	b := pf.b
	member = -1
	for {
		i := pf.rel.members[m].cluster
		next := -1
		for _, l := range pf.rel.links {
			if a := pf.rel.members[l.a].cluster; l.b == m && v < len(b.first[a]) && v < len(b.first[i]) && b.first[a][v] < far && b.first[a][v]+b.p.Clusters[i].SoakDays >= b.first[i][v]-1 {
				next = l.a
			}
		}
		if next < 0 {
			return member, week
		}
		m = next
		if w := b.reach(pf.rel.members[m].cluster, v); w > domains[m][v].from && w <= domains[m][v].to {
			member, week = m, w
		}
	}
}

// pace is what the windows of the members before a member, and its own, leave it of the days: it can hop to a version on the first opening of
// the window, the rest of the hop before and the soaks later at the earliest. It uses the paces of the members before, and moves ready to those days.
func (pf *proof) pace(i int, ready []int) *pace {
	at := func(member int) (int, *Cluster) { c := pf.rel.members[member].cluster; return c, &pf.b.p.Clusters[c] }
	cluster, c := at(i)
	pc := pf.b.begin(new(pace), cluster, false)
	for v := c.Start + 1; v < len(pc.from); v++ {
		pc.from[v] = max(pc.from[v], pc.from[v-1]+pc.apart)
		for _, l := range pf.rel.links {
			if _, before := at(l.a); l.b == i && v > before.Start && v < len(pf.rel.narrow[l.a].pace.from) {
				pc.from[v] = max(pc.from[v], pf.rel.narrow[l.a].pace.from[v]+c.SoakDays)
			}
		}
		pc.from[v] = firstDay(pc.days, ready[v], pc.from[v])
		ready[v] = max(ready[v], weekFrom(pc.days, pc.from[v]))
	}
	pc.mark()
	return pc
}
