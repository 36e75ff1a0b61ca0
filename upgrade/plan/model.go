package plan

import (
	"slices"
	"strings"

	"treadmill/upgrade"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan/solver"
)

// maxHops is how many control-plane hops may share one node rollout.
const maxHops = upgrade.MaxNodeSkew

// unlimited is the capacity of a team without a limit.
const unlimited = 1 << 20

// model is the problem in whole weeks. Its costs are millionths of the currency. The week of a hop is charged at the price of the
// version that it brings, and at that of the version that it leaves until its opening closes.
func (p *problem) model() *solver.Problem {
	costs := p.fleet.Policy.Costs
	m := &solver.Problem{Weeks: p.weeks, Campaign: float64(costs.Campaign.V), Hop: float64(costs.Hop.V)}
	teams := map[string]int{}
	for i, team := range p.teams {
		teams[team] = i
		room := p.room[team]
		if room == nil {
			room = slices.Repeat([]int{unlimited}, p.weeks)
		}
		m.Capacity = append(m.Capacity, room)
	}
	classes, shapes := map[classKey]int{}, map[classKey]int{}
	for _, u := range p.units {
		key := classKey{kind: u.kind, team: teams[u.cluster.Team.V], slots: u.slots, ready: u.ready}
		if u.lag > 0 {
			key.at, key.first = u.start, u.nodeMax-u.lag
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
		c := solver.Cluster{Class: at, Start: u.lives.first.Sub(p.base) + u.start, Soak: p.soakWeeks(u), SoakDays: u.soak}
		c.Ready, c.From = p.readyFor(u)
		for _, l := range u.lower {
			c.After = append(c.After, l.index)
		}
		m.Clusters = append(m.Clusters, c)
	}
	return m
}

// classKey tells classes apart. Clusters whose nodes lag have one by version and by how many hops their nodes still allow.
type classKey struct {
	kind      kind
	team      int
	slots     *slots
	ready     int
	at, first int
}

// class is what a cluster shares with others of its kind and calendar, but for their team.
func (p *problem) class(u *unit) solver.Class {
	ls := u.lives
	spacing := ls.weeksBetween(u.slots)
	c := solver.Class{Days: u.slots.days(p), Apart: int(ls.spacing / day), Rest: max(1, int(ls.spacing+weekLong-1)/int(weekLong)), Spacing: spacing, Open: make([]int, p.weeks), First: u.slots.first, End: make([]float64, len(ls.versions))} // the horizon itself costs nothing
	for w := range p.weeks {
		n := int(u.slots.first[w+1] - u.slots.first[w])
		if w >= u.ready {
			c.Open[w] = min(n, maxHops)
		}
	}
	for range ls.first.Sub(p.base) { // versions that the kind does not have, so that all classes count alike
		c.Avail, c.MaxHops, c.Hold, c.End = append(c.Avail, 0), append(c.MaxHops, 0), append(c.Hold, make([]float64, p.weeks)), append(c.End, 0)
		c.Wait = append(c.Wait, nil)
	}
	earliest := 0
	for v, l := range ls.versions {
		earliest = max(earliest, p.weekFrom(u.slots, l.open))
		hops := min(maxHops, upgrade.NodeSkew(l.minor, ls.skew))
		if v == u.start && u.ready == 0 {
			hops = u.mostHops()
		}
		c.Avail, c.MaxHops = append(c.Avail, earliest), append(c.MaxHops, hops)
		hold := make([]float64, p.weeks)
		for w := range hold {
			hold[w] = float64(l.at(p.grid[w+1]) - l.at(p.grid[w]))
		}
		c.Hold, c.Wait = append(c.Hold, hold), append(c.Wait, p.wait(u, v))
	}
	return c
}

// mostHops is how many hops the next campaign may have, by how far its nodes are behind.
func (u *unit) mostHops() int {
	most := min(maxHops, upgrade.NodeSkew(u.lives.versions[u.start].minor, u.lives.skew))
	if u.lag > 0 {
		most = min(most, u.nodeMax-u.lag)
	}
	return most
}

// wait is what a hop from a version costs by its opening more than the newer version costs for the whole week: less than nothing where that
// is dearer. A later opening of the week counts where it is cheaper, so that no choice of openings costs less. It is nil where all cost nothing.
func (p *problem) wait(u *unit, v int) []float64 {
	if v+1 >= len(u.lives.versions) {
		return nil
	}
	older, newer := &u.lives.versions[v], &u.lives.versions[v+1]
	out, paid := make([]float64, len(u.slots.all)), false
	for i, o := range slices.Backward(u.slots.all) {
		from := p.grid[o.week]
		out[i] = float64(older.at(o.end) - older.at(from) - newer.at(o.end) + newer.at(from))
		if i+1 < len(out) && u.slots.all[i+1].week == o.week {
			out[i] = min(out[i], out[i+1])
		}
		paid = paid || out[i] != 0
	}
	if !paid {
		return nil
	}
	return out
}

// weeksBetween is how many weeks lie between the hops of a campaign: none where they fit into one week.
func (ls *lives) weeksBetween(s *slots) int {
	weeks := int((ls.spacing + weekLong - 1) / weekLong)
	if weeks == 0 && s.most() < maxHops {
		weeks = 1
	}
	return weeks
}

// most is how many openings the fullest week has.
func (s *slots) most() int {
	n := 0
	for w := range len(s.first) - 1 {
		n = max(n, int(s.first[w+1]-s.first[w]))
	}
	return n
}

// dayOf is the day of a time, counted from the Monday of the first week.
func (p *problem) dayOf(t minutes) int { return int(t/day) - p.monday*7 - 4 }

// days are the days of the openings of each week.
func (s *slots) days(p *problem) [][]int {
	if s.byWeek == nil {
		s.byWeek = make([][]int, p.weeks)
		for _, o := range s.all {
			s.byWeek[o.week] = append(s.byWeek[o.week], p.dayOf(o.start))
		}
	}
	return s.byWeek
}

// soakWeeks is how many weeks at least lie between the weeks of two openings that are a soak apart: fewer than its days would fill where the first
// is at the beginning of its week and the second at the end.
func (p *problem) soakWeeks(u *unit) int {
	least := u.soak
	for _, l := range slices.Concat(u.lower, u.settled) {
		least = min(least, u.soak-(u.slots.span(p).last-l.slots.span(p).first))
	}
	return (max(0, least) + 6) / 7
}

// span is the first and the last day of a week that openings have.
func (s *slots) span(p *problem) weekdays {
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

// weekFrom is the first week whose first opening is not before a time: a version that comes in the middle of a week is left for
// the next, so that a campaign of several hops has all of its openings.
func (p *problem) weekFrom(s *slots, t minutes) int {
	for w := range p.weeks {
		if i := s.first[w]; i < s.first[w+1] && s.all[i].start >= t {
			return w
		}
	}
	return p.weeks
}

// nodesFirst plans a rollout for clusters whose nodes are as far behind as they may be or farther: the first opening with
// room. The hops come after it.
func (p *problem) nodesFirst() {
	for _, u := range p.units {
		if u.lag < u.nodeMax || u.lag == 0 {
			continue
		}
		room := p.room[u.cluster.Team.V]
		for w := range p.weeks {
			if i := u.slots.first[w]; i < u.slots.first[w+1] && (room == nil || room[w] > 0) {
				u.work = []work{{from: u.at, slots: []int32{i}}}
				u.ready = w + 1
				if room != nil {
					room[w]--
				}
				break
			}
		}
	}
}

// bindings lists the weeks of teams in which the relaxation would pay for one more hop.
func (p *problem) bindings(s solver.Solution) []Binding {
	out := []Binding{}
	for i, team := range p.teams {
		for w, price := range s.Prices[i] {
			if worth := fleet.Money(price) / fleet.Unit * fleet.Unit; worth > 0 && p.room[team] != nil {
				out = append(out, Binding{Team: team, Week: p.weekName(w), ShadowPrice: worth})
			}
		}
	}
	slices.SortFunc(out, func(a, b Binding) int {
		if c := strings.Compare(a.Team, b.Team); c != 0 {
			return c
		}
		return strings.Compare(a.Week, b.Week)
	})
	return out
}
