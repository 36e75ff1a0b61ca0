// Package review is the one page for the meeting of a quarter: error budgets and upgrades together.
package review

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/slo/review"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/history"
	"treadmill/upgrade/plan"
)

// flags say which quarter is reviewed, and from what.
type flags struct {
	input.GuardFlags
	plan    input.FleetFlags
	quarter string
	before  string
}

// Command is `treadmill review`.
func Command(a *app.App) *cobra.Command {
	var f flags
	c := &cobra.Command{
		Use: "review --quarter QUARTER -f fleet.yaml", Args: cobra.NoArgs,
		Short: "Review a quarter: error budgets, hops and incidents, and what the next quarter asks for",
		Long: `One page for the meeting of a quarter, for both halves: what is left of the budgets of all SLOs, which incidents spent them and whose each was, what
hops spent, what waiting for budgets costs, which dates moved since an earlier plan, which decisions are due, and what the
next quarter must, should and can wait with.

An incident is a hop's where it began while one of the hop's clusters, which the SLO guards, was upgraded or settled for an hour (--records), unless
groups of other clusters burnt too.`,
		Example: `  treadmill review --quarter 2026Q4 -f fleet.yaml --records campaigns.yaml --prometheus http://prometheus:9090 --slo slos/ -o html > review.html
  treadmill review --quarter 2026Q4 -f fleet.yaml --before plan-of-october.json --records campaigns.yaml --prometheus http://prometheus:9090 --slo slos/ -o markdown`,
		RunE: a.Run(func(ctx context.Context, _ []string) (report.View, error) { return run(ctx, a, f) }),
	}
	f.GuardFlags.Add(c)
	f.plan.Add(c)
	c.Flags().StringVar(&f.quarter, "quarter", "quarter", "the quarter, such as 2026Q4 (default: this one)")
	c.Flags().StringVar(&f.before, "before", "", "an earlier plan (JSON of upgrade plan), whose dates are compared with those of now")
	c.Flags().Lookup("quarter").DefValue = ""
	app.CompleteFlag(c, "quarter", func(*cobra.Command) []cobra.Completion { return begun(a.Time()) })
	app.MustHave(c, "slo")
	app.MustHaveOne(c, "prometheus", "tsdb", "openmetrics")
	return a.Returns(c, data{})
}

// begun are this quarter and those before it, for completion.
func begun(now time.Time) []cobra.Completion {
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	var out []cobra.Completion
	for i := range 4 {
		out = append(out, app.Quarter(first.AddDate(0, -3*i, 0)))
	}
	return out
}

// quarter is all that is known of a quarter.
type quarter struct {
	in       review.Interval
	now      time.Time
	fleet    fleet.Fleet
	records  []history.Campaign // that began in the quarter
	slos     []sloRow
	plan     plan.Plan
	free     plan.Plan // the plan if no hop waited for a budget
	before   *plan.Plan
	findings []diag.Finding
}

func run(ctx context.Context, a *app.App, f flags) (report.View, error) {
	now := time.Time(a.Now)
	in, err := review.ParseInterval(f.quarter, now)
	if err != nil || in.Before().From.AddDate(0, 3, 0) != in.From || in.From.After(now) {
		return report.View{}, app.Usage("--quarter %s: want a quarter that has begun, such as 2026Q4", f.quarter)
	}
	fl, table, findings, err := input.ReadFleet(a, f.plan)
	if err != nil {
		return report.View{}, err
	}
	q := quarter{in: in, now: now, fleet: fl, findings: findings}
	rules, more, err := input.FleetPolicy(a, f.PolicyFlag, fl)
	if err != nil {
		return report.View{}, err
	}
	q.findings = append(q.findings, more...)
	records, more, err := input.ReadRecords(a, f.Records)
	if err != nil {
		return report.View{}, err
	}
	q.findings = append(q.findings, more...)
	for _, c := range records.Campaigns {
		if !c.Start.V.Before(in.From) && c.Start.V.Before(in.To) {
			q.records = append(q.records, c)
		}
	}
	if q.before, err = input.ReadPlan(a, f.before); err != nil {
		return report.View{}, err
	}
	if err := q.measure(ctx, a, f, rules); err != nil {
		return report.View{}, err
	}
	if input.Plannable(a, fl) && !rules.Broken { // no plan can obey a policy that is not known as a whole
		budgets, more, err := input.ForecastBudgets(ctx, a, f.GuardFlags, fl, rules, records, time.Time(f.plan.Horizon))
		q.findings = append(q.findings, more...)
		if err != nil {
			return report.View{}, err
		}
		if q.plan, more, err = input.Solve(ctx, a, f.plan, fl, table, budgets...); err != nil {
			return report.View{}, err
		}
		q.findings = append(q.findings, more...)
		if q.free, _, err = input.Solve(ctx, a, f.plan, fl, table); err != nil {
			return report.View{}, err
		}
	}
	q.findings = distinct(a.Settle(q.findings))
	return q.view(), nil
}

// distinct leaves out what was said before: the history of a quarter and the forecast read the same series.
func distinct(findings []diag.Finding) []diag.Finding {
	seen := map[string]bool{}
	return slices.DeleteFunc(findings, func(f diag.Finding) bool {
		text := fmt.Sprint(f)
		known := seen[text]
		seen[text] = true
		return known
	})
}
