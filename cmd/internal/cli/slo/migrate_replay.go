package slo

import (
	"context"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/backtest"
	"treadmill/rules/migrate"
	"treadmill/slo/review"
)

// comparison is what the old rules and the new ones did over one history.
type comparison struct {
	From        time.Time            `json:"from"`
	To          time.Time            `json:"to"`
	OldRules    string               `json:"oldRules"` // made, as the tool does by default, or read, from the files of --old
	Alerts      []migrate.Count      `json:"alerts"`
	Differences []migrate.Difference `json:"differences"`
}

// replay plays the old rules and the new ones over the history that the flags name, when they do.
func (m *migration) replay(ctx context.Context, a *app.App) error {
	if !m.flags.Given() {
		return nil
	}
	src, err := input.OpenHistory(a, m.flags.Past)
	if err != nil {
		return err
	}
	c := &comparison{From: m.now.Add(-time.Duration(m.flags.since)), To: m.now, OldRules: "made", Alerts: []migrate.Count{},
		Differences: []migrate.Difference{}}
	m.comparison = c
	var read []backtest.Alert
	if len(m.flags.old) > 0 {
		c.OldRules, read = "read", m.read(ctx, a, src)
	}
	for _, one := range m.moved {
		past, findings := input.FetchPast(ctx, src, one.now, 0, c.From, c.To)
		m.findings = append(m.findings, findings...)
		if past == nil {
			continue
		}
		was := migrate.About(read, one.old)
		if len(m.flags.old) == 0 {
			if was, err = m.made(ctx, src, one); err != nil {
				return err
			}
		}
		is := past.Run(review.LeastIncident)
		past.Charge(was, is.Incidents)
		counts, differences := migrate.Compare(one.now.ID, past.Replay.By, c.From, was, is.Alerts)
		c.Alerts, c.Differences = append(c.Alerts, counts...), append(c.Differences, differences...)
		m.missed(one, counts, differences)
	}
	return nil
}

// read replays the rules of --old, and relates them to the SLOs.
func (m *migration) read(ctx context.Context, a *app.App, src input.Source) []backtest.Alert {
	files, findings := input.RuleFiles(a, m.flags.old)
	m.findings = append(m.findings, findings...)
	var groups []rules.Group
	for _, f := range files {
		groups = append(groups, f.Groups...)
	}
	groups, findings = migrate.Named(groups)
	m.findings = append(m.findings, findings...)
	alerts, problems := backtest.Other(ctx, src.Range, src.Held(), groups, m.comparison.From, m.comparison.To)
	m.findings = append(m.findings, problems...)
	for _, one := range m.moved {
		backtest.Relate(alerts, one.old)
		if !backtest.Concerned(groups, one.old) {
			m.find(one.old, "migrate/unmatched", diag.Warning, ": no alert of --old is about it, so it is compared with nothing: give the file that has its alerts")
		}
	}
	return alerts
}

// made replays the rules that the tool makes of an SLO by default.
func (m *migration) made(ctx context.Context, src input.Source, one moved) ([]backtest.Alert, error) {
	group, err := migrate.Rules(one.old, m.from)
	if err != nil {
		return nil, err
	}
	alerts, findings := backtest.Other(ctx, src.Range, src.Held(), []rules.Group{group}, m.comparison.From, m.comparison.To)
	m.findings = append(m.findings, findings...)
	return alerts, nil
}
