package plan

import (
	"context"
	"math"
	"time"

	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan/model"
	"treadmill/upgrade/plan/place"
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
	p, moves, s := solveApart(ctx, f, table, o)
	if o.From == nil {
		return result(ctx, p, s, bound(p, s), moves)
	}
	o.all = true
	all, _, kept := solveApart(ctx, f, table, o)
	if all.Total() > p.Total() {
		return result(ctx, p, s, bound(p, s), moves)
	}
	kept.Prices = s.Prices
	return result(ctx, all, kept, min(bound(p, s), bound(all, kept)), moves)
}

// solveApart plans a fleet around what is kept of an earlier plan, so that no step takes the budget of another.
func solveApart(ctx context.Context, f fleet.Fleet, table windows.Table, o Options) (*model.Problem, []Move, solver.Solution) {
	p, moves := begin(f, table, o)
	p, s := apart(ctx, p, o, place.Solve(ctx, p, o.Effort))
	return p, moves, s
}

// begin is a problem with what is kept of an earlier plan.
func begin(f fleet.Fleet, table windows.Table, o Options) (*model.Problem, []Move) {
	p := model.NewProblem(f, table, model.Input{Now: o.Now, Horizon: o.Horizon, Addons: o.Addons, Late: o.Late, Budgets: o.Budgets, Companions: o.companions, Taken: o.taken})
	moves := []Move{}
	if o.From != nil {
		moves = keep(p, o.From.Campaigns, o.all)
		p.Extra = keptCost(p)
	}
	return p, moves
}

// bound is the solver's, with the rollouts that come before all hops, which it does not see.
func bound(p *model.Problem, s solver.Solution) fleet.Money {
	sum := fleet.Money(math.Floor(s.Bound)) + p.Extra
	for _, u := range p.Units {
		if u.Ready > 0 {
			sum += p.Fleet.Policy.Costs.Campaign.V
		}
	}
	return sum / model.Cent * model.Cent
}

// SupportEnd is when the last support that the policy allows for a cluster's version ends; false when it is not known.
func SupportEnd(f fleet.Fleet, table windows.Table, c fleet.Cluster) (time.Time, bool) {
	w, ok := table.Window(c.Provider.V, c.Version.V)
	if !ok || w.StandardEnd.IsZero() {
		return time.Time{}, false
	}
	end := w.StandardEnd
	if provider, _ := table.Provider(c.Provider.V); f.Policy.ExtendedSupport.Allowed.V && model.SellsExtended(provider, c.Channel.V) && !w.ExtendedEnd.IsZero() {
		end = w.ExtendedIn(f.Policy.ExtendedSupport.Terms.V)
	}
	return end.Day.Time(), true
}
