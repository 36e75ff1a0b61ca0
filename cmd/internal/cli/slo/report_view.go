package slo

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/slo/review"
)

// chartsOf draws the budget and the share of good events of the groups, at most the five that spent most.
func chartsOf(m input.Measured, in review.Interval, groups []review.Judged) []report.Chart {
	order := make([]int, len(groups))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(1000 * (groups[b].Spent - groups[a].Spent)) })
	budget := report.Lines{
		Text:     m.SLO.ID + ": budget left in " + in.Name + ", incidents shaded",
		From:     in.From,
		To:       in.To,
		Mark:     0,
		MarkName: "nothing left",
	}
	level := report.Lines{
		Text:     m.SLO.ID + ": share of good events in the day before",
		From:     in.From,
		To:       in.To,
		Mark:     m.SLO.Objective.Float(),
		MarkName: "objective",
	}
	const most = 5
	for _, i := range order[:min(most, len(order))] {
		g, h := groups[i], m.Groups[i]
		name, tone := h.Name(), input.BudgetTone(g.Left)
		if name == "" {
			name = m.SLO.Name
		}
		for _, x := range g.Incidents {
			budget.Bands = append(budget.Bands,
				report.Span{Label: name + ", " + review.Percent(x.Spent) + " of the budget", From: x.Start, To: x.End})
		}
		budget.Lines = append(budget.Lines, report.Line{Label: name, Tone: tone, Points: points(h.BurnDown(m.SLO.Objective, in))})
		level.Lines = append(level.Lines, report.Line{Label: name, Tone: tone, Points: points(h.Level(in))})
	}
	level.Bands = budget.Bands
	if len(budget.Lines) == 0 {
		return nil
	}
	return []report.Chart{budget, level}
}

func points(values []review.Value) []report.Point {
	out := make([]report.Point, len(values))
	for i, v := range values {
		out[i] = report.Point{At: v.At, Value: v.Value}
	}
	return out
}

// reportData is the machine shape of `slo report`.
type reportData struct {
	Findings []diag.Finding `json:"findings"`
	SLOs     []reviewed     `json:"slos"`
	Version  int            `json:"version"`
}

func reportView(reviews []reviewed, f reportFlags, findings []diag.Finding) report.View {
	v := report.View{
		Title:    "SLO review",
		Findings: findings,
		Data:     reportData{Version: 1, SLOs: app.List(reviews), Findings: app.List(findings)},
	}
	kept, broken, low, least := 0, 0, 0, 1.0
	sum := report.Table{
		Worst: true,
		Columns: []report.Column{
			{Name: "slo"},
			{Name: "group"},
			{Name: "period", Rank: 2},
			{Name: "objective", Right: true},
			{Name: "attained", Right: true},
			{Name: "budget spent", Right: true, Rank: 1},
			{Name: "left", Right: true},
			{Name: "share of loss", Right: true, Rank: 3},
			{Name: "before", Right: true, Rank: 2},
			{Name: "data", Right: true, Rank: 1},
		},
	}
	for _, r := range reviews {
		v.Charts = append(v.Charts, r.charts...)
		before := ""
		if len(r.Trend) > 0 {
			before = review.Attained(r.Trend[0].Attainment)
		}
		for _, g := range r.Groups {
			tone := input.BudgetTone(g.Left)
			least = min(least, g.Left)
			switch {
			case r.Whole != "": // what the objective is about is the whole
			case g.Left < 0:
				broken++
			default:
				kept++
				if tone == report.Warn {
					low++
				}
			}
			sum.Rows = append(sum.Rows, report.Row{Tone: tone, Cells: []string{r.Name, app.GroupName(g.Labels), r.Period,
				objectiveCell(r.Objective), review.Attained(g.Attainment), review.Percent(g.Spent), review.Percent(g.Left),
				review.Percent(g.ShareOfLoss), before, review.Percent(g.Coverage)}})
		}
	}
	v.Figures = []report.Figure{report.Counted("objectives kept", kept, report.Good), report.Counted("missed", broken, report.Bad),
		report.Counted("nearly spent", low, report.Warn), {Name: "least budget left", Value: review.Percent(least),
			Tone: input.BudgetTone(least)}}
	v.Lead = []string{fmt.Sprintf("%s kept, %d missed.", app.Count(kept, "objective", "objectives"), broken)}
	v.Notes = exactness(reviews)
	v.Tables = append(v.Tables, sum)
	if f.PolicyFile != "" {
		v.Tables = append(v.Tables, decisionTable(reviews))
	}
	v.Tables = append(v.Tables, incidentsOf(reviews, float64(f.incident)), alertsTable(reviews), trendTable(reviews))
	return v
}

