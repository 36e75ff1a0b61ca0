package plan

import (
	"cmp"
	"context"
	"math"
	"slices"
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
	out := Plan{}
	if all.Total() > p.Total() {
		out = result(ctx, p, s, bound(p, s), moves)
	} else {
		kept.Prices = s.Prices
		out = result(ctx, all, kept, min(bound(p, s), bound(all, kept)), moves)
	}
	out.approvals(o.From)
	return out
}

// solveApart plans a fleet around what is kept of an earlier plan, so that no step takes the budget of another.
func solveApart(ctx context.Context, f fleet.Fleet, table windows.Table, o Options) (*model.Problem, []Move, solver.Solution) {
	p, moves := begin(f, table, o)
	p, s := apart(ctx, p, o, place.Solve(ctx, p, o.Effort))
	return p, moves, s
}

// begin is a problem with what is kept of an earlier plan. Clusters with a node pool that would be too far behind for a hop that is kept
// are planned anew.
func begin(f fleet.Fleet, table windows.Table, o Options) (*model.Problem, []Move) {
	anew := []Move{}
	for {
		p, moves := beginWith(f, table, o)
		if o.From == nil {
			return p, moves
		}
		old := *o.From
		old.Campaigns = slices.DeleteFunc(slices.Clone(old.Campaigns), func(c Campaign) bool {
			i, known := slices.BinarySearchFunc(p.Units, c.Cluster, func(u *model.Unit, name string) int { return cmp.Compare(u.Cluster.Name.V, name) })
			if !known || len(p.RollOut(p.Units[i], nil)) == 0 {
				return false
			}
			if _, _, approved := old.Approved(c, o.Now); approved {
				anew = append(anew, Move{Cluster: c.Cluster, To: c.To.String(), Was: c.Start, Why: "a node pool would be too far behind"})
			}
			return true
		})
		if len(old.Campaigns) == len(o.From.Campaigns) {
			return p, append(anew, moves...)
		}
		o.From = &old
	}
}

func beginWith(f fleet.Fleet, table windows.Table, o Options) (*model.Problem, []Move) {
	p := model.NewProblem(f, table, model.Input{Now: o.Now, Horizon: o.Horizon, Addons: o.Addons, Late: o.Late, Budgets: o.Budgets,
		Companions: o.companions, Taken: o.taken})
	moves := []Move{}
	if o.From != nil {
		old := slices.Clone(o.From.Campaigns)
		for i := range old {
			_, _, old[i].Approved = o.From.Approved(old[i], o.Now)
		}
		moves = keep(p, old, o.all)
		p.Extra = keptCost(p)
	}
	return p, moves
}

// bound is the solver's, with what is kept of an earlier plan, which it does not see.
func bound(p *model.Problem, s solver.Solution) fleet.Money {
	if s.Proven {
		return p.Total()
	}
	return min(p.Total(), fleet.Money(math.Floor(s.Bound))+p.Extra)
}

// Support is what support a cluster has at its version.
type Support struct {
	Standard time.Time   // when standard support ends; zero where that is not known
	Ends     time.Time   // when the last support ends that the provider gives the cluster, whatever the policy allows
	Allowed  time.Time   // when the last support ends that the policy allows
	Hourly   fleet.Money // what the provider bills for an hour after standard support
}

// SupportOf is the support of a cluster at its version; false when its end is not known.
func SupportOf(f fleet.Fleet, table windows.Table, c fleet.Cluster) (Support, bool) {
	w, ok := table.Window(c.Provider.V, c.Version.V)
	if !ok || w.StandardEnd.IsZero() {
		return Support{}, false
	}
	s := Support{Standard: w.StandardEnd.Day.Time()}
	s.Ends, s.Allowed = s.Standard, s.Standard
	if of, _ := table.Provider(c.Provider.V); model.Extended(f.Policy, of, c.Channel.V) && !w.ExtendedEnd.IsZero() {
		s.Ends, s.Hourly = w.ExtendedIn(f.Policy.ExtendedSupport.Terms.V).Day.Time(), model.FeeOf(f.Policy, of)
		if f.Policy.ExtendedSupport.Allowed.V {
			s.Allowed = s.Ends
		}
	}
	return s, true
}
