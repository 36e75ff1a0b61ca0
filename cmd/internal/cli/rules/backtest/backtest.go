// Package backtest is the command `rules backtest`, its views and its outputs.
package backtest

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/rules/backtest"
	"treadmill/slo"
	"treadmill/slo/review"
)

// backtestFlags say what is replayed.
type backtestFlags struct {
	input.Past
	since     slo.Window
	baseline  []string
	incident  app.Share
	incidents string
	whatIf    []string
}

// Command is `treadmill rules backtest`.
func Command(a *app.App) *cobra.Command {
	f := backtestFlags{since: 30 * slo.Day, incident: review.LeastIncident}
	c := &cobra.Command{
		Use: "backtest --prometheus URL FILE...", Args: cobra.MinimumNArgs(1),
		Short: "Say what the rules of SLOs would have paged for, and whether rightly",
		Long: `Replays the rules that Treadmill makes of SLOs over history, at the real evaluation interval, and holds their alerts against
the incidents that the history shows: spans that spent at least --incident of the budget. With --incidents they are held against a
list of incidents instead of those, and what only one of both knows is told. The replay is plain arithmetic and agrees with
Prometheus's engine to the evaluation. --baseline shows beside it what other rules would have done, or, with ALERTS, what Prometheus
recorded that they did. --what-if tries another objective, another policy of windows, or both, on the same history.`,
		Example: "  treadmill rules backtest --prometheus http://prometheus:9090 slos/ --since 30d --baseline rules/\n  treadmill rules backtest --prometheus http://prometheus:9090 slos/ --baseline ALERTS --incidents incidents.yaml -o html > backtest.html\n  treadmill rules backtest --tsdb snapshot/ slos/ --what-if target=99.5 --what-if target=99.5,policy=windows.yaml",
		RunE: a.Run(func(ctx context.Context, args []string) (report.View, error) {
			b := backtested{since: time.Time(a.Now).Add(-time.Duration(f.since)), now: time.Time(a.Now), flags: f}
			findings, err := variants(a, &b)
			if err != nil {
				return report.View{}, err
			}
			problems, err := listed(a, &b)
			if err != nil {
				return report.View{}, err
			}
			src, err := input.OpenHistory(a, f.Past)
			if err != nil {
				return report.View{}, err
			}
			results, more := input.Compiled(a, args)
			findings = slices.Concat(findings, problems, more, otherRules(ctx, a, src, &b))
			for _, r := range input.Usable(results) {
				backtest.Relate(b.baseline, r.SLO)
			}
			for _, r := range input.Usable(results) {
				findings = append(findings, b.slo(ctx, src, r.SLO)...)
			}
			findings = append(findings, b.unknown()...)
			return b.view(a.Settle(input.Loud(findings))), nil
		}),
	}
	f.Add(c)
	c.Flags().Var(input.Span{W: &f.since}, "since", "how far to look back")
	c.Flags().StringArrayVar(&f.baseline, "baseline", nil, "rule files to compare with, or ALERTS for what fired in fact")
	c.Flags().Var(&f.incident, "incident", "share of the budget that an incident spends at least")
	c.Flags().
		StringVar(&f.incidents, "incidents", "", "file of incidents to hold the alerts against: a list of start, end and, where wanted, slo or service, labels and name")
	c.Flags().
		StringArrayVar(&f.whatIf, "what-if", nil, "what to try instead of what the SLOs say: target=99.5, policy=FILE of AlertWindows, or both with a comma between")
	app.CompleteFileOr(c, "baseline", cobra.CompletionWithDesc("ALERTS", "what fired in fact"))
	app.CompleteFileOr(c, "what-if", cobra.CompletionWithDesc("target=", "another objective"),
		cobra.CompletionWithDesc("policy=", "a file of windows"))
	return a.Returns(c, backtestData{})
}
