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
)

// backtestFlags say what is replayed.
type backtestFlags struct {
	past
	since    slo.Window
	baseline []string
	incident share
	whatIf   []string
}

func (a *app) rulesBacktest() *cobra.Command {
	f := backtestFlags{since: 30 * slo.Day, incident: 0.02}
	c := &cobra.Command{
		Use: "backtest --prometheus URL FILE...", Args: cobra.MinimumNArgs(1),
		Short: "Say what the rules of SLOs would have paged for, and whether rightly",
		Long: `Replays the rules that Treadmill makes of SLOs over history, at the real evaluation interval, and holds their alerts against
the incidents that the history shows: spans that spent at least --incident of the budget. The replay is plain arithmetic
and agrees with Prometheus's engine to the evaluation. --baseline shows beside it what other rules would have done, or,
with ALERTS, what Prometheus recorded that they did.`,
		Example: "  treadmill rules backtest --prometheus http://prometheus:9090 slos/ --since 30d --baseline rules/\n  treadmill rules backtest --prometheus http://prometheus:9090 slos/ --baseline ALERTS -o html > backtest.html",
		RunE: a.run(func(ctx context.Context, args []string) (report.View, error) {
			src, err := a.source(f.past)
			if err != nil {
				return report.View{}, err
			}
			results, findings := a.compiled(args)
			b := backtested{since: time.Time(a.now).Add(-time.Duration(f.since)), now: time.Time(a.now), flags: f}
			findings = append(findings, a.otherRules(ctx, src, &b)...)
			for _, r := range usable(results) {
				findings = append(findings, b.slo(ctx, src, r.SLO)...)
			}
			return b.view(a.settle(loud(findings))), nil
		}),
	}
	f.flags(c)
	c.Flags().TextVar(&f.since, "since", f.since, "how far to look back")
	c.Flags().StringArrayVar(&f.baseline, "baseline", nil, "rule files to compare with, or ALERTS for what fired in fact")
	c.Flags().Var(&f.incident, "incident", "share of the budget that an incident spends at least")
	c.Flags().StringArrayVar(&f.whatIf, "what-if", nil, "another objective to try, such as target=99.5")
	return c
}

// backtested is a backtest while it goes on.
type backtested struct {
	since, now time.Time
	flags      backtestFlags
	alerts     []backtest.Alert
	incidents  []backtest.Incident
	baseline   []backtest.Alert
	compared   bool
	trials     []trial
}

// trial is the score of one objective that was tried.
type trial struct {
	SLO       string         `json:"slo"`
	Objective slo.Number     `json:"objective"`
	Incidents int            `json:"incidents"`
	Score     backtest.Score `json:"score"`
}

// fetch reads the history of one SLO, from as long before the time of interest as its rules look back; nil when it cannot.
func (b *backtested) fetch(ctx context.Context, src source, s slo.SLO) (*backtest.Past, []diag.Finding) {
	replay := compile.ReplayOf(s, compile.Options{})
	p := &backtest.Past{SLO: s, Replay: replay, Since: b.since, Grid: slo.NewGrid(b.since.Add(-time.Duration(backtest.Warmup(&replay))), b.now, replay.Every)}
	var findings []diag.Finding
	fail := func(message string) (*backtest.Past, []diag.Finding) {
		return nil, append(findings, diag.Finding{ID: diag.Unread, Severity: diag.Error, Position: s.Pos, Message: s.ID + ": " + message})
	}
	for _, part := range replay.Parts {
		total, err := src.Range(ctx, part.Total, p.Grid)
		if err != nil {
			return fail(err.Error())
		}
		some, err := src.Range(ctx, part.Bad+part.Good, p.Grid)
		if err != nil {
			return fail(err.Error())
		}
		findings = append(findings, warned(s.ID, append(total.Warnings, some.Warnings...))...)
		switch {
		case len(total.Series) > 0:
		case part.Name == "":
			return fail("there are no events of this SLO: check its queries and the retention of the server")
		default:
			return fail("there are no events of its component " + part.Name + ": check its queries and the retention of the server")
		}
		p.Parts = append(p.Parts, backtest.Counts{Total: total.Series, Part: some.Series})
	}
	return p, findings
}

// slo replays one SLO. Its history is dropped before that of the next one is fetched.
func (b *backtested) slo(ctx context.Context, src source, s slo.SLO) []diag.Finding {
	past, findings := b.fetch(ctx, src, s)
	if past == nil {
		return findings
	}
	out := past.Run(float64(b.flags.incident))
	past.Charge(b.baseline, out.Incidents)
	b.alerts, b.incidents = append(b.alerts, out.Alerts...), append(b.incidents, out.Incidents...)
	if out.Coverage < 0.99 {
		findings = append(findings, diag.Finding{ID: "history/gaps", Severity: diag.Warning, Position: s.Pos,
			Message: fmt.Sprintf("%s: something is known of %.1f%% of the time only; what is not known burns no budget", s.ID, out.Coverage*100)})
	}
	return append(findings, b.tryOut(past)...)
}

// otherRules replays what the SLOs' rules are compared with.
func (a *app) otherRules(ctx context.Context, src source, b *backtested) []diag.Finding {
	var findings []diag.Finding
	for _, name := range b.flags.baseline {
		b.compared = true
		if name == "ALERTS" {
			grid := slo.NewGrid(b.since.Add(-time.Minute), b.now, slo.Minute)
			answer, err := src.Range(ctx, backtest.Recorded, grid)
			if err != nil {
				findings = append(findings, diag.Finding{ID: diag.Unread, Severity: diag.Error, Message: "ALERTS: " + err.Error()})
			}
			b.baseline = append(b.baseline, backtest.FromRecorded(answer, grid, b.since)...)
			continue
		}
		files, problems := a.ruleFiles([]string{name})
		findings = append(findings, problems...)
		for _, file := range files {
			alerts, errs := backtest.Other(ctx, src.Range, file.Groups, b.since, b.now)
			b.baseline = append(b.baseline, alerts...)
			for _, err := range errs {
				findings = append(findings, diag.Finding{ID: diag.Unread, Severity: diag.Error, Position: diag.Position{File: file.Name}, Message: err.Error()})
			}
		}
	}
	return findings
}
