package backtest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules/backtest"
	"treadmill/slo/review"
)

// compared is the baseline in the machine shape.
type compared struct {
	Rules []backtest.Alert `json:"rules"`
	Score backtest.Score   `json:"score"`
}

// scored is the score of one SLO, and that of those rules of the baseline that are about it.
type scored struct {
	SLO      string          `json:"slo"`
	Score    backtest.Score  `json:"score"`
	Baseline *backtest.Score `json:"baseline"`
}

// backtestData is the machine shape of `rules backtest`.
type backtestData struct {
	Baseline      *compared           `json:"baseline"`
	Findings      []diag.Finding      `json:"findings"`
	From          time.Time           `json:"from"`
	IncidentShare float64             `json:"incidentShare"` // of a budget, from which on it is an incident
	Incidents     []backtest.Incident `json:"incidents"`
	Rules         []backtest.Alert    `json:"rules"`
	Score         backtest.Score      `json:"score"`
	SLOs          []scored            `json:"slos"`
	To            time.Time           `json:"to"`
	Unlisted      []backtest.Incident `json:"unlisted"` // that spent budget and are not in the list of incidents
	Version       int                 `json:"version"`
	WhatIf        []trial             `json:"whatIf"`
}

func (b *backtested) view(findings []diag.Finding) report.View {
	over, incidents := b.now.Sub(b.since), b.incidents()
	score, each := backtest.ScoreOf(b.alerts, incidents, over), b.scores()
	data := backtestData{
		Version:       1,
		From:          b.since,
		To:            b.now,
		Rules:         app.List(b.alerts),
		Incidents:     app.List(incidents),
		IncidentShare: float64(b.flags.incident),
		Unlisted:      app.List(b.unlisted()),
		Score:         score,
		SLOs:          app.List(each),
		WhatIf:        app.List(b.trials),
		Findings:      app.List(findings),
	}
	scores := report.Table{
		Title:   "Score",
		Columns: scoreColumns("rules"),
		Rows:    []report.Row{{Cells: append([]string{"of the SLOs"}, scoreCells(score)...)}},
	}
	if b.compared {
		other := backtest.ScoreOf(b.baseline, incidents, over)
		data.Baseline = &compared{app.List(b.baseline), other}
		scores.Rows = append(scores.Rows, report.Row{Cells: append([]string{"baseline"}, scoreCells(other)...)})
	}
	v := report.View{
		Title: "Backtest",
		Lead:  b.lead(score),
		Figures: []report.Figure{report.Counted("incidents", len(incidents), report.Plain),
			report.Counted("pages", score.Pages, report.Plain), {Name: "precision of pages", Value: app.ShareCell(score.Precision)},
			{
				Name:  "incidents found",
				Value: app.ShareCell(score.Recall),
			}},
		Tables:   []report.Table{scores},
		Charts:   b.charts(),
		Findings: findings,
		Data:     data,
	}
	if len(each) > 1 {
		v.Tables = append(v.Tables, scoreTable(each))
	}
	v.Tables = append(v.Tables, b.incidentTable(incidents))
	if rest := b.unlisted(); len(rest) > 0 {
		t := b.incidentTable(rest)
		t.Title = "Budget spent without an incident in the list"
		v.Tables = append(v.Tables, t)
	}
	v.Tables = append(v.Tables, episodeTable(b.alerts))
	if len(b.baseline) > 0 {
		v.Tables = append(v.Tables, b.baselineTable(over))
	}
	if len(b.trials) > 0 {
		v.Tables = append(v.Tables, b.trialTable())
	}
	if names := b.already(); len(names) > 0 {
		const shown = 10
		text := strings.Join(names[:min(shown, len(names))], ", ")
		if n := len(names) - shown; n > 0 {
			text += fmt.Sprintf(" and %d more", n)
		}
		v.Notes = append(v.Notes, "Fired already when the time began, which is not counted, of the baseline: "+text+".")
	}
	if n := b.groups - len(b.drawn); n > 0 {
		v.Notes = append(v.Notes,
			fmt.Sprintf("A page has charts of the %d groups that spent most of their budgets; %d more have none.", len(b.drawn), n))
	}
	return v
}

// lead says in sentences what came out, and where a list of incidents and the budgets do not agree.
func (b *backtested) lead(score backtest.Score) []string {
	from := fmt.Sprintf("From %s to %s: ", b.since.Format(time.DateOnly), b.now.Format(time.DateOnly))
	share, pages := review.Percent(float64(b.flags.incident)), app.Count(score.Pages, "page", "pages")
	if b.flags.incidents == "" {
		return []string{
			from + fmt.Sprintf("%s that spent at least %s of a budget, %s.", app.Count(len(b.felt), "incident", "incidents"), share, pages),
		}
	}
	lead := []string{from + fmt.Sprintf("%s in the list, %s.", app.Count(len(b.listed), "incident", "incidents"), pages)}
	silent := 0
	for _, in := range b.listed {
		if in.BudgetSpent < float64(b.flags.incident) {
			silent++
		}
	}
	lead = append(lead, fmt.Sprintf("Of the list, %d spent less than %s of every budget; %s that spent at least as much %s not in the list.",
		silent, share, app.Count(len(b.unlisted()), "span", "spans"), map[bool]string{true: "is", false: "are"}[len(b.unlisted()) == 1]))
	if b.outside > 0 {
		lead = append(lead, fmt.Sprintf("%s of the list did not begin in this time.", app.Count(b.outside, "incident", "incidents")))
	}
	return lead
}

// unlisted are the spans that cost budget and that the list of incidents does not name.
func (b *backtested) unlisted() []backtest.Incident {
	if b.flags.incidents == "" {
		return nil
	}
	return backtest.Unnamed(b.felt, b.listed)
}

// scores are those of each SLO.
func (b *backtested) scores() []scored {
	var out []scored
	over := b.now.Sub(b.since)
	only := func(all []backtest.Alert, keep func(backtest.Alert) bool) []backtest.Alert {
		return slices.DeleteFunc(slices.Clone(all), func(a backtest.Alert) bool { return !keep(a) })
	}
	for _, s := range b.slos {
		in := ofSLO(b.incidents(), s.ID)
		one := scored{SLO: s.ID, Score: backtest.ScoreOf(only(b.alerts, func(a backtest.Alert) bool { return a.SLO == s.ID }), in, over)}
		if b.compared {
			other := backtest.ScoreOf(only(b.baseline, func(a backtest.Alert) bool { return slices.Contains(a.SLOs, s.ID) }), in, over)
			one.Baseline = &other
		}
		out = append(out, one)
	}
	return out
}

// already names the alerts of the baseline that fired when the time began.
func (b *backtested) already() []string {
	var out []string
	for _, a := range b.baseline {
		if a.Already {
			out = append(out, a.Alert)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
