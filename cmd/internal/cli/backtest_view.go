package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules/backtest"
	"treadmill/slo"
	"treadmill/slo/review"
)

// tryOut scores other objectives over the same history.
func (b *backtested) tryOut(past *backtest.Past) []diag.Finding {
	var findings []diag.Finding
	for _, text := range b.flags.whatIf {
		target, ok := strings.CutPrefix(text, "target=")
		o, err := slo.ParsePercent(strings.TrimSuffix(target, "%"))
		if !ok || err != nil {
			findings = append(findings, diag.Finding{ID: "backtest/what-if", Severity: diag.Error, Message: fmt.Sprintf("--what-if %s: want target= and an objective in percent, such as target=99.5", text)})
			continue
		}
		s := past.SLO
		s.Objective = o
		other := past.With(s)
		out := other.Run(float64(b.flags.incident))
		b.trials = append(b.trials, trial{s.ID, o.Mul(slo.NewNumber(100, 1)), len(out.Incidents), backtest.ScoreOf(out.Alerts, out.Incidents, b.now.Sub(b.since))})
	}
	return findings
}

// compared is the baseline in the machine shape.
type compared struct {
	Rules []backtest.Alert `json:"rules"`
	Score backtest.Score   `json:"score"`
}

func (b *backtested) view(findings []diag.Finding) report.View {
	over := b.now.Sub(b.since)
	score := backtest.ScoreOf(b.alerts, b.incidents, over)
	data := map[string]any{"version": 1, "from": b.since, "to": b.now, "rules": emptyList(b.alerts), "incidents": emptyList(b.incidents), "incidentShare": float64(b.flags.incident),
		"score": score, "baseline": nil, "whatIf": emptyList(b.trials), "findings": emptyList(findings)}
	scores := report.Table{Title: "Score", Columns: scoreColumns("rules"), Rows: []report.Row{{Cells: append([]string{"of the SLOs"}, scoreCells(score)...)}}}
	if b.compared {
		other := backtest.ScoreOf(b.baseline, b.incidents, over)
		data["baseline"] = compared{emptyList(b.baseline), other}
		scores.Rows = append(scores.Rows, report.Row{Cells: append([]string{"baseline"}, scoreCells(other)...)})
	}
	lead := fmt.Sprintf("From %s to %s: %s that spent at least %s of a budget, %s.", b.since.Format(time.DateOnly), b.now.Format(time.DateOnly),
		count(len(b.incidents), "incident", "incidents"), review.Percent(float64(b.flags.incident)), count(score.Pages, "page", "pages"))
	tables := []report.Table{scores, b.incidentTable(), episodeTable(b.alerts)}
	if len(b.baseline) > 0 {
		tables = append(tables, b.baselineTable(over))
	}
	if len(b.trials) > 0 {
		t := report.Table{Title: "What if", Columns: append([]report.Column{{Name: "slo"}, {Name: "objective", Right: true}, {Name: "incidents", Right: true}}, scoreColumns("")[1:]...)}
		for _, x := range b.trials {
			t.Rows = append(t.Rows, report.Row{Cells: append([]string{x.SLO, x.Objective.String() + "%", itoa(x.Incidents)}, scoreCells(x.Score)...)})
		}
		tables = append(tables, t)
	}
	return report.View{Lead: []string{lead}, Tables: tables, Charts: []report.Chart{b.chart()}, Findings: findings, Data: data}
}

func scoreColumns(first string) []report.Column {
	out := []report.Column{{Name: first}}
	for _, name := range []string{"precision", "recall", "paged", "detected after", "budget spent", "silent after", "pages", "at night", "a week", "tickets"} {
		out = append(out, report.Column{Name: name, Right: true})
	}
	return out
}

func scoreCells(s backtest.Score) []string {
	return []string{fmt.Sprintf("%.2f", s.Precision), fmt.Sprintf("%.2f", s.Recall), fmt.Sprintf("%.2f", s.PageRecall), s.MedianDetection, review.Percent(s.MedianSpent),
		s.MedianReset, itoa(s.Pages), itoa(s.NightPages), fmt.Sprintf("%.2f", s.PagesPerWeek), itoa(s.Tickets)}
}

const minuteFormat = "2006-01-02 15:04"

func (b *backtested) incidentTable() report.Table {
	t := report.Table{Title: "Incidents", Columns: []report.Column{{Name: "slo"}, {Name: "group"}, {Name: "from"}, {Name: "for", Right: true}, {Name: "budget spent", Right: true}}}
	for _, in := range b.incidents {
		t.Rows = append(t.Rows, report.Row{Tone: report.Bad, Cells: []string{in.SLO, groupName(in.Labels), in.Start.Format(minuteFormat), lasting(in.End.Sub(in.Start)), review.Percent(in.BudgetSpent)}})
	}
	return t
}

