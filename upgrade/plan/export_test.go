package plan

import (
	"context"

	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan/solver"
	"treadmill/upgrade/windows"
)

// SolveWithMore plans a fleet whose team has more hops in the weeks of these names.
func SolveWithMore(ctx context.Context, f fleet.Fleet, table windows.Table, o Options, team string, more map[string]int) Plan {
	o.Horizon = DefaultHorizon(o.Now)
	p := begin(f, table, o)
	for w := range p.weeks {
		p.room[team][w] += more[p.weekName(w)]
	}
	s := p.solve(ctx, solver.Usual(len(p.units)))
	return p.result(ctx, s, p.bound(s))
}
