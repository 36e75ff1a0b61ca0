package cli

import (
	"context"
	"time"

	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/backtest"
	"treadmill/rules/compile"
	"treadmill/rules/eval"
	"treadmill/slo"
)

// backtested is a backtest while it goes on.
type backtested struct {
	since, now time.Time
	flags      backtestFlags
	slos       []slo.SLO // that were replayed
	alerts     []backtest.Alert
	felt       []backtest.Incident // by the budgets
	listed     []backtest.Incident // in place of those, where there is a list
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

// fetch reads the history of one SLO, from as long before the time of interest as its rules look back; nil when it cannot.
func (b *backtested) fetch(ctx context.Context, src source, s slo.SLO) (*backtest.Past, []diag.Finding) {
	replay := compile.ReplayOf(s, compile.Options{})
	p := &backtest.Past{SLO: s, Replay: replay, Since: b.since, Grid: slo.NewGrid(b.since.Add(-time.Duration(b.warmup(s))), b.now, replay.Every)}
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
		findings = append(findings, src.doubts(ctx, s, []string{part.Total, part.Bad + part.Good}, replay.By, b.since, b.now, total, some)...)
		switch {
		case len(total.Series) > 0:
		case part.Name == "":
			return fail("there are no events of this SLO: check its queries and the retention of the server")
		default:
			return fail("there are no events of its component " + part.Name + ": check its queries and the retention of the server")
		}
		p.Parts = append(p.Parts, backtest.Counts{Total: total.Series, Part: some.Series})
	}
	for _, h := range p.Histories() {
		findings = append(findings, gaps(s, h, b.since, b.now)...)
	}
	return p, findings
}

// slo replays one SLO. Its history is dropped before that of the next one is fetched.
func (b *backtested) slo(ctx context.Context, src source, s slo.SLO) []diag.Finding {
	past, findings := b.fetch(ctx, src, s)
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
func (a *app) otherRules(ctx context.Context, src source, b *backtested) []diag.Finding {
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
		files, problems := a.ruleFiles([]string{name})
		findings = append(findings, problems...)
		for _, file := range files {
			groups = append(groups, file.Groups...)
		}
	}
	var held eval.Queryable
	if local, ok := src.asker.(interface{ Held() eval.Queryable }); ok {
		held = local.Held()
	}
	alerts, problems := backtest.Other(ctx, src.Range, held, groups, b.since, b.now)
	b.baseline = append(b.baseline, alerts...)
	return append(findings, problems...)
}
