package model

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"treadmill/upgrade"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/windows"
)

// Take takes over one campaign.
func (p *Problem) Take(u *Unit, w Work) {
	for _, i := range w.Slots {
		if room := p.Room[u.Cluster.Team.V]; room != nil {
			room[u.Slots.All[i].Week]--
		}
	}
	u.Work = append(u.Work, w)
	u.Start = w.From + w.Hops
	p.Settle(u)
	u.Lag = 0 // the campaign ends with the nodes
}

// Brought is where a unit is at a time when nothing is done after what is kept: its provider may have upgraded it until then.
func (p *Problem) Brought(u *Unit, at Minutes) int {
	came := p.Now
	if i := p.came(u); i >= 0 {
		came = u.Slots.All[i].Start
	}
	v := u.Start
	for v+1 < len(u.Lives.Versions) && u.Lives.Versions[v].Forced >= came && u.Lives.Versions[v].Forced <= at {
		came = u.Lives.Versions[v].Forced
		v++
	}
	return v
}

// GiveBack frees the weeks of a team that campaigns which were kept take.
func (u *Unit) GiveBack(room []int) {
	for _, w := range u.Kept() {
		for _, i := range w.Slots {
			if room != nil {
				room[u.Slots.All[i].Week]++
			}
		}
	}
}

// Unit is the unit of a cluster.
func (p *Problem) Unit(name string) *Unit {
	i, _ := slices.BinarySearchFunc(p.Units, name, func(u *Unit, name string) int { return cmp.Compare(u.Cluster.Name.V, name) })
	return p.Units[i]
}

// MostHops is how many hops a campaign may have that begins at a version, by how far the nodes are behind.
func (u *Unit) MostHops(at int) int {
	most := min(maxHops, upgrade.NodeSkew(u.Lives.Versions[at].Minor, u.Lives.skew))
	if u.Lag > 0 && at == u.Start {
		most = min(most, u.NodeMax-u.Lag)
	}
	return most
}

// ByRank lists the units with environments in promotion order.
func (p *Problem) ByRank() []*Unit {
	units := slices.Clone(p.Units)
	slices.SortStableFunc(units, func(a, b *Unit) int { return a.Rank - b.Rank })
	return units
}

// Follows is when the next hop may start at the soonest after a campaign: one without hops takes no time to roll back.
func (u *Unit) Follows(w Work) Minutes {
	last := u.Slots.All[w.Slots[len(w.Slots)-1]]
	if w.Hops == 0 {
		return last.End
	}
	return u.Lives.After(last)
}

// Settle notes from its work when a unit comes to its versions.
func (p *Problem) Settle(u *Unit) { u.Started = p.started(u, u.Work) }

// started is, by version, the start of the hop to it by some work, or when the provider brings the cluster to it; never for none.
func (p *Problem) started(u *Unit, work []Work) []Minutes {
	out := Unset(len(u.Lives.Versions))
	for _, st := range p.Stays(u, work) {
		if st.Forced {
			out[st.Version+1] = u.Lives.Versions[st.Version].Forced
		}
	}
	for _, w := range work {
		for k, i := range w.Slots[:w.Hops] {
			out[w.From+k+1] = u.Slots.All[i].Start
		}
	}
	return out
}

// StartOf is the start of the hop by which a cluster comes to a version or a later one: never, or long ago when it is there.
func (u *Unit) StartOf(v int) Minutes {
	switch {
	case v <= u.At:
		return -Never
	case v >= len(u.Started):
		return Never
	default:
		return u.Started[v]
	}
}

// HopTo is the start of the cluster's own hop to a version; false where it does none.
func (u *Unit) HopTo(m upgrade.Minor) (Minutes, bool) {
	v := m.Sub(u.Lives.First)
	for _, w := range u.Work {
		if k := v - w.From - 1; k >= 0 && k < w.Hops {
			return u.Slots.All[w.Slots[k]].Start, true
		}
	}
	return 0, false
}

// Unset is n times of which none has come.
func Unset(n int) []Minutes {
	out := make([]Minutes, n)
	for i := range out {
		out[i] = Never
	}
	return out
}

// Unit is one cluster in the problem and, once it is solved, its work.
type Unit struct {
	Cluster fleet.Cluster
	Kind    kind
	Needs   []addons.Need // of its add-ons, hop by hop
	Lives   *Lives
	Slots   *Slots
	Group   string
	Rank    int     // in the promotion order; -1 outside of it
	Soak    int     // days
	Lower   []*Unit // the clusters of the environment before
	Settled []*Unit // the same, where they are not planned with this one but keep the work that they have
	Higher  []*Unit // those that wait for this one
	Index   int     // in problem.units
	At      int     // index of the version in lives
	Start   int     // index of the version with which the solver begins: after what is kept of an earlier plan
	Lag     int     // how many minors the oldest node is behind
	NodeMax int     // how many it may be behind
	Blocked string  // a cluster of an environment before it that was left out for an error, so that its soak is not known

	Pools []Pool                 // that are rolled out by themselves
	Held  map[upgrade.Minor]Held // what keeps it from versions: these pools

	Work    []Work
	Rolls   []Roll
	Started []Minutes // by version: start of the hop to it by the plan, or when the provider brings the cluster to it
}

// Work is one planned campaign: the slots of its hops. A campaign of nodes only has one slot and no hops.
type Work struct {
	From, Hops     int
	Slots          []int32
	Kept, Approved bool // from an earlier plan
}

// kind is what clusters have in common that live by the same dates.
type kind struct {
	Provider, Channel string
	Addons            string // which versions add-ons hold back, by problem.profile
	Overdue           bool   // the provider should have upgraded it already
}

// PlusMinus says by how many days a date may be off, in brackets; nothing where it is sure.
func PlusMinus(d windows.Date) string {
	switch {
	case d.Early == 0 && d.Late == 0:
		return ""
	case d.Early == d.Late:
		return fmt.Sprintf(" (±%d days)", d.Late)
	default:
		return fmt.Sprintf(" (-%d, +%d days)", d.Early, d.Late)
	}
}

// DateOf is the day (UTC) of a time.
func DateOf(t Minutes) string { return TimeOf(t, time.UTC).Format(time.DateOnly) }

// Kept is the work of a unit that stays from an earlier plan. It comes first.
func (u *Unit) Kept() []Work {
	n := 0
	for n < len(u.Work) && u.Work[n].Kept {
		n++
	}
	return u.Work[:n]
}
