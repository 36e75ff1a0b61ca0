package slo

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules/backtest"
	"treadmill/slo"
	"treadmill/slo/policy"
	"treadmill/slo/review"
)

// reportFlags say what the review is about.
type reportFlags struct {
	input.Past
	period   string
	incident app.Share
	trend    int
	input.PolicyFlag
	rules policy.Policy
}

func reportCommand(a *app.App) *cobra.Command {
	f := reportFlags{incident: review.LeastIncident, trend: 2}
	c := &cobra.Command{
		Use: "report --prometheus URL FILE...", Args: cobra.MinimumNArgs(1),
		Short: "Review SLOs over a period: attainment, budget, incidents, alerts",
		Long: `Reads the events of each SLO over a period and says what was attained, what of the budget was spent and on which incidents,
which alerts fired and whether they were deserved, which groups carry the loss, how the periods before were, and of how
much of the time anything is known. The html format has charts: the budget burning down, and the share of good events.`,
		Example: "  treadmill slo report --prometheus http://prometheus:9090 slos/\n  treadmill slo report --prometheus http://prometheus:9090 --period 2026Q3 -o html slos/ > review.html",
		RunE: a.Run(func(ctx context.Context, args []string) (report.View, error) {
			if _, err := interval(a, slo.SLO{Period: slo.Period{Length: slo.Day}}, f.period); err != nil {
				return report.View{}, app.Usage("%v", err)
			}
			src, err := input.OpenHistory(a, f.Past)
			if err != nil {
				return report.View{}, err
			}
			var findings []diag.Finding
			if f.rules, findings, err = input.ReadPolicy(a, f.PolicyFlag); err != nil {
				return report.View{}, err
			}
			src = src.Under(f.rules)
			results, problems := input.Compiled(a, args)
			findings = append(findings, problems...)
			since := func(s slo.SLO) (time.Time, error) {
				in, err := interval(a, s, f.period)
				to := in.To
				for range f.trend {
					if err == nil {
						in = in.Before()
					}
				}
				if own, problem := review.Start(s.Period, to); err == nil && problem == nil && own.Before(in.From) {
					in.From = own
				}
				return in.From, err
			}
			reviews := worstFirst(input.Each(ctx, src, input.Usable(results), since, time.Time(a.Now),
				func(m input.Measured) []reviewed { return reviews(ctx, a, src, m, f) }))
			for _, r := range reviews {
				findings = append(findings, r.findings...)
			}
			return reportView(reviews, f, a.Settle(input.Loud(findings))), nil
		}),
	}
	f.Past.Add(c)
	f.PolicyFlag.Add(c)
	c.Flags().
		StringVar(&f.period, "period", "", "month, quarter, 2026-10, 2026Q3 or a duration that ends now (default: the period of each SLO)")
	c.Flags().Var(&f.incident, "incident", "share of the budget that an incident spends at least")
	c.Flags().IntVar(&f.trend, "trend", f.trend, "how many periods before to compare with")
	app.CompleteFlag(c, "period", func(*cobra.Command) []cobra.Completion { return []string{"month", "quarter", "7d", "30d", "90d"} })
	return a.Returns(c, reportData{})
}

// interval is what a review of an SLO is about.
func interval(a *app.App, s slo.SLO, period string) (review.Interval, error) {
	now := time.Time(a.Now)
	if period != "" {
		return review.ParseInterval(period, now)
	}
	if s.Period.Calendar == nil {
		return review.Rolling(s.Period.Length, now), nil
	}
	return review.CalendarInterval(s.Period, now)
}

// reviewed is the review of one SLO.
type reviewed struct {
	Name      string          `json:"name"`
	Whole     string          `json:"componentOf,omitempty"` // the composite that this is a component of
	Objective slo.Number      `json:"objective"`
	Period    string          `json:"period"`
	From      time.Time       `json:"from"`
	To        time.Time       `json:"to"`
	Scraped   string          `json:"scraped"` // each 15s: how far apart the samples of its counters are, "" where it reads none
	Groups    []review.Judged `json:"groups"`
	Alerts    []firedAlert    `json:"alerts"`
	Trend     []trendPoint    `json:"trend"` // the periods before, the newest first, of the worst group each

	findings []diag.Finding
	charts   []report.Chart
}

// firedAlert is an episode of an alert of the SLO, as Prometheus recorded it.
type firedAlert struct {
	Alert    string            `json:"alert"`
	Severity string            `json:"severity"`
	Labels   map[string]string `json:"labels"`
	Start    time.Time         `json:"start"`
	End      time.Time         `json:"end"`
	Deserved bool              `json:"deserved"` // an incident was under way, or just over
}

type trendPoint struct {
	Period      string  `json:"period"`
	Attainment  float64 `json:"attainment"`
	BudgetSpent float64 `json:"budgetSpent"`
	Coverage    float64 `json:"coverage"`
}

