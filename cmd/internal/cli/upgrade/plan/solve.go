package plan

import (
	"context"
	"slices"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/internal/diag"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan"
)

// planFleet reads a fleet and plans it. The plan's findings are those of the fleet too; a fleet whose policy has problems, or whose
// error-budget policy has, has no plan but its findings, and ok is false.
func planFleet(ctx context.Context, a *app.App, in input.FleetFlags, guard input.GuardFlags, live input.LiveFlags) (
	p plan.Plan, f fleet.Fleet, ok bool, err error) {
	f, table, findings, err := input.ReadFleet(a, in)
	if err != nil {
		return p, f, false, err
	}
	if !input.Plannable(a, f) {
		return plan.Plan{Version: 1, Now: time.Time(a.Now), Findings: findings}, f, false, nil
	}
	apart, err := input.Differing(ctx, a, live, f)
	if err != nil {
		return p, f, false, err
	}
	findings = append(findings, apart...)
	budgets, about, ok, err := input.PlanBudgets(ctx, a, guard, f, time.Time(in.Horizon))
	if err != nil || !ok {
		return plan.Plan{Version: 1, Now: time.Time(a.Now), Findings: slices.Concat(findings, about)}, f, false, err
	}
	p, more, err := input.Solve(ctx, a, in, f, table, budgets...)
	if err != nil {
		return p, f, false, err
	}
	p.Findings = diag.Sort(app.List(slices.Concat(findings, about, more, p.Findings)))
	return p, f, true, nil
}
