package model

import (
	"cmp"
	"fmt"
	"slices"

	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan/solver"
)

// Crowd is clusters of which the policy lets only some be worked on at once.
type Crowd struct {
	Units []*Unit
	Most  int
	ByDay bool
	Of    string // what they have in common, in words
}

// Crowds lists the crowds of the policy that can be too large: those of its limits, and clusters that are never worked on together.
func (p *Problem) Crowds() []Crowd {
	var out []Crowd
	for i := range p.Fleet.Policy.Concurrency {
		limit := &p.Fleet.Policy.Concurrency[i]
		by := map[string][]*Unit{}
		for _, u := range p.Units {
			if value, counts := limit.Value(u.Cluster); counts {
				by[value] = append(by[value], u)
			}
		}
		for value, units := range by {
			of := "the fleet"
			if limit.Of.V != fleet.OfAll {
				of = fmt.Sprintf("%s %s", limit.Of.V, value)
			}
			out = append(out, Crowd{Units: units, Most: limit.Most.V.Of(len(units)), ByDay: limit.Per.V == fleet.PerDay, Of: of})
		}
	}
	for _, set := range p.Fleet.Policy.Apart {
		c := Crowd{Most: 1, Of: "clusters that are kept apart"}
		for _, u := range p.Units {
			if slices.ContainsFunc(set.V, func(pattern fleet.Pattern) bool { return pattern.Matches(u.Cluster.Name.V) }) {
				c.Units = append(c.Units, u)
			}
		}
		out = append(out, c)
	}
	out = slices.DeleteFunc(out, func(c Crowd) bool { return len(c.Units) <= c.Most })
	slices.SortStableFunc(out, func(a, b Crowd) int {
		return cmp.Or(cmp.Compare(a.Of, b.Of), cmp.Compare(a.Units[0].Index, b.Units[0].Index), cmp.Compare(a.Most, b.Most))
	})
	return out
}

func (p *Problem) crowds() []solver.Crowd {
	var out []solver.Crowd
	for _, c := range p.Crowds() {
		x := solver.Crowd{Most: c.Most, ByDay: c.ByDay}
		for _, u := range c.Units {
			x.Clusters = append(x.Clusters, u.Index)
		}
		out = append(out, x)
	}
	return out
}

// Crowded reports whether some of a unit's openings are in a time in which as many others of its crowds are worked on as may be, by the
// work that they have.
func (p *Problem) Crowded(u *Unit, slots []int32, crowds []Crowd) bool {
	for _, c := range crowds {
		if slices.ContainsFunc(slots, func(i int32) bool { return c.Busy(u, u.Slots.All[i]) }) {
			return true
		}
	}
	return false
}

// Busy reports whether an opening is in a time in which as many other units of a crowd are worked on as may be.
func (c Crowd) Busy(u *Unit, x Slot) bool {
	return slices.Contains(c.Units, u) && c.others(u, x) >= c.Most
}

// others is how many other units of a crowd are worked on while an opening of one lasts, or on its day.
func (c Crowd) others(u *Unit, x Slot) int {
	n := 0
	for _, o := range c.Units {
		if o != u && (slices.ContainsFunc(o.Work, func(w Work) bool {
			return slices.ContainsFunc(w.Slots, func(i int32) bool { return c.meet(x, o.Slots.All[i]) })
		}) || slices.ContainsFunc(o.Rolls, func(r Roll) bool {
			return slices.ContainsFunc(r.Slots, func(i int32) bool { return c.meet(x, o.Pools[r.Pool].Slots.All[i]) })
		})) {
			n++
		}
	}
	return n
}

func (c Crowd) meet(a, b Slot) bool {
	if c.ByDay {
		return a.Start/Day == b.Start/Day
	}
	return a.Start < b.End && b.Start < a.End
}