// worstFirst puts the reviews of SLOs, each with those of its components behind it, into the order of the budget that their worst group
// spent.
func worstFirst(all [][]reviewed) []reviewed {
	spent := func(of []reviewed) float64 {
		if len(of) == 0 || len(of[0].Groups) == 0 {
			return 0
		}
		return of[0].Groups[0].Spent
	}
	slices.SortStableFunc(all, func(x, y []reviewed) int { return cmp.Compare(spent(y), spent(x)) })
	return slices.Concat(all...)
}

// reviews is the review of an SLO with that of the alerts; for a composite those of its components follow.
func reviews(ctx context.Context, a *app.App, src input.Source, m input.Measured, f reportFlags) []reviewed {
	whole := reviewSLO(a, m, f)
	in, _ := interval(a, m.SLO, f.period) // measure has tried it
	whole.alertsOf(ctx, src, m, in)
	out := []reviewed{whole}
	for _, p := range m.Parts {
		if len(p.Groups) > 0 {
			p.Findings = nil // the whole has them
			r := reviewSLO(a, p, f)
			r.Whole = m.SLO.ID
			out = append(out, r)
		}
	}
	return out
}

func reviewSLO(a *app.App, m input.Measured, f reportFlags) reviewed {
	in, _ := interval(a, m.SLO, f.period) // measure has tried it
	r := reviewed{Name: m.SLO.ID, Objective: m.SLO.Objective.Mul(slo.NewNumber(100, 1)), Period: in.Name, From: in.From, To: in.To,
		Scraped: scraped(m), Groups: []review.Judged{}, Alerts: []firedAlert{}, Trend: []trendPoint{}, findings: m.Seen()}
	loss := 0.0
	for _, h := range m.Groups {
		j := input.Reviewed(f.rules, m.SLO, h, in, float64(f.incident))
		loss += j.Bad
		r.Groups = append(r.Groups, j)
		r.findings = append(r.findings, input.Gaps(m.SLO, h, in.From, in.To)...)
	}
	for i := range r.Groups {
		if loss > 0 {
			r.Groups[i].ShareOfLoss = r.Groups[i].Bad / loss
		}
	}
	r.charts = chartsOf(m, in, r.Groups)
	r.trendOf(m, in, f.trend)
	slices.SortStableFunc(r.Groups, func(x, y review.Judged) int { return cmp.Compare(y.Spent, x.Spent) })
	return r
}

// scraped is how far apart the samples of an SLO's counters are; of a composite that of the component where it is most.
func scraped(m input.Measured) string {
	longest := m.Scrape
	for _, p := range m.Parts {
		longest = max(longest, p.Scrape)
	}
	if longest == 0 {
		return ""
	}
	return longest.String()
}

// trendOf looks at the periods before, as far as anything is known of them.
func (r *reviewed) trendOf(m input.Measured, in review.Interval, n int) {
	for range n {
		in = in.Before()
		worst := trendPoint{Period: in.Name, Attainment: 1}
		known := false
		for _, h := range m.Groups {
			j := h.InInterval(m.SLO.Objective, in, 1)
			if j.Coverage > 0 && (!known || j.Spent > worst.BudgetSpent) {
				known, worst = true, trendPoint{in.Name, j.Attainment, j.Spent, j.Coverage}
			}
		}
		if known {
			r.Trend = append(r.Trend, worst)
		}
	}
}

// alertsOf reads what Prometheus recorded of the SLO's alerts and holds it against the incidents.
func (r *reviewed) alertsOf(ctx context.Context, src input.Source, m input.Measured, in review.Interval) {
	grid := slo.NewGrid(in.From, in.To, slo.Minute)
	answer, err := src.Range(ctx, `ALERTS{alertstate="firing",slo_severity!="no-data",slo=`+strconv.Quote(m.SLO.ID)+`}`, grid)
	if err != nil {
		r.findings = append(r.findings,
			diag.Finding{ID: diag.Unread, Severity: diag.Error, Position: m.SLO.Pos, Message: m.SLO.ID + ": ALERTS: " + err.Error()})
		return
	}
	for _, alert := range backtest.FromRecorded(answer, grid, in.From) {
		labels := map[string]string{}
		for _, by := range m.Measure.By {
			if v := alert.Labels[by]; v != "" {
				labels[by] = v
			}
		}
		alert.SLO, alert.Labels = m.SLO.ID, labels
		for _, e := range alert.Episodes {
			r.Alerts = append(r.Alerts, firedAlert{alert.Alert, alert.Severity, labels, e.Start, e.End, backtest.Deserved(alert, e, r.incidents())})
		}
	}
	slices.SortStableFunc(r.Alerts, func(x, y firedAlert) int { return x.Start.Compare(y.Start) })
}

func (r *reviewed) incidents() []backtest.Incident {
	var out []backtest.Incident
	for _, g := range r.Groups {
		for _, in := range g.Incidents {
			out = append(out, backtest.Incident{SLO: r.Name, Labels: g.Labels, Start: in.Start, End: in.End, BudgetSpent: in.Spent})
		}
	}
	return out
}
