package plan

import (
	"context"
	"math"
	"time"

	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan/solver"
	"treadmill/upgrade/windows"
)

// Solve plans a fleet. The fleet must be checked against the table (fleet.Check). It always returns a plan: what cannot
// be planned is in Unplanned with what would make it possible. When ctx ends, the best plan so far is returned.
func Solve(ctx context.Context, f fleet.Fleet, table windows.Table, o Options) Plan {
	if o.Horizon.IsZero() {
		o.Horizon = DefaultHorizon(o.Now)
	}
	o.Horizon = o.Horizon.UTC().Truncate(time.Minute)
	if o.Effort == (solver.Effort{}) {
		o.Effort = solver.Usual(len(f.Clusters))
	}
	p, s := solveApart(ctx, f, table, o)
	if o.From == nil {
		return p.result(ctx, s, p.bound(s))
	}
	o.all = true
	all, kept := solveApart(ctx, f, table, o)
	if all.total() > p.total() {
		return p.result(ctx, s, p.bound(s))
	}
	all.moves, kept.Prices = p.moves, s.Prices
	return all.result(ctx, kept, min(p.bound(s), all.bound(kept)))
}

// solveApart plans a fleet around what is kept of an earlier plan, so that no step takes the budget of another.
func solveApart(ctx context.Context, f fleet.Fleet, table windows.Table, o Options) (*problem, solver.Solution) {
	p := begin(f, table, o)
	return p.apart(ctx, o, p.solve(ctx, o.Effort))
}

// begin is a problem with what is kept of an earlier plan.
func begin(f fleet.Fleet, table windows.Table, o Options) *problem {
	p := newProblem(f, table, o)
	p.moves = []Move{}
	if o.From != nil {
		p.moves = p.keep(o.From.Campaigns, o.all)
		p.extra = p.keptCost()
	}
	return p
}

// solve finds the work of every unit.
func (p *problem) solve(ctx context.Context, e solver.Effort) solver.Solution {
	p.nodesFirst()
	s := solver.Solve(ctx, p.model(), e)
	p.place(s)
	return s
}

// bound is the solver's, with the rollouts that come before all hops, which it does not see.
func (p *problem) bound(s solver.Solution) fleet.Money {
	sum := fleet.Money(math.Floor(s.Bound)) + p.extra
	for _, u := range p.units {
		if u.ready > 0 {
			sum += p.fleet.Policy.Costs.Campaign.V
		}
	}
	return sum / cent * cent
}

const cent = fleet.Unit / 100

// SupportEnd is when the last support that the policy allows for a cluster's version ends; false when it is not known.
func SupportEnd(f fleet.Fleet, table windows.Table, c fleet.Cluster) (time.Time, bool) {
	w, ok := table.Window(c.Provider.V, c.Version.V)
	if !ok || w.StandardEnd.IsZero() {
		return time.Time{}, false
	}
	end := w.StandardEnd
	if provider, _ := table.Provider(c.Provider.V); f.Policy.ExtendedSupport.Allowed.V && sellsExtended(provider, c.Channel.V) && !w.ExtendedEnd.IsZero() {
		end = w.ExtendedEnd
	}
	return end.Day.Time(), true
}
