package plan

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"treadmill/internal/diag"
	"treadmill/upgrade/calendar"
	"treadmill/upgrade/fleet"
)

// Move is a campaign that was approved and cannot stay where it was.
type Move struct {
	Cluster string    `json:"cluster"`
	To      string    `json:"to"`
	Was     time.Time `json:"was"`
	Why     string    `json:"why"`
}

// Approve marks the campaigns that start before a time as approved, so that a plan made from this one keeps them.
func (p *Plan) Approve(before time.Time) {
	for i := range p.Campaigns {
		p.Campaigns[i].Approved = p.Campaigns[i].Approved || p.Campaigns[i].Start.Before(before)
	}
}

// keep books the campaigns of an earlier plan that stay: those that were approved and what they build on, or all. What is done by the
// versions that clusters run is left out. It returns the approved ones that break a rule now.
func (p *problem) keep(old []Campaign, all bool) []Move {
	units := map[string]*unit{}
	for _, u := range p.units {
		units[u.cluster.Name.V] = u
	}
	old = slices.DeleteFunc(slices.Clone(old), func(c Campaign) bool { return units[c.Cluster] == nil || units[c.Cluster].did(c) })
	slices.SortStableFunc(old, func(a, b Campaign) int {
		return cmp.Or(cmp.Compare(units[a.Cluster].rank, units[b.Cluster].rank), a.Start.Compare(b.Start), cmp.Compare(a.Cluster, b.Cluster))
	})
	moves := []Move{}
	stays := chosen(old, units, all)
	for i, c := range old {
		if !stays[i] {
			continue
		}
		u := units[c.Cluster]
		left := u.left(c)
		slots, why := p.fits(u, left)
		if why == "" {
			p.take(u, work{from: u.start, hops: len(left.Hops), slots: slots, kept: true, approved: c.Approved})
		} else if c.Approved {
			moves = append(moves, Move{Cluster: c.Cluster, To: c.To.String(), Was: c.Start, Why: why})
		}
	}
	slices.SortStableFunc(moves, func(a, b Move) int { return cmp.Or(a.Was.Compare(b.Was), cmp.Compare(a.Cluster, b.Cluster)) })
	return moves
}

// chosen says which campaigns stay: approved ones, those of their clusters before them, and those of the environments before that they wait for.
// The campaigns are in order of environments and of their start.
func chosen(old []Campaign, units map[string]*unit, all bool) []bool {
	out := make([]bool, len(old))
	until := map[*unit]int{} // the version up to which campaigns of a cluster stay, as a number of minors
	for i, c := range slices.Backward(old) {
		u := units[c.Cluster]
		if out[i] = all || c.Approved || c.From.Sub(u.cluster.Version.V) < until[u]; !out[i] {
			continue
		}
		until[u] = max(until[u], c.To.Sub(u.cluster.Version.V))
		for _, l := range u.lower {
			until[l] = max(until[l], c.To.Sub(l.cluster.Version.V))
		}
	}
	return out
}

// did reports whether the cluster shows that a campaign is over.
func (u *unit) did(c Campaign) bool {
	if len(c.Hops) == 0 {
		return u.lag == 0 || c.To != u.cluster.Version.V
	}
	return !u.cluster.Version.V.Less(c.To)
}

// left is a campaign without the hops that the cluster has done.
func (u *unit) left(c Campaign) Campaign {
	if done := u.cluster.Version.V.Sub(c.From); done > 0 && done < len(c.Hops) && len(c.Steps) == len(c.Hops) {
		c.From, c.Hops, c.Steps = u.cluster.Version.V, c.Hops[done:], c.Steps[done:]
	}
	return c
}

// take takes over one campaign.
func (p *problem) take(u *unit, w work) {
	if u.started == nil {
		u.started = unset(len(u.lives.versions))
	}
	for k, i := range w.slots {
		if room := p.room[u.cluster.Team.V]; room != nil {
			room[u.slots.all[i].week]--
		}
		if k < w.hops {
			u.started[w.from+k+1] = u.slots.all[i].start
		}
	}
	u.work = append(u.work, w)
	u.start += w.hops
	u.lag = 0 // the campaign ends with the nodes
}

