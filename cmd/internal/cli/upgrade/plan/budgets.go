package plan

import (
	"context"
	"fmt"
	"slices"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/slo"
	"treadmill/slo/review"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/history"
	"treadmill/upgrade/plan"
)

// forecast is what is likely to be left of an SLO's budget: of its worst group at each time.
type forecast struct {
	plan.Budget
	findings []diag.Finding
}

// planBudgets forecasts the budgets of the SLOs that guard clusters, up to the horizon of a plan.
func planBudgets(a *app.App, ctx context.Context, g input.GuardFlags, f fleet.Fleet, horizon time.Time) ([]plan.Budget, []diag.Finding, error) {
	if err := g.Check(); err != nil {
		return nil, nil, err
	}
	records, findings, err := input.ReadRecords(a, g.Records)
	if err != nil || !g.Given() {
		return nil, findings, err
	}
	src, err := input.OpenHistory(a, g.Past)
	if err != nil {
		return nil, nil, err
	}
	if horizon.IsZero() {
		horizon = plan.DefaultHorizon(time.Time(a.Now))
	}
	results, more := input.Guards(a, g.SLOs, f.Clusters)
	findings = append(findings, more...)
	known := map[string]forecast{}
	for _, one := range input.Each(ctx, src, results, func(s slo.SLO) (time.Time, error) { return input.SinceTrend(a, s) }, time.Time(a.Now), func(m input.Measured) forecast { return forecastOf(a, m, horizon) }) {
		known[one.SLO] = one
		findings = append(findings, one.findings...)
	}
	return budgetsFor(f, known, records), a.Settle(input.Loud(findings)), nil
}

// forecastOf looks ahead for one SLO.
func forecastOf(a *app.App, m input.Measured, horizon time.Time) forecast {
	now := time.Time(a.Now)
	out := forecast{Budget: plan.Budget{SLO: m.SLO.ID, Period: time.Duration(m.SLO.Period.Length)}, findings: m.Findings}
	fail := func(reason string) forecast {
		out.findings = append(out.findings, input.VerdictFinding(m.SLO, "", review.Unknown, reason))
		return out
	}
	begin, _ := input.PeriodStart(a, m.SLO) // measure has tried it
	for _, h := range m.Groups {
		sums := h.Sums()
		trend := sums.Trend(m.SLO.Objective, now.Add(-time.Duration(m.SLO.Period.Length)), now)
		values, err := sums.Forecast(m.SLO.Objective, m.SLO.Period, begin, now, horizon, trend)
		if err != nil {
			return fail(err.Error())
		}
		out.findings = append(out.findings, input.Gaps(m.SLO, h, begin, now)...)
		out.worst(values, trend)
	}
	switch {
	case len(m.Groups) == 0 && !diag.Any(m.Findings, diag.Error):
		return fail("the server has no events of this SLO: check its queries and the retention of the server")
	case len(out.Forecast) > 0:
		out.Left = out.Forecast[0].Left
	}
	return out
}

// worst keeps the lowest of the groups at each time; all groups are forecast at the same times.
func (f *forecast) worst(values []review.Value, trend float64) {
	f.Burn = max(f.Burn, trend)
	for i, v := range values {
		if i == len(f.Forecast) {
			f.Forecast = append(f.Forecast, plan.Level{At: v.At, Left: v.Value})
		}
		f.Forecast[i].Left = min(f.Forecast[i].Left, v.Value)
	}
}

// budgetsFor gives every cluster the budgets of its guards, with what a hop in its environment needs.
func budgetsFor(f fleet.Fleet, known map[string]forecast, records history.File) []plan.Budget {
	var out []plan.Budget
	for _, c := range f.Clusters {
		for _, name := range slices.Compact(slices.Sorted(slices.Values(c.SLOs))) {
			b, ok := known[name]
			if !ok || len(b.Forecast) == 0 {
				continue
			}
			reserve := records.Reserve(name, c.Environment.V, f.Policy.Budget.Reserve.V)
			b.Cluster, b.Reserve, b.Basis = c.Name.V, float64(reserve.Share), reserve.Basis
			b.Needed = b.Reserve + float64(f.Policy.Budget.Keep.V)
			out = append(out, b.Budget)
		}
	}
	return out
}

// budgetTable is what the error budgets that guard clusters allow.
func (v planView) budgetTable() report.Table {
	t := report.Table{Title: "Error budgets", Columns: []report.Column{{Name: "cluster"}, {Name: "slo"}, {Name: "left", Right: true}, {Name: "a hop needs", Right: true},
		{Name: "of it spent", Right: true}, {Name: "ordinary burn", Right: true}, {Name: "enough from"}, {Name: "what a hop spends is"}}}
	for _, b := range v.plan.Budgets {
		from, tone := "now", report.Good
		switch {
		case b.Enough.IsZero():
			from, tone = "never", report.Bad
		case b.Enough.After(v.plan.Now):
			from, tone = b.Enough.Format("2006-01-02 15:04"), report.Warn
		}
		t.Rows = append(t.Rows, report.Row{Tone: tone, Cells: []string{b.Cluster, b.SLO, review.Percent(b.Left), review.Percent(b.Needed), review.Percent(b.Reserve), fmt.Sprintf("%.2f", b.Burn), from, b.Basis}})
	}
	return t
}
