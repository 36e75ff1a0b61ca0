package plan

import (
	"slices"
)

// Habit is what the fleet costs until the horizon when every version is left just in time, one minor and one node rollout at a time:
// the way it is done without a plan. It keeps the same rules as the plan, with the same prices.
type Habit struct {
	Campaigns int  `json:"campaigns"`
	Hops      int  `json:"hops"`
	Extended  bool `json:"extended"` // versions are kept through extended support; else they are left before standard support ends
	Cost      Cost `json:"cost"`
}

// justInTime simulates the habit in both of its forms, before standard support ends and before all support ends, and returns the
// cheaper one. It shares the calendars and the prices with the plan but nothing of the search:
//
//  1. from the last environment to the first, and from the newest version to the oldest, the last opening is found in which a hop is in time:
//     before the version is due, before the hop after it, and long enough before the same hop of the environment that waits for it;
//  2. from the first environment to the last, by name, every hop takes that opening, or the one nearest before it in whose week the team
//     has room and for which the cluster is ready; where there is none, the first one after it, late.
//
// A hop that is not due before the horizon is not done. Nobody sees that two hops could share a rollout, or that a week is going to be full.
func (p *problem) justInTime() Habit {
	best := p.habit(false)
	if slices.ContainsFunc(p.units, func(u *unit) bool { return u.lives.extended }) {
		if other := p.habit(true); other.Cost.Total < best.Cost.Total {
			best = other
		}
	}
	return best
}

func (p *problem) habit(extended bool) Habit {
	s, out := p.simulate(extended), Habit{Extended: extended}
	for _, u := range p.units {
		for _, w := range s.work[u.index] {
			out.Campaigns++
			out.Hops += w.hops
		}
	}
	out.Cost, _ = p.bill(func(u *unit) []work { return s.work[u.index] })
	return out
}

// simulate plays one form of the habit through.
func (p *problem) simulate(extended bool) simulation {
	s := simulation{p: p, extended: extended, last: make([][]int32, len(p.units)), started: make([][]minutes, len(p.units)),
		need: make([][]minutes, len(p.units)), work: make([][]work, len(p.units)), busy: map[string][]int{}, room: map[string][]int{}}
	for i, u := range p.units {
		s.last[i] = slices.Repeat([]int32{none}, len(u.lives.versions))
		s.started[i], s.need[i] = unset(len(u.lives.versions)), unset(len(u.lives.versions))
	}
	for team := range p.room {
		s.busy[team], s.room[team] = make([]int, p.weeks), slices.Clone(p.room[team])
	}
	for _, u := range p.units {
		u.giveBack(s.room[u.cluster.Team.V])
	}
	order := p.byRank()
	for _, u := range slices.Backward(order) {
		s.deadlines(u)
	}
	for _, u := range order {
		s.run(u)
	}
	return s
}

// simulation is the habit while it is played through. Lists are by unit, then version.
type simulation struct {
	p        *problem
	extended bool
	last     [][]int32   // the last opening in time for the hop to a version; late where it is past, none where it is not needed
	need     [][]minutes // when the clusters that wait need the hop to a version to have started
	started  [][]minutes
	work     [][]work
	busy     map[string][]int // hops by team and week
	room     map[string][]int // hops that a team can do
}

const (
	none int32 = -1
	late int32 = -2
)

// deadlines finds the last openings for the hops of a unit, and what they ask of the environment before.
func (s *simulation) deadlines(u *unit) {
	before := never // when the hop after must start
	for v := len(u.lives.versions) - 1; v > u.at; v-- {
		l := &u.lives.versions[v-1]
		end := l.due
		if !s.extended {
			end = min(end, l.standard-u.lives.margin)
		}
		// The soak of those that wait counts from the start of the hop, what comes due from its end.
		start := min(s.need[u.index][v], before-max(u.lives.spacing, 1))
		if end >= s.p.horizon && start >= s.p.horizon {
			continue
		}
		i := u.slots.endingBy(end, start)
		s.last[u.index][v] = i
		before = s.p.now
		if i >= 0 {
			before = u.slots.all[i].start
		}
		for _, x := range u.lower {
			if k := l.minor.Add(1).Sub(x.lives.first); k > 0 && k < len(x.lives.versions) {
				s.need[x.index][k] = min(s.need[x.index][k], (before/day)*day-minutes(u.soak)*day)
			}
		}
	}
}

// endingBy is the last opening that is over by a time and starts by another.
func (s *slots) endingBy(end, start minutes) int32 {
	i, _ := slices.BinarySearchFunc(s.all, end, func(x slot, t minutes) int {
		if x.end > t {
			return 1
		}
		return -1
	})
	for i > 0 && s.all[i-1].start > start {
		i--
	}
	if i == 0 {
		return late
	}
	return int32(i - 1)
}

// run plays the hops of a unit through.
func (s *simulation) run(u *unit) {
	soonest := s.p.now
	if len(u.work) > 0 && u.work[0].hops == 0 { // nodes that come first
		s.work[u.index] = append(s.work[u.index], u.work[0])
		soonest = s.after(u, u.work[0].slots[0])
	}
	for v := u.at + 1; v < len(u.lives.versions); v++ {
		if s.last[u.index][v] == none {
			return
		}
		i := s.opening(u, max(soonest, s.soaked(u, v), s.opens(u, v)), s.last[u.index][v])
		if i < 0 {
			return
		}
		if busy := s.busy[u.cluster.Team.V]; busy != nil {
			busy[u.slots.all[i].week]++
		}
		s.work[u.index] = append(s.work[u.index], work{from: v - 1, hops: 1, slots: []int32{i}})
		s.started[u.index][v] = u.slots.all[i].start
		soonest = s.after(u, i)
	}
}

// after is when the campaign after one may begin: as in a plan, in a later week, and when the provider's time to roll back is over.
func (s *simulation) after(u *unit, i int32) minutes {
	soonest := u.after(i)
	if next := u.slots.first[u.slots.all[i].week+1]; int(next) < len(u.slots.all) {
		soonest = max(soonest, u.slots.all[next].start)
	}
	return soonest
}

// opens is when hops to a version begin: as in a plan, in the first whole week that the version is there.
func (s *simulation) opens(u *unit, v int) minutes {
	if w := s.p.weekFrom(u.slots, u.lives.versions[v].open); w < s.p.weeks {
		return u.slots.all[u.slots.first[w]].start
	}
	return never
}

// opening is the last opening not after a wanted one that starts at a time or later and in whose week the team has room, else the first
// one after it.
func (s *simulation) opening(u *unit, from minutes, wanted int32) int32 {
	room, busy := s.room[u.cluster.Team.V], s.busy[u.cluster.Team.V]
	free := func(i int32) bool { return room == nil || busy[u.slots.all[i].week] < room[u.slots.all[i].week] }
	for i := wanted; i >= 0 && u.slots.all[i].start >= from; i-- {
		if free(i) {
			return i
		}
	}
	for i := u.slots.after(from, max(0, wanted+1)); int(i) < len(u.slots.all); i++ {
		if free(i) {
			return i
		}
	}
	return none
}

// soaked is when the environment before has run a version for long enough.
func (s *simulation) soaked(u *unit, v int) minutes {
	at := -never
	for _, x := range u.lower {
		k := u.lives.versions[v].minor.Sub(x.lives.first)
		switch {
		case k <= x.at:
		case k >= len(x.lives.versions) || s.started[x.index][k] >= never:
			return never
		default:
			at = max(at, (s.started[x.index][k]/day)*day+minutes(u.soak)*day)
		}
	}
	return at
}
