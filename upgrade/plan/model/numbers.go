package model

import (
	"math"
	"slices"

	"treadmill/upgrade"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan/solver"
)

// maxHops is how many control-plane hops may share one node rollout.
const maxHops = upgrade.MaxNodeSkew

// unlimited is the capacity of a team without a limit.
const unlimited = 1 << 20

// Model is the problem in the numbers of package solver. Its costs are millionths of the currency. A tick of a class is an opening of its
// Slots; a version is left when the opening of the hop closes.
func (p *Problem) Model() *solver.Problem {
	costs := p.Fleet.Policy.Costs
	m := &solver.Problem{Weeks: p.Weeks, Campaign: float64(costs.Campaign.V), Hop: float64(costs.Hop.V)}
	teams := map[string]int{}
	for i, team := range p.Teams {
		teams[team] = i
		room := p.Room[team]
		if room == nil {
			room = slices.Repeat([]int{unlimited}, p.Weeks)
		}
		m.Capacity = append(m.Capacity, room)
	}
	classes := map[classKey]int{}
	for _, u := range p.Units {
		key := classKey{lives: u.Lives, slots: u.Slots, offset: p.offset(u.Lives), force: p.ForcePrice}
		at, known := classes[key]
		if !known {
			at = len(m.Classes)
			classes[key] = at
			m.Classes = append(m.Classes, p.classOf(key))
		}
		m.Clusters = append(m.Clusters, p.clusterOf(u, at, teams[u.Cluster.Team.V], &m.Classes[at]))
	}
	m.Crowds = p.crowds()
	return m
}

// classKey tells classes apart, also those of problems that share what they have in common.
type classKey struct {
	lives  *Lives
	slots  *Slots
	offset int // of the first version
	force  fleet.Money
}

// classOf is the class of a key, made once for all problems that share it.
func (p *Problem) classOf(key classKey) solver.Class {
	if c, known := p.Shared.classes[key]; known {
		return c
	}
	c := p.class(key.lives, key.slots)
	p.Shared.classes[key] = c
	return c
}

func (p *Problem) clusterOf(u *Unit, class, team int, c *solver.Class) solver.Cluster {
	out := solver.Cluster{
		Class: class,
		Team:  team,
		Start: p.offset(u.Lives) + u.Start,
		Soak:  int32(u.Soak),
		Begin: p.begins(u),
		Came:  p.came(u),
	}
	if most := max(0, u.NodeMax-u.Lag); u.Lag > 0 && most < c.MaxHops[out.Start] {
		out.Lagging, out.First = true, most
	}
	out.Ready = p.readyDays(u)
	for _, w := range u.Kept() {
		out.Kept = append(out.Kept, w.Slots...)
	}
	for _, l := range u.Lower {
		out.After = append(out.After, l.Index)
	}
	return out
}

// offset is the number that the first version of lives has for the solver, which counts from the oldest version of the fleet.
func (p *Problem) offset(ls *Lives) int { return ls.First.Sub(p.Base) }

// begins is the first opening that is left after what is kept of an earlier plan.
func (p *Problem) begins(u *Unit) int {
	if len(u.Work) == 0 {
		return 0
	}
	w := u.Work[len(u.Work)-1]
	return int(u.Slots.After(u.Follows(w), w.Slots[len(w.Slots)-1]))
}

// came is the opening of the last hop that is kept of an earlier plan, -1 for none.
func (p *Problem) came(u *Unit) int32 {
	for _, w := range slices.Backward(u.Work) {
		if w.Hops > 0 {
			return w.Slots[w.Hops-1]
		}
	}
	return -1
}

