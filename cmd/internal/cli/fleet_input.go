package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"treadmill/internal/diag"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan"
	"treadmill/upgrade/windows"
)

// planInput is what commands that plan a fleet are given.
type planInput struct {
	fleet   string
	files   windowsFiles
	addons  []string
	horizon clock
	late    bool
	from    *plan.Plan // an earlier plan to begin from
}

func (in *planInput) flags(c *cobra.Command) {
	in.fleetFlags(c)
	c.Flags().Var(&in.horizon, "horizon", "the end of the plan (default: the first quarter that begins in fifteen months or more)")
	c.Flags().Lookup("horizon").DefValue = ""
	c.Flags().BoolVar(&in.late, "late", false, "plan for the bad edge of dates that are not sure")
	addonsFlag(c, &in.addons)
}

// fleetFlags are those of commands that read a fleet and do not plan it.
func (in *planInput) fleetFlags(c *cobra.Command) {
	c.Flags().StringVarP(&in.fleet, "fleet", "f", "", "the fleet file, or - for standard input")
	windowsFlags(c, &in.files)
	_ = c.MarkFlagRequired("fleet") // it fails for a flag that does not exist
}

// maxYears is how far a plan may reach: support dates are projected for about four years.
const maxYears = 10

// checkHorizon refuses plans that would be empty, or that would never be done.
func (in planInput) checkHorizon(now time.Time) error {
	h := time.Time(in.horizon)
	if !h.IsZero() && (h.Before(now.AddDate(0, 0, 1)) || h.After(now.AddDate(maxYears, 0, 0))) {
		return usage("--horizon %s: want a day after now, %s, by %d years at most", h.Format(time.DateOnly), now.Format(time.DateOnly), maxYears)
	}
	return nil
}

// readFleet reads and checks a fleet with the support dates that it is planned by. Findings say what is wrong with either.
func (a *app) readFleet(in planInput) (fleet.Fleet, windows.Table, []diag.Finding, error) {
	if err := in.checkHorizon(time.Time(a.now)); err != nil {
		return fleet.Fleet{}, windows.Table{}, nil, err
	}
	table, findings, err := a.windowsTable(in.files)
	if err != nil {
		return fleet.Fleet{}, table, findings, err
	}
	file, err := a.read(in.fleet)
	if err != nil {
		return fleet.Fleet{}, table, findings, err
	}
	f, more := fleet.Read(file.name, file.data, func(name string) ([]byte, error) {
		x, err := a.read(name)
		if reason := errors.Unwrap(err); reason != nil { // fleet.Read says which file
			err = reason
		}
		return x.data, err
	})
	findings = append(findings, more...)
	findings = append(findings, f.Check(table, time.Time(a.now))...)
	return f, table, a.settle(append([]diag.Finding{}, findings...)), nil
}

// plannable reports whether the policy of a fleet is known, or as much of it as the user accepts: a calendar of freezes that cannot be read may be missed.
func (a *app) plannable(f fleet.Fleet) bool { return !f.Broken && (!f.Unread || a.partial) }

// plan reads a fleet and plans it. The plan's findings are those of the fleet too; a fleet whose policy has problems has no
// plan but its findings, and ok is false.
func (a *app) plan(ctx context.Context, in planInput, guard guardFlags) (p plan.Plan, f fleet.Fleet, ok bool, err error) {
	f, table, findings, err := a.readFleet(in)
	if err != nil {
		return p, f, false, err
	}
	if !a.plannable(f) {
		return plan.Plan{Version: 1, Now: time.Time(a.now), Findings: findings}, f, false, nil
	}
	budgets, about, err := a.planBudgets(ctx, guard, f, time.Time(in.horizon))
	if err != nil {
		return p, f, false, err
	}
	p, more, err := a.solve(ctx, in, f, table, budgets...)
	if err != nil {
		return p, f, false, err
	}
	p.Findings = diag.Sort(slices.Concat(findings, about, more, p.Findings))
	return p, f, true, nil
}

// solve plans a fleet that can be planned, by the table of add-ons too. The findings are about that table.
func (a *app) solve(ctx context.Context, in planInput, f fleet.Fleet, table windows.Table, budgets ...plan.Budget) (plan.Plan, []diag.Finding, error) {
	known, findings, err := a.addonsTable(in.addons)
	if err != nil {
		return plan.Plan{}, nil, err
	}
	findings = append(findings, a.staleAddons(addonsOf(f, known))...)
	defer a.showing(func(since time.Duration) string {
		return fmt.Sprintf("planning %s for %.0f s; Ctrl-C shows the best plan so far", count(len(f.Clusters), "cluster", "clusters"), since.Seconds())
	})()
	return plan.Solve(ctx, f, table, plan.Options{Now: time.Time(a.now), Horizon: time.Time(in.horizon), Late: in.late, Addons: known, Budgets: budgets, From: in.from}), findings, nil
}
