// Package input reads what commands of several groups need: fleets and the tables that they are planned by, SLO specs, rules, clusters,
// and history, with the flags that name each.
//
// The way through it: flags → files, clusters or a server → values of the domain and findings.
package input

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/internal/diag"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan"
	"treadmill/upgrade/windows"
)

// FleetFlags is what commands that plan a fleet are given.
type FleetFlags struct {
	File    string
	Windows WindowsFiles
	addons  []string
	Horizon app.Clock
	late    bool
	From    *plan.Plan // an earlier plan to begin from
}

// Add adds the flags to a command that plans a fleet.
func (in *FleetFlags) Add(c *cobra.Command) {
	in.AddFleet(c)
	c.Flags().Var(&in.Horizon, "horizon", "the end of the plan (default: the first quarter that begins in fifteen months or more)")
	c.Flags().Lookup("horizon").DefValue = ""
	c.Flags().BoolVar(&in.late, "late", false, "plan for the worst case of dates that are not sure")
	AddAddons(c, &in.addons)
}

// AddFleet are those of commands that read a fleet and do not plan it.
func (in *FleetFlags) AddFleet(c *cobra.Command) {
	c.Flags().StringVarP(&in.File, "fleet", "f", "", "the fleet file, or - for standard input")
	AddWindows(c, &in.Windows)
	_ = c.MarkFlagFilename("fleet", "yaml", "yml", "json") // it fails for a flag that does not exist
	app.MustHave(c, "fleet")
}

// maxYears is how far a plan may reach: support dates are projected for about four years.
const maxYears = 10

// checkHorizon refuses plans that would be empty, or that would never be done.
func (in FleetFlags) checkHorizon(now time.Time) error {
	h := time.Time(in.Horizon)
	if !h.IsZero() && (h.Before(now.AddDate(0, 0, 1)) || h.After(now.AddDate(maxYears, 0, 0))) {
		return app.Usage(
			"--horizon %s: want a day after now, %s, by %d years at most",
			h.Format(time.DateOnly),
			now.Format(time.DateOnly),
			maxYears,
		)
	}
	return nil
}

// ReadFleet reads and checks a fleet with the support dates that it is planned by. Findings say what is wrong with either.
func ReadFleet(a *app.App, in FleetFlags) (fleet.Fleet, windows.Table, []diag.Finding, error) {
	if err := in.checkHorizon(time.Time(a.Now)); err != nil {
		return fleet.Fleet{}, windows.Table{}, nil, err
	}
	table, findings, err := ReadWindows(a, in.Windows)
	if err != nil {
		return fleet.Fleet{}, table, findings, err
	}
	file, err := a.Read(in.File)
	if err != nil {
		return fleet.Fleet{}, table, findings, err
	}
	f, more := fleet.Read(file.Name, file.Data, func(name string) ([]byte, error) {
		x, err := a.ReadMet(name)
		if reason := errors.Unwrap(err); reason != nil { // fleet.Read says which file
			err = reason
		}
		return x.Data, err
	})
	findings = append(findings, more...)
	findings = append(findings, f.Check(table, time.Time(a.Now))...)
	return f, table, a.Settle(append([]diag.Finding{}, findings...)), nil
}

// Plannable reports whether the policy of a fleet is known, or as much of it as the user accepts: a calendar of freezes that cannot be
// read may be missed.
func Plannable(a *app.App, f fleet.Fleet) bool { return !f.Broken && (!f.Unread || a.Partial) }

// Solve plans a fleet that can be planned, by the table of add-ons too. The findings are about that table.
func Solve(
	ctx context.Context,
	a *app.App,
	in FleetFlags,
	f fleet.Fleet,
	table windows.Table,
	budgets ...plan.Budget,
) (plan.Plan, []diag.Finding, error) {
	known, findings, err := ReadAddons(a, in.addons)
	if err != nil {
		return plan.Plan{}, nil, err
	}
	findings = append(findings, StaleAddons(a, addonsOf(f, known))...)
	defer a.Showing(func(since time.Duration) string {
		return fmt.Sprintf(
			"planning %s for %.0f s; Ctrl-C shows the best plan so far",
			app.Count(len(f.Clusters), "cluster", "clusters"),
			since.Seconds(),
		)
	})()
	return plan.Solve(
		ctx,
		f,
		table,
		plan.Options{Now: time.Time(a.Now), Horizon: time.Time(in.Horizon), Late: in.late, Addons: known, Budgets: budgets, From: in.From},
	), findings, nil
}

// LeftOut says how many clusters of a fleet are not in what is said of it.
func LeftOut(f fleet.Fleet) string {
	switch f.Left {
	case 0:
		return ""
	case 1:
		return " 1 cluster is left out, because of its problems below."
	default:
		return fmt.Sprintf(" %d clusters are left out, because of their problems below.", f.Left)
	}
}
