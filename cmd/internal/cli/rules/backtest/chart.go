package backtest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
	"treadmill/rules/backtest"
	"treadmill/rules/compile"
	"treadmill/slo"
	"treadmill/slo/review"
)

// mostCharts is how many groups of SLOs have a chart: a page must stay small, and quick in a browser.
const mostCharts = 100

// drawn is a group of an SLO that has a chart.
type drawn struct {
	backtest.Course
	limits []report.Limit
	place  int // among all groups
}

// draw keeps what a chart needs of the groups that spent most.
func (b *backtested) draw(past *backtest.Past) {
	limits := limitsOf(past.Replay)
	for _, c := range past.Courses(report.Columns) {
		b.drawn = append(b.drawn, drawn{c, limits, b.groups})
		b.groups++
	}
	slices.SortFunc(b.drawn, func(x, y drawn) int { return cmp.Or(cmp.Compare(y.Spent, x.Spent), cmp.Compare(x.place, y.place)) })
	b.drawn = b.drawn[:min(mostCharts, len(b.drawn))]
}

// limitsOf are the thresholds of the pairs of windows, the highest first.
func limitsOf(r compile.Replay) []report.Limit {
	var out []report.Limit
	for _, p := range r.Pairs {
		tone := report.Warn
		if p.Severity == slo.Page {
			tone = report.Bad
		}
		out = append(out, report.Limit{Label: fmt.Sprintf("%s %s/%s", p.Severity, p.Long, p.Short), Value: p.Threshold.Float(), Tone: tone})
	}
	slices.SortStableFunc(out, func(x, y report.Limit) int { return cmp.Compare(y.Value, x.Value) })
	return out
}

// charts are one for each group of an SLO, in the order of the SLOs, and one of the rules of the baseline that are about none.
func (b *backtested) charts() []report.Chart {
	slices.SortFunc(b.drawn, func(x, y drawn) int { return cmp.Compare(x.place, y.place) })
	var out []report.Chart
	for _, d := range b.drawn {
		name := strings.TrimSpace(d.SLO + " " + app.GroupName(d.Labels))
		out = append(out, report.Course{From: b.since, To: b.now, Limits: d.limits, Area: ranges(d.Tile), Line: ranges(d.Long), Rows: b.rows(d),
			Text: fmt.Sprintf(
				"%s: share of bad events over %s (line) and in the best and worst five minutes of each pixel column (grey), the limits of the alerts, and what happened",
				name,
				d.Window,
			)})
	}
	if c := b.others(); len(c.Rows) > 0 {
		out = append(out, c)
	}
	return out
}

func ranges(c backtest.Columns) []report.Range {
	out := make([]report.Range, len(c.Low))
	for i := range out {
		out[i] = report.Range{Low: c.Low[i], High: c.High[i]}
	}
	return out
}

// rows are the incidents of a group and what fired about it, of both sets of rules.
func (b *backtested) rows(d drawn) []report.TimelineRow {
	same := func(labels map[string]string) bool { return app.GroupName(labels) == app.GroupName(d.Labels) }
	incidents := report.TimelineRow{Label: "incidents"}
	for _, in := range ofSLO(b.incidents(), d.SLO) {
		if in.Listed && agree(in.Labels, d.Labels) || same(in.Labels) {
			incidents.Spans = append(incidents.Spans, report.Span{Label: incidentLabel(in), From: in.Start, To: in.End, Tone: report.Muted})
		}
	}
	out := []report.TimelineRow{incidents}
	if b.flags.incidents != "" {
		felt := report.TimelineRow{Label: "budget spent"}
		for _, in := range ofSLO(b.felt, d.SLO) {
			if same(in.Labels) {
				felt.Spans = append(felt.Spans, report.Span{Label: incidentLabel(in), From: in.Start, To: in.End, Tone: report.Muted})
			}
		}
		out = append(out, felt)
	}
	of := func(name string, all []backtest.Alert, page bool, keep func(backtest.Alert) bool) {
		row := report.TimelineRow{Label: name}
		for _, a := range all {
			if backtest.IsPage(a.Severity) == page && keep(a) {
				row.Spans = append(row.Spans, spansOf(a)...)
			}
		}
		slices.SortStableFunc(row.Spans, func(x, y report.Span) int { return x.From.Compare(y.From) })
		out = append(out, row)
	}
	own := func(a backtest.Alert) bool { return a.SLO == d.SLO && same(a.Labels) }
	of("page", b.alerts, true, own)
	of("ticket", b.alerts, false, own)
	if b.compared {
		related := func(a backtest.Alert) bool { return slices.Contains(a.SLOs, d.SLO) && agree(a.Labels, d.Labels) }
		of("baseline: page", b.baseline, true, related)
		of("baseline: other", b.baseline, false, related)
	}
	return out
}

func incidentLabel(in backtest.Incident) string {
	return cmp.Or(in.Name, "incident") + ", " + review.Percent(in.BudgetSpent) + " of the budget"
}

// agree reports whether no label has two values.
func agree(a, b map[string]string) bool {
	for k, v := range a {
		if other := b[k]; other != "" && other != v {
			return false
		}
	}
	return true
}

func spansOf(a backtest.Alert) []report.Span {
	var out []report.Span
	for _, e := range a.Episodes {
		out = append(out, report.Span{Label: a.Alert, From: e.Start, To: e.End, Tone: toneOfAlert(a)})
	}
	return out
}

// others are the alerts of the baseline that are about no SLO, those that fired most often.
func (b *backtested) others() report.Course {
	const most = 20
	c := report.Course{Text: "Alerts of the baseline that read no series of these SLOs, those that fired most often", From: b.since, To: b.now}
	rows := map[string]int{}
	for _, a := range b.baseline {
		if len(a.SLOs) > 0 {
			continue
		}
		name := a.Severity + ": " + a.Alert
		i, ok := rows[name]
		if !ok {
			i, rows[name] = len(c.Rows), len(c.Rows)
			c.Rows = append(c.Rows, report.TimelineRow{Label: name})
		}
		c.Rows[i].Spans = append(c.Rows[i].Spans, spansOf(a)...)
	}
	slices.SortStableFunc(c.Rows, func(x, y report.TimelineRow) int { return cmp.Compare(len(y.Spans), len(x.Spans)) })
	c.Rows = c.Rows[:min(most, len(c.Rows))]
	for _, r := range c.Rows {
		slices.SortStableFunc(r.Spans, func(x, y report.Span) int { return x.From.Compare(y.From) })
	}
	return c
}
