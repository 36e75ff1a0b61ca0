// Package baseline says what a fleet costs without a plan: when every version is left just in time, one minor and one node rollout at a
// time.
//
// The way through it: a Problem → JustInTime → Summary. It shares the calendars and the prices with the plan, and nothing of the search.
package baseline

import (
	"slices"

	"treadmill/upgrade/plan/model"
)

// Summary is what the fleet costs until the horizon when every version is left just in time, one minor and one node rollout at a time:
// the way it is done without a plan. It keeps the same rules as the plan, with the same prices.
type Summary struct {
	Campaigns int        `json:"campaigns"`
	Hops      int        `json:"hops"`
	Extended  bool       `json:"extended"` // versions are kept through extended support; else they are left before standard support ends
	Cost      model.Cost `json:"cost"`
}

// JustInTime simulates the baseline in both of its forms, before standard support ends and before all support ends, and returns the
// cheaper one. It shares the calendars and the prices with the plan but nothing of the search:
//
//  1. from the last environment to the first, and from the newest version to the oldest, the last opening is found in which a hop is in time:
//     before the version is due, before the hop after it, and long enough before the same hop of the environment that waits for it;
//  2. from the first environment to the last, by name, every hop takes that opening, or the one nearest before it in whose week the team
//     has room and for which the cluster is ready; where there is none, the first one after it, late.
//
// A hop that is not due before the horizon is not done. Nobody sees that two hops could share a rollout, or that a week is going to be
// full.
func JustInTime(p *model.Problem) Summary {
	best := baseline(p, false)
	if slices.ContainsFunc(p.Units, func(u *model.Unit) bool { return u.Lives.Extended }) {
		if other := baseline(p, true); other.Cost.Total < best.Cost.Total {
			best = other
		}
	}
	return best
}

func baseline(p *model.Problem, extended bool) Summary {
	s, out := simulate(p, extended), Summary{Extended: extended}
	for _, u := range p.Units {
		for _, w := range s.work[u.Index] {
			out.Campaigns++
			out.Hops += w.Hops
		}
	}
	out.Cost, _ = p.Bill(func(u *model.Unit) []model.Work { return s.work[u.Index] })
	return out
}

// simulate plays one form of the baseline through.
func simulate(p *model.Problem, extended bool) simulation {
	s := simulation{p: p, extended: extended, last: make([][]int32, len(p.Units)), started: make([][]model.Minutes, len(p.Units)),
		need: make([][]model.Minutes, len(p.Units)), work: make([][]model.Work, len(p.Units)), busy: map[string][]int{}, room: map[string][]int{}}
	for i, u := range p.Units {
		s.last[i] = slices.Repeat([]int32{none}, len(u.Lives.Versions))
		s.started[i], s.need[i] = model.Unset(len(u.Lives.Versions)), model.Unset(len(u.Lives.Versions))
	}
	for team := range p.Room {
		s.busy[team], s.room[team] = make([]int, p.Weeks), slices.Clone(p.Room[team])
	}
	for _, u := range p.Units {
		u.GiveBack(s.room[u.Cluster.Team.V])
	}
	order := p.ByRank()
	for _, u := range slices.Backward(order) {
		s.deadlines(u)
	}
	for _, u := range order {
		s.run(u)
	}
	return s
}

// simulation is the baseline while it is played through. Lists are by unit, then version.
type simulation struct {
	p        *model.Problem
	extended bool
	last     [][]int32         // the last opening in time for the hop to a version; late where it is past, none where it is not needed
	need     [][]model.Minutes // when the clusters that wait need the hop to a version to have started
	started  [][]model.Minutes
	work     [][]model.Work
	busy     map[string][]int // hops by team and week
	room     map[string][]int // hops that a team can do
}

const (
	none int32 = -1
	late int32 = -2
)

// deadlines finds the last openings for the hops of a unit, and what they ask of the environment before.
func (s *simulation) deadlines(u *model.Unit) {
	before := model.Never // when the hop after must start
	for v := len(u.Lives.Versions) - 1; v > u.At; v-- {
		l := &u.Lives.Versions[v-1]
		end := min(l.Due, l.Forced-1) // before the provider upgrades it by itself
		if !s.extended {
			end = min(end, l.Standard-u.Lives.Margin)
		}
		// The soak of those that wait counts from the start of the hop, what comes due from its end.
		start := min(s.need[u.Index][v], before-max(u.Lives.Spacing, 1))
		if end >= s.p.Horizon && start >= s.p.Horizon {
			continue
		}
		i := endingBy(u.Slots, end, start)
		s.last[u.Index][v] = i
		before = s.p.Now
		if i >= 0 {
			before = u.Slots.All[i].Start
		}
		for _, x := range u.Lower {
			if k := l.Minor.Add(1).Sub(x.Lives.First); k > 0 && k < len(x.Lives.Versions) {
				s.need[x.Index][k] = min(s.need[x.Index][k], (before/model.Day)*model.Day-model.Minutes(u.Soak)*model.Day)
			}
		}
	}
}