// readyDays is, by version of the solver, the first day on which a hop may be done because of work that others keep, or of clusters of
// its group that are not known; nil for any day.
func (p *Problem) readyDays(u *Unit) []int32 {
	const farOff = math.MaxInt32 / 4
	offset := p.offset(u.Lives)
	out, bound := slices.Repeat([]int32{-farOff}, len(u.Lives.Versions)+offset), false
	wait := func(v int, day int32) {
		out[v], bound = max(out[v], day), true
	}
	for v := u.Start + 1; v < len(u.Lives.Versions); v++ {
		if h, held := u.Held[u.Lives.Versions[v].Minor]; held {
			wait(v+offset, int32(h.Day))
		}
		if u.Blocked != "" {
			wait(v+offset, farOff)
		}
		for _, l := range u.Settled {
			switch at := l.StartOf(u.Lives.Versions[v].Minor.Sub(l.Lives.First)); {
			case at >= Never:
				wait(v+offset, farOff)
			case at > -Never:
				wait(v+offset, int32(p.DayOf(at)+u.Soak))
			}
		}
	}
	for _, l := range u.Lower {
		if l.Start == l.At {
			continue
		}
		started := p.started(l, l.Kept())
		for at := l.At + 1; at <= l.Start; at++ {
			if v := p.offset(l.Lives) + at; v > u.Start+offset && v < len(out) {
				wait(v, int32(p.DayOf(started[at])+u.Soak))
			}
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

// DayOf is the day of a time, counted from the Monday of the first week.
func (p *Problem) DayOf(t Minutes) int { return int(t/Day) - p.monday*7 - 4 }

// class is what clusters of one kind and calendar share. Versions before the first one of the kind are nobody's, so that all classes
// count alike.
func (p *Problem) class(ls *Lives, s *Slots) solver.Class {
	c := solver.Class{}
	for i, x := range s.All {
		c.Day, c.Week = append(c.Day, int32(p.DayOf(x.Start))), append(c.Week, x.Week)
		c.Begin, c.End = append(c.Begin, x.Start), append(c.End, x.End)
		c.Next, c.Free = append(c.Next, s.After(ls.After(x), int32(i))), append(c.Free, s.After(x.End, int32(i)))
		c.Limit = append(c.Limit, s.After((x.Start/Day+1+p.MaxCampaign)*Day, int32(i)))
	}
	c.Late = c.Day
	n := int32(len(s.All))
	for range p.offset(ls) {
		p.version(&c, n, n, -1, nil, 0, 0)
	}
	from := int32(0)
	for v := range ls.Versions {
		l := &ls.Versions[v]
		from = max(from, s.After(l.Open, 0))
		leave := []float64(nil)
		if v+1 < len(ls.Versions) {
			leave = make([]float64, n)
			for i, x := range s.All {
				leave[i] = p.more(l, &ls.Versions[v+1], x.End)
			}
		}
		p.version(&c, from, n, n-1, leave, float64(p.paid(l, p.Horizon)), min(maxHops, upgrade.NodeSkew(l.Minor, ls.skew)))
		if leave != nil && l.Forced < p.Horizon {
			p.forced(&c, s, l, &ls.Versions[v+1])
		}
	}
	return c
}

// version adds a version to a class, from which the provider upgrades nobody.
func (p *Problem) version(c *solver.Class, from, until, last int32, leave []float64, stay float64, hops int) {
	c.From, c.Until, c.Last, c.Leave = append(c.From, from), append(c.Until, until), append(c.Last, last), append(c.Leave, leave)
	c.Stay, c.MaxHops = append(c.Stay, stay), append(c.MaxHops, hops)
	c.Forced, c.ForceDay, c.Force = append(c.Forced, false), append(c.ForceDay, 0), append(c.Force, 0)
	c.Over, c.Beyond = append(c.Over, math.MaxInt32), append(c.Beyond, 0)
}

// forced notes that the provider upgrades clusters from the last version of a class. Who came to it in an opening that goes on over that
// day pays for the version before until it closes, and for the newer one from then on.
func (p *Problem) forced(c *solver.Class, s *Slots, l, newer *Life) {
	v, until := len(c.Stay)-1, s.After(l.Forced, 0)
	c.Forced[v], c.ForceDay[v], c.Until[v] = true, int32(p.DayOf(l.Forced)), until
	c.Force[v] = p.more(l, newer, l.Forced) + float64(p.ForcePrice)
	for t := until - 1; t >= 0 && s.All[t].End > l.Forced; t-- {
		c.Over[v], c.Beyond[v] = t, p.more(l, newer, s.All[t].End)-p.more(l, newer, l.Forced)
	}
}

// more is what a version has cost by a time more than the newer one.
func (p *Problem) more(l, newer *Life, t Minutes) float64 {
	return float64(p.paid(l, t) - p.paid(newer, t))
}

// paid is what a version has cost from now to a time.
func (p *Problem) paid(l *Life, t Minutes) fleet.Money { return l.At(t) - l.At(p.Now) }
