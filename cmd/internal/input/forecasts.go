package input

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/internal/diag"
	"treadmill/slo"
	"treadmill/slo/policy"
	"treadmill/slo/review"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/history"
	"treadmill/upgrade/plan"
)

// forecast is what is likely to be left of the budget of an SLO that guards clusters, group by group.
type forecast struct {
	guard  fleet.Guard
	slo    slo.SLO
	groups []groupForecast
}

// groupForecast is that of one group; all groups are forecast at the same times.
type groupForecast struct {
	labels  map[string]string
	values  []review.Value
	trend   float64
	burning time.Time // until when it burns too fast for a hop, as far as that is known; zero where it does not
}

// forecasts are those of one SLO, one for each guard that clusters have of it.
type forecasts struct {
	of       []forecast
	findings []diag.Finding
}

// PlanBudgets reads the policy and the past campaigns, and forecasts budgets by them. Where it is not said where to look for budgets, that
// is told. It is not ok where the error-budget policy has problems: then no plan can obey it.
func PlanBudgets(ctx context.Context, a *app.App, g GuardFlags, f fleet.Fleet, horizon time.Time) (
	budgets []plan.Budget, findings []diag.Finding, ok bool, err error) {
	if err := g.Check(); err != nil {
		return nil, nil, false, err
	}
	rules, findings, err := FleetPolicy(a, g.PolicyFlag, f)
	if err != nil || rules.Broken {
		return nil, findings, false, err
	}
	records, more, err := ReadRecords(a, g.Records)
	findings = append(findings, more...)
	if err != nil || !g.Given() {
		return nil, append(findings, NotAsked(f)...), true, err
	}
	budgets, more, err = ForecastBudgets(ctx, a, g, f, rules, records, horizon)
	return budgets, append(a.Settle(Loud(findings)), more...), err == nil, err
}

// ForecastBudgets forecasts the budgets of the SLOs that guard clusters, up to the horizon of a plan.
func ForecastBudgets(ctx context.Context, a *app.App, g GuardFlags, f fleet.Fleet, rules policy.Policy, records history.File,
	horizon time.Time) ([]plan.Budget, []diag.Finding, error) {
	src, err := OpenHistory(a, g.Past)
	if err != nil {
		return nil, nil, err
	}
	if horizon.IsZero() {
		horizon = plan.DefaultHorizon(time.Time(a.Now))
	}
	results, findings := Guards(a, g.SLOs, f.Clusters)
	guards := guardsOf(f)
	var known []forecast
	since := func(s slo.SLO) (time.Time, error) { return SinceTrend(a, s) }
	for _, one := range Each(ctx, src.Under(rules), results, since, time.Time(a.Now),
		func(m Measured) forecasts { return lookAhead(a, rules, m, guards[m.SLO.ID], horizon) }) {
		known, findings = append(known, one.of...), append(findings, one.findings...)
	}
	return budgetsFor(f, known, rules, records, time.Time(a.Now)), a.Settle(Loud(findings)), nil
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
			app.Count(n, "cluster is", "clusters are"), first.SLOs[0])}}
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