// exactness says what no count can hold, by how far apart the scrapes are.
func exactness(reviews []reviewed) []string {
	by := map[string][]string{}
	for _, r := range reviews {
		if r.Scraped != "" && !slices.Contains(by[r.Scraped], r.Name) {
			by[r.Scraped] = append(by[r.Scraped], r.Name)
		}
	}
	var out []string
	for _, each := range slices.Sorted(maps.Keys(by)) {
		out = append(out, fmt.Sprintf("Scraped each %s, so that up to %s of events before each restart of a service are in no count: %s.",
			each, each, strings.Join(by[each], ", ")))
	}
	return out
}

// decisionTable says what the policy asks for, group by group; what it asks nothing of is a row too, so that it was seen.
func decisionTable(reviews []reviewed) report.Table {
	t := report.Table{
		Title: "Decisions by the policy",
		Worst: true,
		Columns: []report.Column{{Name: "slo"}, {Name: "group"}, {Name: "own period left", Right: true}, {Name: "decision"},
			{Name: "upgrades"}, {Name: "releases"}, {Name: "note"}},
	}
	for _, r := range reviews {
		for _, g := range r.Groups {
			row := report.Row{Tone: report.Warn, Cells: []string{r.Name, app.GroupName(g.Labels), review.Percent(g.Standing), g.Decision,
				string(g.Upgrades), string(g.Releases), g.Note}}
			if g.Decision == "" {
				row.Tone, row.Cells[3] = report.Plain, "none"
			}
			t.Rows = append(t.Rows, row)
			for _, x := range g.FollowUps {
				t.Rows = append(t.Rows, report.Row{Tone: report.Warn, Cells: []string{r.Name, app.GroupName(g.Labels), "", x.Do, "", "",
					x.After()}})
			}
		}
	}
	return t
}

func incidentsOf(reviews []reviewed, least float64) report.Table {
	t := report.Table{
		Title: "Incidents that spent at least " + review.Percent(least) + " of the budget",
		Columns: []report.Column{{Name: "slo"}, {Name: "group"}, {Name: "from"}, {Name: "for", Right: true},
			{Name: "budget spent", Right: true}, {Name: "burn", Right: true, Rank: 1}, {Name: "bad events", Right: true, Rank: 2}},
	}
	for _, r := range reviews {
		for _, g := range r.Groups {
			for _, in := range g.Incidents {
				t.Rows = append(t.Rows, report.Row{Tone: report.Bad, Cells: []string{r.Name, app.GroupName(g.Labels), in.Start.Format(app.MinuteFormat),
					app.Lasting(in.End.Sub(in.Start)), review.Percent(in.Spent), fmt.Sprintf("%.1f", in.Burn), fmt.Sprintf("%.0f", in.Bad)}})
			}
		}
	}
	return t
}

func alertsTable(reviews []reviewed) report.Table {
	t := report.Table{
		Title: "Alerts that fired",
		Columns: []report.Column{
			{Name: "severity", Rank: 1},
			{Name: "alert"},
			{Name: "slo"},
			{Name: "group", Rank: 2},
			{Name: "from"},
			{Name: "for", Right: true},
			{Name: "deserved"},
		},
	}
	for _, r := range reviews {
		for _, al := range r.Alerts {
			deserved, tone := "yes", report.Plain
			if !al.Deserved {
				deserved, tone = "no incident", report.Warn
			}
			t.Rows = append(t.Rows, report.Row{Tone: tone, Cells: []string{al.Severity, al.Alert, r.Name, app.GroupName(al.Labels),
				al.Start.Format(app.MinuteFormat), app.Lasting(al.End.Sub(al.Start)), deserved}})
		}
	}
	return t
}

func trendTable(reviews []reviewed) report.Table {
	t := report.Table{
		Title: "Periods before, of the group that spent most",
		Columns: []report.Column{
			{Name: "slo"},
			{Name: "period"},
			{Name: "attained", Right: true},
			{Name: "budget spent", Right: true},
			{Name: "data", Right: true},
		},
	}
	for _, r := range reviews {
		for _, p := range r.Trend {
			t.Rows = append(t.Rows, report.Row{Cells: []string{r.Name, p.Period, review.Attained(p.Attainment), review.Percent(p.BudgetSpent),
				review.Percent(p.Coverage)}})
		}
	}
	return t
}
