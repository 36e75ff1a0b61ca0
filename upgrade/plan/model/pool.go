package model

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"treadmill/upgrade"
	"treadmill/upgrade/fleet"
)

// Pool is a node pool that is rolled out by itself: in windows of its own, or at a rate.
type Pool struct {
	Pool  fleet.NodePool
	Slots *Slots
	Own   bool // the slots are of windows of its own
}

// Roll is a planned rollout of a pool: the openings that it takes, and the versions before and after it.
type Roll struct {
	Pool     int // of the unit's
	From, To upgrade.Minor
	Slots    []int32 // of the pool
}

// TooOld is a hop for which a pool is too far behind: it can be rolled out by a time at the soonest.
type TooOld struct {
	Pool  int
	Hop   Minutes // start
	To    upgrade.Minor
	Until Minutes // never where its windows open no more
}

// Held is the first day on which a cluster may hop to a version, as a pool is too far behind before.
type Held struct {
	Day  int
	Pool int // of the unit's
}

// Hold keeps a unit from a version until a day.
func (u *Unit) Hold(x TooOld, day int) {
	if u.Held == nil {
		u.Held = map[upgrade.Minor]Held{}
	}
	u.Held[x.To] = Held{Day: day, Pool: x.Pool}
}

// NoDay is the day of what is held for good.
const NoDay = math.MaxInt32 / 4

// HeldUntil is when a cluster may hop to a version for its pools: any time, or never.
func (p *Problem) HeldUntil(u *Unit, to upgrade.Minor) Minutes {
	h, held := u.Held[to]
	switch {
	case !held:
		return -Never
	case h.Day >= NoDay:
		return Never
	default:
		return Minutes(h.Day+p.monday*7+4) * Day
	}
}

// poolsOf are the pools of a unit that are rolled out by themselves, in the order of the file.
func (p *Problem) poolsOf(u *Unit) []Pool {
	var out []Pool
	for _, n := range u.Cluster.Nodes {
		if !p.Fleet.Policy.PoolApart(u.Cluster, n) {
			continue
		}
		x := Pool{Pool: n, Slots: u.Slots}
		if ws := p.Fleet.Policy.PoolWindows(u.Cluster, n.Name.V); len(ws) > 0 {
			x.Slots, x.Own = p.slotsFor(u.Cluster, ws), true
		}
		out = append(out, x)
	}
	return out
}

// RollOut places the rollouts of the pools of a unit around its work and around what else is planned, and returns the hops for which a
// pool is too far behind. A pool is rolled out in the first openings after each campaign, and after an upgrade by the provider that
// leaves nodes behind; where a hop needs it sooner, in the first openings after the hop that brought the version which it needs.
func (p *Problem) RollOut(u *Unit, crowds []Crowd) []TooOld {
	u.Rolls = nil
	var out []TooOld
	for i := range u.Pools {
		r := roller{p: p, u: u, crowds: crowds, pool: i, at: u.Pools[i].Pool.Version.V, free: p.Now, stays: p.Stays(u, u.Work)}
		r.all()
		out = append(out, r.old...)
	}
	slices.SortFunc(u.Rolls, func(a, b Roll) int {
		return cmp.Or(cmp.Compare(u.RollStart(a), u.RollStart(b)), cmp.Compare(a.Pool, b.Pool))
	})
	return out
}

// PoolHolds says which node pool keeps a cluster from a version; "" for none.
func (p *Problem) PoolHolds(u *Unit, to upgrade.Minor) string {
	h, held := u.Held[to]
	switch {
	case !held:
		return ""
	case h.Day >= NoDay:
		return fmt.Sprintf("%s waits for node pool %s, which has no openings for the rollout that it needs before", to, u.Pools[h.Pool].Pool.Name.V)
	default:
		return fmt.Sprintf("%s waits for node pool %s, whose rollout is over on %s at the earliest", to, u.Pools[h.Pool].Pool.Name.V,
			DateOf(p.HeldUntil(u, to)))
	}
}

// RollStart is when a rollout begins.
func (u *Unit) RollStart(r Roll) Minutes { return u.Pools[r.Pool].Slots.All[r.Slots[0]].Start }

// roller places the rollouts of one pool.
type roller struct {
	p      *Problem
	u      *Unit
	crowds []Crowd
	pool   int
	at     upgrade.Minor // the version of the pool
	free   Minutes       // the end of its last rollout
	stays  []Stay
	old    []TooOld
}

