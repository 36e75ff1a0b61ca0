package backtest

import (
	"context"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/backtest"
	"treadmill/slo"
)

// backtested is a backtest while it goes on.
type backtested struct {
	since, now time.Time
	flags      backtestFlags
	slos       []slo.SLO // that were replayed
	alerts     []backtest.Alert
	felt       []backtest.Incident // by the budgets
	listed     []backtest.Incident // instead of those, where there is a list
	outside    int                 // of the list, not in the time
	baseline   []backtest.Alert
	compared   bool
	variants   []variant
	trials     []trial
	drawn      []drawn // what has a chart
	groups     int     // of all SLOs
}

// incidents are those that alerts are held against.
func (b *backtested) incidents() []backtest.Incident {
	if b.flags.incidents != "" {
		return b.listed
	}
	return b.felt
}

// slo replays one SLO. Its history is dropped before that of the next one is fetched.
func (b *backtested) slo(ctx context.Context, src input.Source, s slo.SLO) []diag.Finding {
	past, findings := input.FetchPast(ctx, src, s, b.warmup(s), b.since, b.now)
	if past == nil {
		return findings
	}
	past.Feel(b.listed)
	b.draw(past)
	out := past.Run(float64(b.flags.incident), b.listed...)
	b.slos, b.alerts, b.felt = append(b.slos, s), append(b.alerts, out.Alerts...), append(b.felt, out.Incidents...)
	if b.flags.incidents != "" {
		past.Charge(b.baseline, b.listed)
	} else {
		past.Charge(b.baseline, out.Incidents)
	}
	return append(findings, b.tryOut(past)...)
}

// otherRules replays what the SLOs' rules are compared with.
func otherRules(ctx context.Context, a *app.App, src input.Source, b *backtested) []diag.Finding {
	var findings []diag.Finding
	var groups []rules.Group
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
		files, problems := input.RuleFiles(a, []string{name})
		findings = append(findings, problems...)
		for _, file := range files {
			groups = append(groups, file.Groups...)
		}
	}
	alerts, problems := backtest.Other(ctx, src.Range, src.Held(), groups, b.since, b.now)
	b.baseline = append(b.baseline, alerts...)
	return append(findings, problems...)
}
