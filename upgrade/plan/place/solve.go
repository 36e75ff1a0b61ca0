// Package place schedules a problem: package solver chooses the weeks of hops, and every hop gets an opening of a maintenance window.
//
// The way through it: Problem → Solve, which writes the work of every unit.
package place

import (
	"context"

	"treadmill/upgrade/plan/model"
	"treadmill/upgrade/plan/solver"
)

// nodesFirst plans a rollout for clusters whose nodes are as far behind as they may be or farther: the first opening with
// room. The hops come after it.
func nodesFirst(p *model.Problem) {
	for _, u := range p.Units {
		if u.Lag < u.NodeMax || u.Lag == 0 {
			continue
		}
		room := p.Room[u.Cluster.Team.V]
		for w := range p.Weeks {
			if i := u.Slots.First[w]; i < u.Slots.First[w+1] && (room == nil || room[w] > 0) {
				u.Work = []model.Work{{From: u.At, Slots: []int32{i}}}
				u.Ready = w + 1
				if room != nil {
					room[w]--
				}
				break
			}
		}
	}
}

// Solve finds the work of every unit.
func Solve(ctx context.Context, p *model.Problem, e solver.Effort) solver.Solution {
	nodesFirst(p)
	s := solver.Solve(ctx, p.Model(), e)
	openings(p, s)
	return s
}
