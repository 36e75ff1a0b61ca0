package plan

import (
	"context"

	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan/place"
	"treadmill/upgrade/plan/solver"
	"treadmill/upgrade/windows"
)

// SolveWithMore plans a fleet whose team has more hops in the weeks of these names.
func SolveWithMore(ctx context.Context, f fleet.Fleet, table windows.Table, o Options, team string, more map[string]int) Plan {
	o.Horizon = DefaultHorizon(o.Now)
	p, moves := begin(f, table, o)
	for w := range p.Weeks {
		p.Room[team][w] += more[p.WeekName(w)]
	}
	s := place.Solve(ctx, p, solver.Usual(len(p.Units)))
	return result(ctx, p, s, bound(p, s), moves)
}
