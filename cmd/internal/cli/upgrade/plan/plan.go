// Package plan is the command `upgrade plan`, its views and its outputs.
package plan

import (
	"cmp"
	"context"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/upgrade/plan"
)

// Command is `treadmill upgrade plan`.
func Command(a *app.App) *cobra.Command {
	var in input.FleetFlags
	var guard input.GuardFlags
	var live input.LiveFlags
	var quarter quarterFlag
	var files planFiles
	var approve app.Days
	var approver string
	c := &cobra.Command{
		Use: "plan -f fleet.yaml", Short: "Plan the upgrades of a fleet: a dated schedule with its cost and a bound", Args: cobra.NoArgs,
		Long: `Plan says when each cluster of a fleet is upgraded, in which maintenance window, and why. It keeps the order of
environments and their soak, freezes, what teams can do in a week, version skew and the providers' rules, and weighs
campaigns against extended support and time out of support. With the cost it gives a bound that no such plan goes below.

With --prometheus and --slo no hop starts before enough is left of the error budgets that guard its cluster: what hops spend
(by --records, else by the fleet's policy) and what must be left after it. The budgets are forecast from their history.

A plan that is saved with -o json can be made anew from: --from keeps what it has approved unless that breaks a rule now, says why where
it does, and keeps the rest where that costs no more. --approve 12w approves what starts within twelve weeks; or set
"approved": {"by": "anna", "on": "2026-11-23"}, or true, on a campaign of the file.`,
		Example: `  treadmill upgrade plan -f fleet.yaml
  treadmill upgrade plan -f fleet.yaml --quarter 2027Q1 -o markdown
  treadmill upgrade plan -f fleet.yaml --prometheus http://prometheus:9090 --slo slos/ --records campaigns.yaml
  treadmill upgrade plan -f fleet.yaml --approve 12w -o json > plan.json
  treadmill upgrade plan -f fleet.yaml --from plan.json
  treadmill upgrade plan -f fleet.yaml --handover gke --handover github=issues
  treadmill upgrade plan -f fleet.yaml --calendar plan.ics --report plan.html`,
		RunE: a.Run(func(ctx context.Context, _ []string) (report.View, error) {
			err := files.check()
			if err != nil {
				return report.View{}, err
			}
			if in.From, err = input.ReadPlan(a, files.from); err != nil {
				return report.View{}, err
			}
			p, f, ok, err := planFleet(ctx, a, in, guard, live)
			if err != nil {
				return report.View{}, err
			}
			if approve > 0 {
				p.Approve(time.Time(a.Now).Add(time.Duration(approve)), approver)
			}
			v := planView{plan: p, fleet: f, ok: ok, now: a.Now, quarter: quarter}
			if v.old, err = input.ReadPlan(a, cmp.Or(files.compare, files.from)); err != nil {
				return report.View{}, err
			}
			if err := writePlan(a, files, &v); err != nil {
				return report.View{}, err
			}
			return v.view(), nil
		}),
	}
	in.Add(c)
	guard.Add(c)
	live.Add(a, c, "context of a cluster of the fleet, to say where it runs something else than the file says; may be repeated, or * for all")
	c.Flags().Var(&quarter, "quarter", "show what a quarter asks for, such as 2027Q1")
	app.CompleteFlag(c, "quarter", func(*cobra.Command) []cobra.Completion { return quarters(a.Time()) })
	c.Flags().StringVar(&files.calendar, "calendar", "", "also write the campaigns to this file, for a calendar (ICS)")
	c.Flags().StringVar(&files.report, "report", "", "also write the report to this file (HTML)")
	c.Flags().StringVar(&files.mermaid, "mermaid", "", "also write the schedule to this file as a Mermaid gantt chart")
	addHandover(c, &files.handover)
	c.Flags().StringVar(&files.from, "from", "", "an earlier plan (JSON): keep what it has approved, and say what moves")
	c.Flags().Var(&approve, "approve", "approve the campaigns that start within this time, such as 12w")
	c.Flags().StringVar(&approver, "approver", "", "who approves, for --approve")
	c.Flags().StringVar(&files.compare, "compare", "", "an earlier plan (JSON): say what moved since")
	return a.Returns(c, plan.Plan{}, brokenData{})
}