// fits finds the openings of a campaign of an earlier plan, or says why it breaks a rule.
func (p *problem) fits(u *unit, c Campaign) (slots []int32, why string) {
	ls, steps := u.lives, len(c.Steps)
	if from := ls.index(c.From); from > u.start {
		return nil, "it follows a campaign that moves"
	} else if from < u.start || c.To.Sub(c.From) != len(c.Hops) || steps != max(1, len(c.Hops)) {
		return nil, "it does not begin at the version that the cluster has then"
	}
	if len(c.Hops) > max(0, u.mostHops()) {
		return nil, "its nodes would be too far behind"
	}
	used := map[int32]int{}
	soonest := p.now
	if len(u.work) > 0 {
		last := u.work[len(u.work)-1]
		soonest = u.after(last.slots[len(last.slots)-1])
	}
	for k, s := range c.Steps {
		i, why := p.openingOf(u, s)
		if why != "" {
			return nil, why
		}
		start, week := u.slots.all[i].start, u.slots.all[i].week
		if len(c.Hops) > 0 {
			if why := p.hopFits(u, u.start+k+1, start); why != "" {
				return nil, why
			}
		}
		used[week]++
		switch room := p.room[u.cluster.Team.V]; {
		case start < soonest:
			return nil, "it is too near to the hop before"
		case room != nil && used[week] > room[week]:
			return nil, fmt.Sprintf("%s has no room left in %s", u.cluster.Team.V, p.weekName(int(week)))
		}
		slots, soonest = append(slots, i), u.after(i)
	}
	return slots, ""
}

// hopFits checks what a hop to a version waits for: the version and the environment before.
func (p *problem) hopFits(u *unit, v int, start minutes) string {
	if v >= len(u.lives.versions) || u.lives.versions[v].open >= never {
		return fmt.Sprintf("nothing newer than %s may be had", u.lives.versions[min(v, len(u.lives.versions))-1].minor)
	}
	l := &u.lives.versions[v]
	if l.open > start {
		return fmt.Sprintf("%s may not be had before %s", l.minor, dateOf(l.open))
	}
	for _, x := range u.lower {
		if at := x.startOf(l.minor.Sub(x.lives.first)); at >= never || at > -never && at/day*day+minutes(u.soak)*day > start {
			return fmt.Sprintf("%s does not run %s for %d days by then", x.cluster.Name.V, l.minor, u.soak)
		}
	}
	return ""
}

// openingOf finds the opening of a step, or says why it is none.
func (p *problem) openingOf(u *unit, s Step) (int32, string) {
	start, end := minutesOf(s.Start), minutesOf(s.End)
	i := slices.IndexFunc(u.slots.all, func(o slot) bool { return o.start == start && o.end == end })
	switch {
	case i >= 0:
		return int32(i), ""
	case start < p.now:
		return 0, "its time has passed"
	case end > p.horizon:
		return 0, "it lies behind the end of the plan"
	}
	for k, f := range p.fleet.Policy.Freezes {
		if f.Clusters.Matches(u.cluster) && p.frozenAt(k, start, end) {
			return 0, fmt.Sprintf("%q is in its way", f.Title())
		}
	}
	if _, hit := p.shortages(u.cluster.Name.V, u.cluster.SLOs).Overlap(calendar.Span{From: s.Start, To: s.End}); hit {
		return 0, "too little is left of an error budget that guards the cluster"
	}
	return 0, "no maintenance window opens then"
}

// moveFindings says which approved campaigns move.
func (p *problem) moveFindings(moves []Move) []diag.Finding {
	var out []diag.Finding
	for _, m := range moves {
		out = append(out, diag.Finding{ID: "plan/moved", Severity: diag.Warning, Position: p.unit(m.Cluster).cluster.Name.Pos,
			Message: fmt.Sprintf("the approved campaign of %s to %s on %s cannot stay: %s", m.Cluster, m.To, m.Was.Format(time.DateOnly), m.Why)})
	}
	return out
}

// keptCost is what the campaigns that were kept cost more than the solver sees, which begins after them: they themselves, and the versions
// before their end.
func (p *problem) keptCost() fleet.Money {
	sum := fleet.Money(0)
	costs := p.fleet.Policy.Costs
	for _, u := range p.units {
		kept := u.kept()
		if len(kept) == 0 {
			continue
		}
		until := p.grid[p.resumes(u)]
		for _, w := range kept {
			sum += costs.Campaign.V + fleet.Money(w.hops)*costs.Hop.V
		}
		for _, st := range p.stays(u, kept) {
			l := &u.lives.versions[st.version]
			sum += l.at(max(st.from, min(st.to, until))) - l.at(st.from)
		}
		l := &u.lives.versions[u.start]
		sum -= l.at(until) - l.at(p.now)
	}
	return sum
}

// giveBack frees the weeks of a team that campaigns which were kept take.
func (u *unit) giveBack(room []int) {
	for _, w := range u.kept() {
		for _, i := range w.slots {
			if room != nil {
				room[u.slots.all[i].week]++
			}
		}
	}
}

// unit is the unit of a cluster.
func (p *problem) unit(name string) *unit {
	i, _ := slices.BinarySearchFunc(p.units, name, func(u *unit, name string) int { return cmp.Compare(u.cluster.Name.V, name) })
	return p.units[i]
}
