// Package place schedules a problem: package solver chooses the openings of hops, and of those in one week that cost the same every hop
// gets the one in which its team does least.
//
// The way through it: Problem → Solve, which writes the work of every unit.
package place

import (
	"context"

	"treadmill/upgrade/plan/model"
	"treadmill/upgrade/plan/solver"
)

// Solve finds the work of every unit, and the rollouts of node pools that have openings of their own.
func Solve(ctx context.Context, p *model.Problem, e solver.Effort) solver.Solution {
	return rolled(ctx, p, e, once(ctx, p, e))
}

// once finds the work of every unit.
func once(ctx context.Context, p *model.Problem, e solver.Effort) solver.Solution {
	m := p.Model()
	s := solver.Solve(ctx, m, e)
	for _, u := range p.Units {
		offset := u.Lives.First.Sub(p.Base)
		for _, k := range s.Schedules[u.Index] {
			u.Work = append(u.Work, model.Work{From: k.From - offset, Hops: k.Hops, Slots: append([]int32{}, k.Ticks[:max(1, k.Hops)]...)})
		}
		p.Settle(u)
	}
	spread(p, m)
	return s
}