// endingBy is the last opening that is over by a time and starts by another.
func endingBy(s *model.Slots, end, start model.Minutes) int32 {
	i, _ := slices.BinarySearchFunc(s.All, end, func(x model.Slot, t model.Minutes) int {
		if x.End > t {
			return 1
		}
		return -1
	})
	for i > 0 && s.All[i-1].Start > start {
		i--
	}
	if i == 0 {
		return late
	}
	return int32(i - 1)
}

// run plays the hops of a unit through.
func (s *simulation) run(u *model.Unit) {
	soonest, came := s.p.Now, s.p.Now
	for v := u.At + 1; v < len(u.Lives.Versions); v++ {
		forced := u.Lives.Versions[v-1].Forced
		if forced < came { // who comes after the day on which the provider acts stays
			forced = model.Never
		}
		if s.last[u.Index][v] == none && forced >= s.p.Horizon {
			return
		}
		if v == u.At+1 && u.Lag > 0 && u.Lag >= u.NodeMax {
			if soonest = s.nodes(u); soonest >= model.Never {
				return
			}
		}
		i := s.opening(u, max(soonest, s.soaked(u, v), u.Lives.Versions[v].Open, s.p.HeldUntil(u, u.Lives.Versions[v].Minor)), s.last[u.Index][v])
		if forced < s.p.Horizon && (i < 0 || u.Slots.All[i].Start >= forced) { // the provider is first
			s.started[u.Index][v] = forced
			soonest, came = max(soonest, forced), forced
			continue
		}
		if i < 0 {
			return
		}
		s.book(u, model.Work{From: v - 1, Hops: 1, Slots: []int32{i}})
		s.started[u.Index][v], came = u.Slots.All[i].Start, u.Slots.All[i].Start
		soonest = u.Lives.After(u.Slots.All[i])
	}
}

// nodes rolls out nodes that are too far behind for a hop, in the first opening with room, and says when that is over.
func (s *simulation) nodes(u *model.Unit) model.Minutes {
	i := s.opening(u, s.p.Now, late)
	if i < 0 {
		return model.Never
	}
	s.book(u, model.Work{From: u.At, Slots: []int32{i}})
	return u.Slots.All[i].End
}

func (s *simulation) book(u *model.Unit, w model.Work) {
	if busy := s.busy[u.Cluster.Team.V]; busy != nil {
		busy[u.Slots.All[w.Slots[0]].Week]++
	}
	s.work[u.Index] = append(s.work[u.Index], w)
}

// opening is the last opening not after a wanted one that starts at a time or later and in whose week the team has room, else the first
// one after it.
func (s *simulation) opening(u *model.Unit, from model.Minutes, wanted int32) int32 {
	room, busy := s.room[u.Cluster.Team.V], s.busy[u.Cluster.Team.V]
	free := func(i int32) bool { return room == nil || busy[u.Slots.All[i].Week] < room[u.Slots.All[i].Week] }
	for i := wanted; i >= 0 && u.Slots.All[i].Start >= from; i-- {
		if free(i) {
			return i
		}
	}
	for i := u.Slots.After(from, max(0, wanted+1)); from < model.Never && int(i) < len(u.Slots.All); i++ {
		if free(i) {
			return i
		}
	}
	return none
}

// soaked is when the environment before has run a version for long enough.
func (s *simulation) soaked(u *model.Unit, v int) model.Minutes {
	at := -model.Never
	if u.Blocked != "" {
		return model.Never
	}
	for _, x := range u.Lower {
		k := u.Lives.Versions[v].Minor.Sub(x.Lives.First)
		switch {
		case k <= x.At:
		case k >= len(x.Lives.Versions) || s.started[x.Index][k] >= model.Never:
			return model.Never
		default:
			at = max(at, (s.started[x.Index][k]/model.Day)*model.Day+model.Minutes(u.Soak)*model.Day)
		}
	}
	return at
}
