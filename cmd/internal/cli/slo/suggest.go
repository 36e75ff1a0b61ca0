package slo

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules/backtest"
	"treadmill/slo"
	"treadmill/slo/review"
)

// suggestFlags say on which history objectives are tried.
type suggestFlags struct {
	input.Past
	since    slo.Window
	incident app.Share
}

func suggestCommand(a *app.App) *cobra.Command {
	f := suggestFlags{since: 30 * slo.Day, incident: review.LeastIncident}
	targets := []string{"99", "99.5", "99.9", "99.95", "99.99"}
	write, loosen := false, false
	c := &cobra.Command{
		Use: "suggest --prometheus URL FILE...", Args: cobra.MinimumNArgs(1),
		Short: "Try objectives on history: what each would have cost and paged",
		Long: `Replays each SLO over history with other objectives and says for each what of the budget would have been spent, what its rules
would have paged for, and whether it can be measured at this traffic. It suggests the strictest objective that can be measured,
would have left a quarter of the budget and has a confidence of 90%; --write puts it into the SLO's file, where the number
alone changes; a looser one only with --loosen. Of objectives that count the same events, tiers of one promise, the strictest alone changes. The confidence is the share of periods, drawn at random from the days of the history, that keep the objective.
Of an SLO that counts by a bucket of a histogram the other bounds are tried too.`,
		Example: "  treadmill slo suggest --prometheus http://prometheus:9090 --since 90d slos/\n  treadmill slo suggest --tsdb snapshot/ --write slos/payments.yaml",
		RunE: a.Run(func(ctx context.Context, args []string) (report.View, error) {
			var percents []slo.Number
			for _, text := range targets {
				o, err := slo.ParsePercent(text)
				if err != nil {
					return report.View{}, app.Usage("--target %v", err)
				}
				percents = append(percents, o.Mul(slo.NewNumber(100, 1)))
			}
			if loosen && !write {
				return report.View{}, app.Usage("--loosen wants --write too")
			}
			src, err := input.OpenHistory(a, f.Past)
			if err != nil {
				return report.View{}, err
			}
			results, findings := input.Compiled(a, args)
			var out []suggested
			for _, r := range input.Simple(results) {
				one, problems := suggest(ctx, a, src, r.SLO, f, percents)
				out, findings = append(out, one), append(findings, problems...)
			}
			var files map[string][]byte
			var changes []string
			if write {
				if slices.Contains(args, app.StdinArg) {
					return report.View{}, app.Usage("--write cannot change standard input")
				}
				var problems []diag.Finding
				files, changes, problems = adopt(a, out, loosen)
				findings = append(findings, problems...)
			}
			return suggestView(out, changes, a.Settle(input.Loud(findings))), a.WriteFiles(files)
		}),
	}
	f.Add(c)
	c.Flags().Var(input.Span{W: &f.since}, "since", "how far to look back")
	c.Flags().Var(&f.incident, "incident", "share of the budget that an incident spends at least")
	c.Flags().StringSliceVar(&targets, "target", targets, "objectives to try, in percent, from the loosest to the strictest")
	c.Flags().BoolVar(&write, "write", false, "put the suggested objectives into the files")
	c.Flags().BoolVar(&loosen, "loosen", false, "with --write, also put in objectives that are looser than those of now")
	return a.Returns(c, suggestData{})
}

// suggested is what was tried for one SLO.
type suggested struct {
	Name      string            `json:"name"`
	Objective slo.Number        `json:"objective"`
	Options   []backtest.Option `json:"options"`
	Bounds    []backtest.Bound  `json:"bounds"` // of a latency SLO
	slo       slo.SLO
}

func suggest(
	ctx context.Context,
	a *app.App,
	src input.Source,
	s slo.SLO,
	f suggestFlags,
	percents []slo.Number,
) (suggested, []diag.Finding) {
	out := suggested{
		Name:      s.ID,
		Objective: s.Objective.Mul(slo.NewNumber(100, 1)),
		Options:   []backtest.Option{},
		Bounds:    []backtest.Bound{},
		slo:       s,
	}
	past, findings := input.FetchPast(ctx, src, s, 0, time.Time(a.Now).Add(-time.Duration(f.since)), time.Time(a.Now))
	if past != nil {
		bounds, err := past.Bounds(ctx, src.Range, float64(f.incident))
		if err != nil {
			findings = append(findings, diag.Finding{ID: diag.Unread, Severity: diag.Error, Position: s.Pos, Message: s.ID + ": " + err.Error()})
		}
		out.Bounds = app.List(bounds)
		out.Options = past.Suggest(percents, float64(f.incident))
	}
	return out, findings
}
