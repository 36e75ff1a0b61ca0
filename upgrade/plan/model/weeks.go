package model

import (
	"slices"

	"treadmill/upgrade"
	"treadmill/upgrade/plan/solver"
)

// maxHops is how many control-plane hops may share one node rollout.
const maxHops = upgrade.MaxNodeSkew

// unlimited is the capacity of a team without a limit.
const unlimited = 1 << 20

// Model is the problem in whole weeks. Its costs are millionths of the currency. The week of a hop is charged at the price of the
// version that it brings, and at that of the version that it leaves until its opening closes.
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
	classes, shapes := map[classKey]int{}, map[classKey]int{}
	for _, u := range p.Units {
		key := classKey{kind: u.Kind, team: teams[u.Cluster.Team.V], slots: u.Slots, ready: u.Ready}
		if u.Lag > 0 {
			key.at, key.first = u.Start, u.NodeMax-u.Lag
		}
		at, known := classes[key]
		if !known {
			at = len(m.Classes)
			classes[key] = at
			shape := key
			shape.team = 0
			like, made := shapes[shape]
			if !made {
				like = at
				shapes[shape] = at
				m.Classes = append(m.Classes, p.class(u))
			} else {
				m.Classes = append(m.Classes, m.Classes[like])
			}
			m.Classes[at].Team, m.Classes[at].Shape = key.team, like
		}
		c := solver.Cluster{Class: at, Start: u.Lives.First.Sub(p.Base) + u.Start, Soak: p.soakWeeks(u), SoakDays: u.Soak}
		c.Ready, c.From = p.readyFor(u)
		for _, l := range u.Lower {
			c.After = append(c.After, l.Index)
		}
		m.Clusters = append(m.Clusters, c)
	}
	return m
}

// classKey tells classes apart. Clusters whose nodes lag have one by version and by how many hops their nodes still allow.
type classKey struct {
	kind      kind
	team      int
	slots     *Slots
	ready     int
	at, first int
}

// class is what a cluster shares with others of its kind and calendar, but for their team.
func (p *Problem) class(u *Unit) solver.Class {
	ls := u.Lives
	spacing := ls.WeeksBetween(u.Slots)
	c := solver.Class{Days: u.Slots.days(p), Apart: int(ls.Spacing / Day), Rest: max(1, int(ls.Spacing+weekLong-1)/int(weekLong)), Spacing: spacing, Open: make([]int, p.Weeks), First: u.Slots.First, End: make([]float64, len(ls.Versions))} // the horizon itself costs nothing
	for w := range p.Weeks {
		n := int(u.Slots.First[w+1] - u.Slots.First[w])
		if w >= u.Ready {
			c.Open[w] = min(n, maxHops)
		}
	}
	for range ls.First.Sub(p.Base) { // versions that the kind does not have, so that all classes count alike
		c.Avail, c.MaxHops, c.Hold, c.End = append(c.Avail, 0), append(c.MaxHops, 0), append(c.Hold, make([]float64, p.Weeks)), append(c.End, 0)
		c.Wait = append(c.Wait, nil)
	}
	earliest := 0
	for v, l := range ls.Versions {
		earliest = max(earliest, p.WeekFrom(u.Slots, l.Open))
		hops := min(maxHops, upgrade.NodeSkew(l.Minor, ls.skew))
		if v == u.Start && u.Ready == 0 {
			hops = u.MostHops()
		}
		c.Avail, c.MaxHops = append(c.Avail, earliest), append(c.MaxHops, hops)
		hold := make([]float64, p.Weeks)
		for w := range hold {
			hold[w] = float64(l.At(p.Grid[w+1]) - l.At(p.Grid[w]))
		}
		c.Hold, c.Wait = append(c.Hold, hold), append(c.Wait, p.wait(u, v))
	}
	return c
}

// wait is what a hop from a version costs by its opening more than the newer version costs for the whole week: less than nothing where that
// is dearer. A later opening of the week counts where it is cheaper, so that no choice of openings costs less. It is nil where all cost nothing.
func (p *Problem) wait(u *Unit, v int) []float64 {
	if v+1 >= len(u.Lives.Versions) {
		return nil
	}
	older, newer := &u.Lives.Versions[v], &u.Lives.Versions[v+1]
	out, paid := make([]float64, len(u.Slots.All)), false
	for i, o := range slices.Backward(u.Slots.All) {
		from := p.Grid[o.Week]
		out[i] = float64(older.At(o.End) - older.At(from) - newer.At(o.End) + newer.At(from))
		if i+1 < len(out) && u.Slots.All[i+1].Week == o.Week {
			out[i] = min(out[i], out[i+1])
		}
		paid = paid || out[i] != 0
	}
	if !paid {
		return nil
	}
	return out
}

// WeeksBetween is how many weeks lie between the hops of a campaign: none where they fit into one week.
func (ls *Lives) WeeksBetween(s *Slots) int {
	weeks := int((ls.Spacing + weekLong - 1) / weekLong)
	if weeks == 0 && s.most() < maxHops {
		weeks = 1
	}
	return weeks
}

// most is how many openings the fullest week has.
func (s *Slots) most() int {
	n := 0
	for w := range len(s.First) - 1 {
		n = max(n, int(s.First[w+1]-s.First[w]))
	}
	return n
}

// dayOf is the day of a time, counted from the Monday of the first week.
func (p *Problem) dayOf(t Minutes) int { return int(t/Day) - p.monday*7 - 4 }

// days are the days of the openings of each week.
func (s *Slots) days(p *Problem) [][]int {
	if s.byWeek == nil {
		s.byWeek = make([][]int, p.Weeks)
		for _, o := range s.All {
			s.byWeek[o.Week] = append(s.byWeek[o.Week], p.dayOf(o.Start))
		}
	}
	return s.byWeek
}

// soakWeeks is how many weeks at least lie between the weeks of two openings that are a soak apart: fewer than its days would fill where the first
// is at the beginning of its week and the second at the end.
func (p *Problem) soakWeeks(u *Unit) int {
	least := u.Soak
	for _, l := range slices.Concat(u.Lower, u.Settled) {
		least = min(least, u.Soak-(u.Slots.span(p).last-l.Slots.span(p).first))
	}
	return (max(0, least) + 6) / 7
}

// span is the first and the last day of a week that openings have.
func (s *Slots) span(p *Problem) weekdays {
	if s.weekdays == nil {
		s.weekdays = &weekdays{first: 7, last: -1}
		for w, days := range s.days(p) {
			for _, d := range days {
				s.weekdays.first, s.weekdays.last = min(s.weekdays.first, d-7*w), max(s.weekdays.last, d-7*w)
			}
		}
	}
	return *s.weekdays
}

// WeekFrom is the first week whose first opening is not before a time: a version that comes in the middle of a week is left for
// the next, so that a campaign of several hops has all of its openings.
func (p *Problem) WeekFrom(s *Slots, t Minutes) int {
	for w := range p.Weeks {
		if i := s.First[w]; i < s.First[w+1] && s.All[i].Start >= t {
			return w
		}
	}
	return p.Weeks
}
