package input

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/internal/diag"
	"treadmill/slo"
	"treadmill/slo/review"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/history"
	"treadmill/upgrade/plan"
)

// forecast is what is likely to be left of the budget that guards a cluster: of the worst of its groups at each time.
type forecast struct {
	plan.Budget
	slo string
	now history.Budget
}

// forecasts are those of one SLO, one for each guard that clusters have of it.
type forecasts struct {
	of       []forecast
	findings []diag.Finding
}

// PlanBudgets forecasts the budgets of the SLOs that guard clusters, up to the horizon of a plan. Where it is not said where to look for
// them, that is told.
func PlanBudgets(ctx context.Context, a *app.App, g GuardFlags, f fleet.Fleet, horizon time.Time) ([]plan.Budget, []diag.Finding, error) {
	if err := g.Check(); err != nil {
		return nil, nil, err
	}
	records, findings, err := ReadRecords(a, g.Records)
	if err != nil || !g.Given() {
		return nil, append(findings, NotAsked(f)...), err
	}
	src, err := OpenHistory(a, g.Past)
	if err != nil {
		return nil, nil, err
	}
	if horizon.IsZero() {
		horizon = plan.DefaultHorizon(time.Time(a.Now))
	}
	results, more := Guards(a, g.SLOs, f.Clusters)
	findings = append(findings, more...)
	guards := guardsOf(f)
	known := map[string]forecast{}
	since := func(s slo.SLO) (time.Time, error) { return SinceTrend(a, s) }
	for _, one := range Each(ctx, src, results, since, time.Time(a.Now), func(m Measured) forecasts { return lookAhead(a, m, guards[m.SLO.ID], horizon) }) {
		for _, ahead := range one.of {
			known[ahead.SLO] = ahead
		}
		findings = append(findings, one.findings...)
	}
	return budgetsFor(f, known, records), a.Settle(Loud(findings)), nil
}

// NotAsked says that clusters name SLOs as their guards and nobody looks at the budgets of those.
func NotAsked(f fleet.Fleet) []diag.Finding {
	var first fleet.Cluster
	n := 0
	for _, c := range f.Clusters {
		if len(c.SLOs) > 0 {
			if n++; n == 1 {
				first = c
			}
		}
	}
	if n == 0 {
		return nil
	}
	return []diag.Finding{{ID: "budget/not-asked", Severity: diag.Warning, Position: first.Name.Pos,
		Message: fmt.Sprintf(
			"%s guarded by SLOs, such as %s, whose error budgets are not looked at, so nothing waits for them: --prometheus and --slo say where they are",
			app.Count(n, "cluster is", "clusters are"),
			first.SLOs[0],
		)}}
}

// guardsOf are the different guards of a fleet's clusters, by the SLO.
func guardsOf(f fleet.Fleet) map[string][]fleet.Guard {
	out := map[string][]fleet.Guard{}
	for _, c := range f.Clusters {
		for _, g := range c.SLOs {
			same := func(other fleet.Guard) bool { return other.String() == g.String() }
			if !slices.ContainsFunc(out[g.SLO.V], same) {
				out[g.SLO.V] = append(out[g.SLO.V], g)
			}
		}
	}
	return out
}

// lookAhead forecasts the budget of one SLO, for each guard of it.
func lookAhead(a *app.App, m Measured, guards []fleet.Guard, horizon time.Time) forecasts {
	out := forecasts{findings: m.Findings}
	for _, g := range guards {
		groups, problem := GroupsOf(g, m)
		if len(m.Groups) == 0 && !diag.Any(m.Findings, diag.Error) {
			problem = "the server has no events of this SLO: check its queries and the retention of the server"
		}
		one := forecast{Budget: plan.Budget{SLO: g.String(), Period: time.Duration(m.SLO.Period.Length)}, slo: m.SLO.ID, now: BudgetOf(m.SLO)}
		for _, h := range groups {
			if err := one.add(a, m.SLO, h, horizon); err != nil {
				problem = err.Error()
			}
		}
		if problem != "" {
			out.findings = append(out.findings, VerdictFinding(m.SLO, matched(g), review.Unknown, problem))
			continue
		}
		out.of = append(out.of, one)
	}
	begin, _ := PeriodStart(a, m.SLO) // measure has tried it
	for _, h := range m.Groups {
		out.findings = append(out.findings, Gaps(m.SLO, h, begin, time.Time(a.Now))...)
	}
	return out
}

// matched is what a guard says of groups, "" where it says nothing.
func matched(g fleet.Guard) string {
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(g.String(), g.SLO.V), " ("), ")")
}

// add takes a group into the forecast.
func (f *forecast) add(a *app.App, s slo.SLO, h review.History, horizon time.Time) error {
	now := time.Time(a.Now)
	begin, err := PeriodStart(a, s)
	if err != nil {
		return err
	}
	sums := h.Sums()
	trend := sums.Trend(s.Objective, now.Add(-time.Duration(s.Period.Length)), now)
	values, err := sums.Forecast(s.Objective, s.Period, begin, now, horizon, trend)
	if err != nil {
		return err
	}
	f.worst(values, trend)
	f.Left = f.Forecast[0].Left
	return nil
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
		var names []string
		for _, g := range c.SLOs {
			names = append(names, g.String())
		}
		for _, name := range slices.Compact(slices.Sorted(slices.Values(names))) {
			b, ok := known[name]
			if !ok || len(b.Forecast) == 0 {
				continue
			}
			reserve := records.Reserve(b.slo, c.Environment.V, f.Policy.Budget.Reserve.V, b.now)
			b.Cluster, b.Reserve, b.Basis = c.Name.V, float64(reserve.Share), reserve.Basis
			b.Needed = b.Reserve + float64(f.Policy.Budget.Keep.V)
			out = append(out, b.Budget)
		}
	}
	return out
}