// episodeTable has a row for each stretch of time in which an alert fired again and again, without half an hour's peace.
func episodeTable(alerts []backtest.Alert) report.Table {
	t := report.Table{Title: "Episodes", Columns: []report.Column{{Name: "severity"}, {Name: "alert"}, {Name: "slo"}, {Name: "group"}, {Name: "from"}, {Name: "for", Right: true},
		{Name: "times", Right: true}, {Name: "budget spent", Right: true}}}
	for _, a := range alerts {
		for i := 0; i < len(a.Episodes); {
			first, last := a.Episodes[i], a.Episodes[i]
			n := 1
			for i++; i < len(a.Episodes) && a.Episodes[i].Start.Sub(last.End) < backtest.Grace; i++ {
				last, n = a.Episodes[i], n+1
			}
			t.Rows = append(t.Rows, report.Row{Tone: toneOfAlert(a), Cells: []string{a.Severity, a.Alert, a.SLO, groupName(a.Labels),
				first.Start.Format(minuteFormat), lasting(last.End.Sub(first.Start)), itoa(n), review.Percent(first.BudgetSpent)}})
		}
	}
	return t
}

// baselineTable has a row for each alert, as there may be hundreds of episodes; the machine shape has them all.
func (b *backtested) baselineTable(over time.Duration) report.Table {
	t := report.Table{Title: "Baseline", Columns: []report.Column{{Name: "severity"}, {Name: "alert"}, {Name: "episodes", Right: true},
		{Name: "a week", Right: true}, {Name: "about an incident", Right: true}, {Name: "firing", Right: true}}}
	byName := map[string][]backtest.Alert{}
	for _, a := range b.baseline {
		byName[a.Severity+"\x00"+a.Alert] = append(byName[a.Severity+"\x00"+a.Alert], a)
	}
	for _, key := range slices.Sorted(maps.Keys(byName)) {
		n, right, firing := 0, 0, time.Duration(0)
		for _, a := range byName[key] {
			for _, e := range a.Episodes {
				n, firing = n+1, firing+e.End.Sub(e.Start)
				if backtest.Deserved(a, e, b.incidents) {
					right++
				}
			}
		}
		a := byName[key][0]
		t.Rows = append(t.Rows, report.Row{Tone: toneOfAlert(a), Cells: []string{a.Severity, a.Alert, itoa(n), fmt.Sprintf("%.1f", float64(n)/(over.Hours()/168)),
			itoa(right), review.Percent(min(1, float64(firing)/float64(over)))}})
	}
	return t
}

func toneOfAlert(a backtest.Alert) report.Tone {
	if backtest.IsPage(a.Severity) {
		return report.Bad
	}
	return report.Warn
}

// chart shows incidents and episodes on one line of time.
func (b *backtested) chart() report.Chart {
	c := report.Timeline{Text: "Incidents, and when the alerts of the SLOs and of the baseline fired", From: b.since, To: b.now}
	rows := map[string]int{}
	row := func(name string) *report.TimelineRow {
		i, ok := rows[name]
		if !ok {
			i = len(c.Rows)
			rows[name] = i
			c.Rows = append(c.Rows, report.TimelineRow{Label: name})
		}
		return &c.Rows[i]
	}
	for _, in := range b.incidents {
		r := row(strings.TrimSpace(in.SLO + " " + groupName(in.Labels)))
		r.Spans = append(r.Spans, report.Span{Label: "incident, " + review.Percent(in.BudgetSpent) + " of the budget", From: in.Start, To: in.End, Tone: report.Muted})
	}
	for _, a := range append(append([]backtest.Alert{}, b.alerts...), b.baseline...) {
		name := strings.TrimSpace(a.SLO + " " + groupName(a.Labels))
		if a.SLO == "" {
			name = "baseline"
		}
		for _, e := range a.Episodes {
			r := row(name + ": " + a.Severity)
			r.Spans = append(r.Spans, report.Span{Label: a.Alert, From: e.Start, To: e.End, Tone: toneOfAlert(a)})
		}
	}
	return c
}

// lasting writes how long something lasted, to the minute.
func lasting(d time.Duration) string {
	if h, m := int(d.Hours()), int(d.Minutes())%60; h > 0 && m > 0 {
		return fmt.Sprintf("%dh%02dm", h, m)
	}
	return slo.Window(d).String()
}
