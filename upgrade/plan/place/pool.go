package place

import (
	"context"

	"treadmill/upgrade/plan/model"
	"treadmill/upgrade/plan/solver"
)

// rounds is how often hops are planned again that a node pool keeps waiting, before they are left out.
const rounds = 12

// rolled places the rollouts of node pools that have openings of their own, and plans again while a hop comes before the rollout that it
// needs. The bound stays that of the first solution, which waits for no pool: waiting only makes plans dearer.
func rolled(ctx context.Context, p *model.Problem, e solver.Effort, first solver.Solution) solver.Solution {
	s := first
	for round := 0; waiting(p, round < rounds); round++ {
		for _, u := range p.Units {
			u.Work = u.Kept()
			p.Settle(u)
		}
		s = once(ctx, p, e)
		s.Bound, s.Proven, s.Relaxed, s.Prices = first.Bound, false, first.Relaxed, first.Prices
	}
	return s
}

// waiting places the rollouts of all units, and holds hops back that come too soon: until the rollout is over or, in the end, for good. It
// reports whether there are any.
func waiting(p *model.Problem, more bool) bool {
	crowds, late := p.Crowds(), false
	for _, u := range p.Units {
		u.Rolls = nil
	}
	for _, u := range p.ByRank() {
		if len(u.Pools) == 0 {
			continue
		}
		for _, x := range p.RollOut(u, crowds) {
			if day, known := hold(p, u, x, more); known {
				u.Hold(x, day)
				late = true
			}
		}
	}
	return late
}

// hold is the first day on which a hop may be tried again; false for one that is kept of an earlier plan, which stays where it is.
func hold(p *model.Problem, u *model.Unit, x model.TooOld, more bool) (int, bool) {
	for _, w := range u.Kept() {
		for _, i := range w.Slots[:w.Hops] {
			if u.Slots.All[i].Start == x.Hop {
				return 0, false
			}
		}
	}
	if !more || x.Until >= model.Never {
		return model.NoDay, true
	}
	return max(p.DayOf(x.Until), p.DayOf(x.Hop)+1), true
}
