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
	if u.Started == nil {
		u.Started = Unset(len(u.Lives.Versions))
	}
	for k, i := range w.Slots {
		if room := p.Room[u.Cluster.Team.V]; room != nil {
			room[u.Slots.All[i].Week]--
		}
		if k < w.Hops {
			u.Started[w.From+k+1] = u.Slots.All[i].Start
		}
	}
	u.Work = append(u.Work, w)
	u.Start += w.Hops
	u.Lag = 0 // the campaign ends with the nodes
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

// MostHops is how many hops the next campaign may have, by how far its nodes are behind.
func (u *Unit) MostHops() int {
	most := min(maxHops, upgrade.NodeSkew(u.Lives.Versions[u.Start].Minor, u.Lives.skew))
	if u.Lag > 0 {
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

// After is when the next hop may start at the soonest: the opening is over, and the provider's time to roll back too. Rollback and soak
// count calendar days (UTC) from start to start.
func (u *Unit) After(i int32) Minutes {
	x := u.Slots.All[i]
	if u.Lives.Spacing == 0 {
		return x.End
	}
	return max(x.End, (x.Start/Day)*Day+u.Lives.Spacing)
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
	Ready   int     // first week in which hops may be done: after the nodes, where they come first

	Work    []Work
	Started []Minutes // by version: start of the hop to it by the plan
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

// weekOf is the week in which a unit comes to a version or a later one: far off when it never does, and long ago when it is there.
func (u *Unit) weekOf(m upgrade.Minor) int {
	v := m.Sub(u.Lives.First)
	if v <= u.At {
		return -1 << 20
	}
	for _, w := range u.Work {
		if k := v - w.From - 1; k < w.Hops && w.Hops > 0 {
			return int(u.Slots.All[w.Slots[max(k, 0)]].Week)
		}
	}
	return 1 << 20
}