// asked is when the pool is to be rolled out: now where it is behind, at the end of each campaign, and after upgrades by the provider.
func (r *roller) asked() []Minutes {
	var out []Minutes
	if r.at.Less(r.u.Lives.Versions[r.u.At].Minor) {
		out = append(out, r.p.Now)
	}
	for _, w := range r.u.Work {
		last := r.u.Slots.All[w.Slots[len(w.Slots)-1]]
		switch {
		case w.Hops == 0:
		case r.u.Pools[r.pool].Own:
			out = append(out, last.End)
		default:
			out = append(out, last.Start) // in the opening of the last hop, as all other pools
		}
	}
	for _, st := range r.stays {
		if st.Forced {
			out = append(out, st.To)
		}
	}
	slices.Sort(out)
	return out
}

func (r *roller) all() {
	for _, from := range r.asked() {
		for {
			roll, end := r.next(max(from, r.free))
			if len(roll.Slots) > 0 && !r.at.Less(roll.To) {
				break // it is as new as its control plane by then
			}
			hop, ok := r.before(end)
			if !ok {
				r.take(roll, end)
				break
			}
			sooner, done := r.next(max(r.free, r.runs(hop.To)))
			if len(sooner.Slots) == 0 || !r.at.Less(sooner.To) || done > hop.Hop {
				if hop.Until = done; len(sooner.Slots) == 0 {
					hop.Until = Never
				}
				r.old = append(r.old, hop)
				return
			}
			r.take(sooner, done)
		}
	}
}

func (r *roller) take(roll Roll, end Minutes) {
	if len(roll.Slots) > 0 {
		r.u.Rolls = append(r.u.Rolls, roll)
		r.at, r.free = roll.To, end
	}
}

// next are the first openings from a time on that are enough for a rollout, and when they end; no openings, and never, where there are
// not enough of them.
func (r *roller) next(from Minutes) (Roll, Minutes) {
	x := &r.u.Pools[r.pool]
	roll, need, end := Roll{Pool: r.pool, From: r.at}, x.Pool.Minutes(), Minutes(0)
	for i := x.Slots.After(from, 0); int(i) < len(x.Slots.All); i++ {
		s := x.Slots.All[i]
		if s.Start < end || r.taken(s) {
			continue
		}
		roll.Slots, end = append(roll.Slots, i), s.End
		if need -= s.End - s.Start; need <= 0 {
			roll.To = r.runsAt(x.Slots.All[roll.Slots[0]])
			return roll, end
		}
	}
	return Roll{}, Never
}

// taken reports whether an opening is one of a hop of the cluster, or others take it. The opening of the last hop of a campaign is that of
// rollouts too, where the pool has no windows of its own.
func (r *roller) taken(s Slot) bool {
	for _, w := range r.u.Work {
		for k, i := range w.Slots {
			o := r.u.Slots.All[i]
			if shared := k == len(w.Slots)-1 && w.Hops > 0 && s == o && !r.u.Pools[r.pool].Own; !shared && s.Start < o.End && o.Start < s.End {
				return true
			}
		}
	}
	return slices.ContainsFunc(r.crowds, func(c Crowd) bool { return c.Busy(r.u, s) })
}

// runsAt is the version of the control plane that a rollout brings which begins with an opening.
func (r *roller) runsAt(s Slot) upgrade.Minor {
	for _, w := range r.u.Work {
		if w.Hops > 0 && !r.u.Pools[r.pool].Own && r.u.Slots.All[w.Slots[w.Hops-1]] == s {
			return r.u.Lives.Versions[w.From+w.Hops].Minor
		}
	}
	at := r.stays[0].Version
	for _, st := range r.stays {
		if st.From <= s.Start {
			at = st.Version
		}
	}
	return r.u.Lives.Versions[at].Minor
}

// runs is from when on the control plane runs a version that lets nodes be as old as a hop to another asks for.
func (r *roller) runs(to upgrade.Minor) Minutes {
	for _, st := range r.stays {
		if upgrade.NodesAllow(to, r.u.Lives.Versions[st.Version].Minor, r.u.Lives.skew) {
			return st.From
		}
	}
	return Never
}

// before is the first hop before a time for which the pool is too far behind.
func (r *roller) before(end Minutes) (TooOld, bool) {
	for _, w := range r.u.Work {
		for k := range w.Hops {
			s, to := r.u.Slots.All[w.Slots[k]], r.u.Lives.Versions[w.From+k+1].Minor
			if s.Start < end && r.at.Less(to) && !upgrade.NodesAllow(to, r.at, r.u.Lives.skew) {
				return TooOld{Pool: r.pool, Hop: s.Start, To: to}, true
			}
		}
	}
	return TooOld{}, false
}
