package plan

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"treadmill/internal/diag"
	"treadmill/upgrade/calendar"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan/model"
)

// Move is a campaign that was approved and cannot stay where it was.
type Move struct {
	Cluster string    `json:"cluster"`
	To      string    `json:"to"`
	Was     time.Time `json:"was"`
	Is      time.Time `json:"is,omitzero"` // it stays approved in the nearest opening; zero where a rule forbids that and it is planned anew
	Why     string    `json:"why"`
}

// keep books the campaigns of an earlier plan that stay: those that were approved and what they build on, or all. What is done by the
// versions that clusters run is left out. An approved one that breaks a rule now slips to the nearest opening, when those that stay have
// theirs. It returns these.
func keep(p *model.Problem, old []Campaign, all bool) []Move {
	units := map[string]*model.Unit{}
	for _, u := range p.Units {
		units[u.Cluster.Name.V] = u
		p.Settle(u) // what its provider does at the latest
	}
	old = slices.DeleteFunc(slices.Clone(old), func(c Campaign) bool { return units[c.Cluster] == nil || did(units[c.Cluster], c) })
	slices.SortStableFunc(old, func(a, b Campaign) int {
		return cmp.Or(cmp.Compare(units[a.Cluster].Rank, units[b.Cluster].Rank), a.Start.Compare(b.Start), cmp.Compare(a.Cluster, b.Cluster))
	})
	moves, late := []Move{}, []Campaign{}
	stays := chosen(old, units, all)
	for i, c := range old {
		if !stays[i] {
			continue
		}
		u := units[c.Cluster]
		left := left(u, c)
		slots, why := fits(p, u, left)
		if why == "" {
			take(p, u, left, slots)
		} else if c.Approved {
			moves = append(moves, Move{Cluster: c.Cluster, To: c.To.String(), Was: c.Start, Why: why})
			late = append(late, left)
		}
	}
	crowds := p.Crowds()
	for i, c := range late {
		if u := units[c.Cluster]; len(c.Steps) > 0 {
			if slots, ok := slip(p, u, c, crowds); ok {
				take(p, u, c, slots)
				x := u.Slots.All[slots[0]]
				moves[i].Is = model.TimeOf(x.Start, x.Zone)
			}
		}
	}
	slices.SortStableFunc(moves, func(a, b Move) int { return cmp.Or(a.Was.Compare(b.Was), cmp.Compare(a.Cluster, b.Cluster)) })
	return moves
}

// take books a campaign of an earlier plan.
func take(p *model.Problem, u *model.Unit, c Campaign, slots []int32) {
	p.Take(u, model.Work{From: u.Lives.Index(c.From), Hops: len(c.Hops), Slots: slots, Kept: true, Approved: c.Approved})
}

// chosen says which campaigns stay: approved ones, those of their clusters before them, and those of the environments before that they
// wait for. The campaigns are in order of environments and of their start.
func chosen(old []Campaign, units map[string]*model.Unit, all bool) []bool {
	out := make([]bool, len(old))
	until := map[*model.Unit]int{} // the version up to which campaigns of a cluster stay, as a number of minors
	for i, c := range slices.Backward(old) {
		u := units[c.Cluster]
		if out[i] = all || c.Approved || c.From.Sub(u.Cluster.Version.V) < until[u]; !out[i] {
			continue
		}
		until[u] = max(until[u], c.To.Sub(u.Cluster.Version.V))
		for _, l := range u.Lower {
			until[l] = max(until[l], c.To.Sub(l.Cluster.Version.V))
		}
	}
	return out
}

// did reports whether the cluster shows that a campaign is over.
func did(u *model.Unit, c Campaign) bool {
	if len(c.Hops) == 0 {
		return u.Lag == 0 || c.To != u.Cluster.Version.V
	}
	return !u.Cluster.Version.V.Less(c.To)
}

// left is a campaign without the hops that the cluster has done.
func left(u *model.Unit, c Campaign) Campaign {
	if done := u.Cluster.Version.V.Sub(c.From); done > 0 && done < len(c.Hops) && len(c.Steps) == len(c.Hops) {
		c.From, c.Hops, c.Steps = u.Cluster.Version.V, c.Hops[done:], c.Steps[done:]
	}
	return c
}