// lookAhead forecasts the budget of one SLO, for each guard of it. What a gate would have to know now and does not is told.
func lookAhead(a *app.App, rules policy.Policy, m Measured, guards []fleet.Guard, horizon time.Time) forecasts {
	out := forecasts{findings: m.Findings}
	for _, g := range guards {
		groups, problem := GroupsOf(g, m)
		if len(m.Groups) == 0 && !diag.Any(m.Findings, diag.Error) {
			problem = "the server has no events of this SLO: check its queries and the retention of the server"
		}
		one := forecast{guard: g, slo: m.SLO}
		for _, h := range groups {
			ahead, unknown, err := aheadOf(a, rules, m.SLO, h, horizon)
			if err != nil {
				problem = err.Error()
				continue
			}
			if unknown != "" {
				out.findings = append(out.findings, VerdictFinding(m.SLO, h.Name(), review.Unknown, unknown))
			}
			one.groups = append(one.groups, ahead)
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

// aheadOf is the forecast of one group, and what of the present is not known, "" where all is.
func aheadOf(a *app.App, rules policy.Policy, s slo.SLO, h review.History, horizon time.Time) (out groupForecast,
	unknown string, err error) {
	now := time.Time(a.Now)
	begin, err := PeriodStart(a, s)
	if err != nil {
		return out, "", err
	}
	out.labels = h.Labels
	sums := h.Sums()
	out.trend = sums.Trend(s.Objective, now.Add(-time.Duration(s.Period.Length)), now)
	if out.values, err = sums.Forecast(s.Objective, s.Period, begin, now, horizon, out.trend); err != nil {
		return out, "", err
	}
	burn := rules.For(SubjectOf(s, h.Labels, "")).Of(policy.Upgrades).MaxBurn
	v := h.Judge(s.Objective, s.Period, begin, now, review.Limits{MinBudget: math.Inf(-1), MaxBurn: burn, BurnWindow: slo.Hour})
	switch {
	case v.State == review.Unknown && sums.Between(begin, now).Known > 0:
		unknown = v.Reasons[0]
	case v.State == review.Closed && v.Enough.IsZero():
		out.burning = now.Add(time.Duration(slo.Hour)) // at the earliest: what burns has not ended
	case v.State == review.Closed:
		out.burning = v.Enough
	}
	return out, unknown, nil
}

// budgetsFor gives every cluster the budgets of its guards, with what a hop in its environment needs.
func budgetsFor(f fleet.Fleet, known []forecast, rules policy.Policy, records history.File, now time.Time) []plan.Budget {
	var out []plan.Budget
	for _, c := range f.Clusters {
		seen := map[string]bool{}
		for _, g := range c.SLOs {
			i := slices.IndexFunc(known, func(k forecast) bool { return k.guard.String() == g.String() })
			if i < 0 || len(known[i].groups) == 0 || seen[g.String()] {
				continue
			}
			seen[g.String()] = true
			out = append(out, known[i].budget(f, c, rules, records, now))
		}
	}
	return out
}

// need is what a hop needs of a group.
type need struct {
	limits review.Limits
	share  float64
}

// budget is the forecast for a cluster: that of the group with the least to spare at each time.
func (f forecast) budget(fl fleet.Fleet, c fleet.Cluster, rules policy.Policy, records history.File, now time.Time) plan.Budget {
	b := plan.Budget{Cluster: c.Name.V, SLO: f.guard.String(), Period: time.Duration(f.slo.Period.Length)}
	needs := make([]need, len(f.groups))
	var times []time.Time
	for i, g := range f.groups {
		limits, reserve := HopNeeds(rules, fl, c, f.slo, g.labels, records, now)
		needs[i] = need{limits, limits.MinBudget + limits.Reserve}
		if left := g.values[0].Value; i == 0 || left-needs[i].share < b.Left-b.Needed {
			b.Left, b.Needed, b.Reserve, b.Basis = left, needs[i].share, float64(reserve.Share), reserve.Basis
		}
		b.Burn = max(b.Burn, g.trend)
		times = append(times, g.turns(limits, now)...)
	}
	slices.SortFunc(times, time.Time.Compare)
	for _, at := range slices.CompactFunc(times, time.Time.Equal) {
		level := plan.Level{At: at, Left: math.Inf(1)}
		for i, g := range f.groups {
			level.Left = min(level.Left, g.at(at, needs[i])+b.Needed-needs[i].share)
		}
		b.Forecast = append(b.Forecast, level)
	}
	return b
}

// turns are the times from now on at which what is left for a hop changes.
func (g groupForecast) turns(limits review.Limits, now time.Time) []time.Time {
	var out []time.Time
	for _, v := range g.values {
		out = append(out, v.At)
	}
	if !g.burning.IsZero() {
		out = append(out, g.burning)
	}
	for _, w := range limits.Waivers {
		for _, at := range []time.Time{w.From, w.To} {
			if at.After(now) {
				out = append(out, at)
			}
		}
	}
	return out
}

// at is what is left at a time: without end while a waiver holds, and nothing while the budget burns too fast.
func (g groupForecast) at(t time.Time, n need) float64 {
	i, exact := slices.BinarySearchFunc(g.values, t, func(v review.Value, t time.Time) int { return v.At.Compare(t) })
	if !exact {
		i = max(0, i-1)
	}
	_, waived := n.limits.Waived(t)
	switch {
	case t.Before(g.burning):
		return math.Inf(-1)
	case waived:
		return math.Inf(1)
	}
	return g.values[i].Value
}
