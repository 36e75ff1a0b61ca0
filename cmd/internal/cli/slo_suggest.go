package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules/backtest"
	"treadmill/rules/compile"
	"treadmill/slo"
	"treadmill/slo/review"
)

func (a *app) sloSuggest() *cobra.Command {
	f := backtestFlags{since: 30 * slo.Day, incident: 0.02}
	targets := []string{"99", "99.5", "99.9", "99.95", "99.99"}
	c := &cobra.Command{
		Use: "suggest --prometheus URL FILE...", Args: cobra.MinimumNArgs(1),
		Short: "Try objectives on history: what each would have cost and paged",
		Long: `Replays each SLO over history with other objectives and says for each what of the budget would have been spent, what its rules
would have paged for, and whether it can be measured at this traffic. Marks the strictest objective that can be measured
and would have left a quarter of the budget.`,
		Example: "  treadmill slo suggest --prometheus http://prometheus:9090 --since 90d slos/",
		RunE: a.run(func(ctx context.Context, args []string) (report.View, error) {
			var percents []slo.Number
			for _, text := range targets {
				o, err := slo.ParsePercent(text)
				if err != nil {
					return report.View{}, usage("--target %v", err)
				}
				percents = append(percents, o.Mul(slo.NewNumber(100, 1)))
			}
			src, err := a.source(f.past)
			if err != nil {
				return report.View{}, err
			}
			results, findings := a.compiled(args, compile.Options{})
			var out []suggested
			for _, r := range simple(results) {
				one, problems := a.suggest(ctx, src, r.SLO, f, percents)
				out, findings = append(out, one), append(findings, problems...)
			}
			return suggestView(out, a.settle(loud(findings))), nil
		}),
	}
	f.flags(c)
	c.Flags().TextVar(&f.since, "since", f.since, "how far to look back")
	c.Flags().Var(&f.incident, "incident", "share of the budget that an incident spends at least")
	c.Flags().StringSliceVar(&targets, "target", targets, "objectives to try, in percent, from the loosest to the strictest")
	return c
}

// suggested is what was tried for one SLO.
type suggested struct {
	Name      string            `json:"name"`
	Objective slo.Number        `json:"objective"`
	Options   []backtest.Option `json:"options"`
}

func (a *app) suggest(ctx context.Context, src source, s slo.SLO, f backtestFlags, percents []slo.Number) (suggested, []diag.Finding) {
	out := suggested{Name: s.ID, Objective: s.Objective.Mul(slo.NewNumber(100, 1)), Options: []backtest.Option{}}
	b := backtested{since: time.Time(a.now).Add(-time.Duration(f.since)), now: time.Time(a.now), flags: f}
	history, findings := b.fetch(ctx, src, s)
	if history != nil {
		out.Options = backtest.Suggest(s, percents, history.grid, history.total, history.part, b.since, float64(f.incident))
	}
	return out, findings
}

func suggestView(slos []suggested, findings []diag.Finding) report.View {
	v := report.View{Findings: findings, Data: map[string]any{"version": 1, "slos": emptyList(slos), "findings": emptyList(findings)}}
	for _, s := range slos {
		t := report.Table{Title: s.Name + ": " + s.Objective.String() + "% now", Columns: []report.Column{{Name: "objective", Right: true}, {Name: "budget spent", Right: true}, {Name: "bad events allowed", Right: true},
			{Name: "traffic"}, {Name: "incidents", Right: true}, {Name: "pages", Right: true}, {Name: "precision", Right: true}, {Name: "recall", Right: true}, {Name: ""}}}
		for _, o := range s.Options {
			mark, tone := "", report.Plain
			if o.Suggested {
				mark, tone = "suggested", report.Good
			}
			t.Rows = append(t.Rows, report.Row{Tone: tone, Cells: []string{o.Objective.String() + "%", review.Percent(o.BudgetSpent), fmt.Sprintf("%.0f", o.BadAllowed),
				string(o.Verdict), itoa(o.Incidents), itoa(o.Score.Pages), fmt.Sprintf("%.2f", o.Score.Precision), fmt.Sprintf("%.2f", o.Score.Recall), mark}})
		}
		v.Tables = append(v.Tables, t)
	}
	return v
}