// fits finds the openings of a campaign of an earlier plan, or says why it breaks a rule.
func fits(p *model.Problem, u *model.Unit, c Campaign) (slots []int32, why string) {
	ls, steps := u.Lives, len(c.Steps)
	at := p.Brought(u, model.MinutesOf(c.Start))
	if from := ls.Index(c.From); from > at {
		return nil, "it follows a campaign that moves"
	} else if from < at && from >= u.Start {
		return nil, fmt.Sprintf("%s upgrades it from %s by itself on %s", u.Kind.Provider, c.From, model.DateOf(ls.Versions[from].Forced))
	} else if from < at || c.To.Sub(c.From) != len(c.Hops) || steps != max(1, len(c.Hops)) {
		return nil, "it does not begin at the version that the cluster has then"
	}
	if most := u.MostHops(at); len(c.Hops) > max(0, most) {
		return nil, "its nodes would be too far behind"
	}
	if days := model.MinutesOf(c.Steps[steps-1].Start)/model.Day - model.MinutesOf(c.Steps[0].Start)/model.Day; days > p.MaxCampaign {
		return nil, fmt.Sprintf("it takes %d days, and a campaign may take %d", days, p.MaxCampaign)
	}
	if u.Blocked != "" {
		return nil, fmt.Sprintf("%s comes before it in its group, and nobody knows what that runs", u.Blocked)
	}
	used := map[int32]int{}
	soonest := p.Now
	if len(u.Work) > 0 {
		last := u.Work[len(u.Work)-1]
		soonest = u.Follows(last)
	}
	for k, s := range c.Steps {
		i, why := openingOf(p, u, s)
		if why != "" {
			return nil, why
		}
		start, week := u.Slots.All[i].Start, u.Slots.All[i].Week
		if len(c.Hops) > 0 {
			if why := hopFits(p, u, at+k+1, start); why != "" {
				return nil, why
			}
		}
		used[week]++
		switch room := p.Room[u.Cluster.Team.V]; {
		case start < soonest:
			return nil, "it is too near to the hop before"
		case room != nil && used[week] > room[week]:
			return nil, fmt.Sprintf("%s has no room left in %s", u.Cluster.Team.V, p.WeekName(int(week)))
		}
		slots, soonest = append(slots, i), u.Follows(model.Work{Hops: len(c.Hops), Slots: []int32{i}})
	}
	return slots, ""
}

// hopFits checks what a hop to a version waits for: the version and the environment before.
func hopFits(p *model.Problem, u *model.Unit, v int, start model.Minutes) string {
	if v >= len(u.Lives.Versions) || u.Lives.Versions[v].Open >= model.Never {
		return fmt.Sprintf("nothing newer than %s may be had", u.Lives.Versions[min(v, len(u.Lives.Versions))-1].Minor)
	}
	l := &u.Lives.Versions[v]
	if forced := u.Lives.Versions[v-1].Forced; forced <= start && max(p.Now, u.StartOf(v-1)) <= forced {
		return fmt.Sprintf("%s upgrades it by itself on %s", u.Kind.Provider, model.DateOf(forced))
	}
	if l.Open > start {
		return fmt.Sprintf("%s may not be had before %s", l.Minor, model.DateOf(l.Open))
	}
	for _, x := range u.Lower {
		if at := x.StartOf(l.Minor.Sub(x.Lives.First)); at >= model.Never ||
			at > -model.Never && at/model.Day*model.Day+model.Minutes(u.Soak)*model.Day > start {
			return fmt.Sprintf("%s does not run %s for %d days by then", x.Cluster.Name.V, l.Minor, u.Soak)
		}
	}
	return ""
}

// openingOf finds the opening of a step, or says why it is none.
func openingOf(p *model.Problem, u *model.Unit, s Step) (int32, string) {
	start, end := model.MinutesOf(s.Start), model.MinutesOf(s.End)
	i := slices.IndexFunc(u.Slots.All, func(o model.Slot) bool { return o.Start == start && o.End == end })
	switch {
	case i >= 0:
		return int32(i), ""
	case start < p.Now:
		return 0, "its time has passed"
	case end > p.Horizon:
		return 0, "it lies behind the end of the plan"
	}
	for k, f := range p.Fleet.Policy.Freezes {
		if f.Clusters.Matches(u.Cluster) && p.FrozenAt(k, start, end) {
			return 0, fmt.Sprintf("%q is in its way", f.Title())
		}
	}
	if _, hit := p.Shortages(u.Cluster).Overlap(calendar.Span{From: s.Start, To: s.End}); hit {
		return 0, "too little is left of an error budget that guards the cluster"
	}
	return 0, "no maintenance window opens then"
}

// moveFindings says which approved campaigns move.
func moveFindings(p *model.Problem, moves []Move) []diag.Finding {
	var out []diag.Finding
	for _, m := range moves {
		text := fmt.Sprintf("the approved campaign of %s to %s on %s cannot stay: %s", m.Cluster, m.To, m.Was.Format(time.DateOnly), m.Why)
		if !m.Is.IsZero() {
			text += fmt.Sprintf("; it stays approved in the next opening, on %s", m.Is.Format(time.DateOnly))
		}
		out = append(out, diag.Finding{ID: "plan/moved", Severity: diag.Warning, Position: p.Unit(m.Cluster).Cluster.Name.Pos, Message: text})
	}
	return out
}

// keptCost is what the campaigns that were kept cost more than the solver sees, which begins after them: they themselves, and the versions
// before their end.
func keptCost(p *model.Problem) fleet.Money {
	sum := fleet.Money(0)
	costs := p.Fleet.Policy.Costs
	for _, u := range p.Units {
		kept := u.Kept()
		if len(kept) == 0 {
			continue
		}
		for _, w := range kept {
			sum += costs.Campaign.V + fleet.Money(w.Hops)*costs.Hop.V
		}
		for _, st := range p.Stays(u, kept) {
			if st.Version == u.Start {
				break
			}
			older, newer := &u.Lives.Versions[st.Version], &u.Lives.Versions[st.Version+1]
			sum += older.At(st.To) - older.At(p.Now) - newer.At(st.To) + newer.At(p.Now)
			if st.Forced {
				sum += p.ForcePrice
			}
		}
	}
	return sum
}
