package cli

import (
	"cmp"
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

func (b *backtested) view(findings []diag.Finding) report.View {
	over, incidents := b.now.Sub(b.since), b.incidents()
	score, each := backtest.ScoreOf(b.alerts, incidents, over), b.scores()
	data := map[string]any{"version": 1, "from": b.since, "to": b.now, "rules": emptyList(b.alerts), "incidents": emptyList(incidents), "incidentShare": float64(b.flags.incident),
		"unlisted": emptyList(b.unlisted()), "score": score, "slos": emptyList(each), "baseline": nil, "whatIf": emptyList(b.trials), "findings": emptyList(findings)}
	scores := report.Table{Title: "Score", Columns: scoreColumns("rules"), Rows: []report.Row{{Cells: append([]string{"of the SLOs"}, scoreCells(score)...)}}}
	if b.compared {
		other := backtest.ScoreOf(b.baseline, incidents, over)
		data["baseline"] = compared{emptyList(b.baseline), other}
		scores.Rows = append(scores.Rows, report.Row{Cells: append([]string{"baseline"}, scoreCells(other)...)})
	}
	v := report.View{Title: "Backtest", Lead: b.lead(score), Tables: []report.Table{scores}, Charts: b.charts(), Findings: findings, Data: data}
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
	if n := b.groups - len(b.drawn); n > 0 {
		v.Notes = append(v.Notes, fmt.Sprintf("A page has charts of the %d groups that spent most of their budgets; %d more have none.", len(b.drawn), n))
	}
	return v
}

// lead says in sentences what came out, and where a list of incidents and the budgets do not agree.
func (b *backtested) lead(score backtest.Score) []string {
	from := fmt.Sprintf("From %s to %s: ", b.since.Format(time.DateOnly), b.now.Format(time.DateOnly))
	share, pages := review.Percent(float64(b.flags.incident)), count(score.Pages, "page", "pages")
	if b.flags.incidents == "" {
		return []string{from + fmt.Sprintf("%s that spent at least %s of a budget, %s.", count(len(b.felt), "incident", "incidents"), share, pages)}
	}
	lead := []string{from + fmt.Sprintf("%s in the list, %s.", count(len(b.listed), "incident", "incidents"), pages)}
	silent := 0
	for _, in := range b.listed {
		if in.BudgetSpent < float64(b.flags.incident) {
			silent++
		}
	}
	lead = append(lead, fmt.Sprintf("Of the list, %d spent less than %s of every budget; %s that spent at least as much %s not in the list.",
		silent, share, count(len(b.unlisted()), "span", "spans"), map[bool]string{true: "is", false: "are"}[len(b.unlisted()) == 1]))
	if b.outside > 0 {
		lead = append(lead, fmt.Sprintf("%s of the list did not begin in this time.", count(b.outside, "incident", "incidents")))
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

func scoreTable(all []scored) report.Table {
	t := report.Table{Title: "Score of each SLO", Columns: append([]report.Column{{Name: "slo"}}, scoreColumns("rules")...)}
	for _, s := range all {
		t.Rows = append(t.Rows, report.Row{Cells: append([]string{s.SLO, "of the SLO"}, scoreCells(s.Score)...)})
		if s.Baseline != nil {
			t.Rows = append(t.Rows, report.Row{Cells: append([]string{s.SLO, "baseline"}, scoreCells(*s.Baseline)...)})
		}
	}
	return t
}

func (b *backtested) trialTable() report.Table {
	t := report.Table{Title: "What if", Columns: append([]report.Column{{Name: "slo"}, {Name: "objective", Right: true}}, scoreColumns("")[1:]...)}
	t.Columns = slices.Insert(t.Columns, 2, report.Column{Name: "windows"}, report.Column{Name: "incidents", Right: true})
	for _, x := range b.trials {
		t.Rows = append(t.Rows, report.Row{Cells: append([]string{x.SLO, x.Objective.String() + "%", cmp.Or(x.Policy, "its own"), itoa(x.Incidents)}, scoreCells(x.Score)...)})
	}
	return t
}

func scoreColumns(first string) []report.Column {
	out := []report.Column{{Name: first}}
	for _, name := range []string{"precision", "recall", "paged", "detected after", "budget spent", "silent after", "pages", "at night", "a week", "tickets"} {
		out = append(out, report.Column{Name: name, Right: true})
	}
	return out
}

func scoreCells(s backtest.Score) []string {
	spent := "" // where nothing was detected
	if s.MedianDetection != "" {
		spent = review.Percent(s.MedianSpent)
	}
	return []string{fmt.Sprintf("%.2f", s.Precision), fmt.Sprintf("%.2f", s.Recall), fmt.Sprintf("%.2f", s.PageRecall), s.MedianDetection, spent,
		s.MedianReset, itoa(s.Pages), itoa(s.NightPages), fmt.Sprintf("%.2f", s.PagesPerWeek), itoa(s.Tickets)}
}

const minuteFormat = "2006-01-02 15:04"

// incidentTable lists incidents; one of a list is said to be felt when a budget spent as much in it as makes an incident.
func (b *backtested) incidentTable(incidents []backtest.Incident) report.Table {
	t := report.Table{Title: "Incidents", Columns: []report.Column{{Name: "slo"}, {Name: "group"}, {Name: "from"}, {Name: "for", Right: true}, {Name: "budget spent", Right: true}}}
	if slices.ContainsFunc(incidents, func(in backtest.Incident) bool { return in.Listed }) {
		t.Columns = append(t.Columns, report.Column{Name: "felt"}, report.Column{Name: "name"})
	}
	for _, in := range incidents {
		row := report.Row{Tone: report.Bad, Cells: []string{in.SLO, groupName(in.Labels), in.Start.Format(minuteFormat), lasting(in.End.Sub(in.Start)), review.Percent(in.BudgetSpent)}}
		if in.Listed {
			felt := "yes"
			if in.BudgetSpent < float64(b.flags.incident) {
				felt, row.Tone = "no", report.Warn
			}
			row.Cells[0] = cmp.Or(in.SLO, map[bool]string{true: "all", false: strings.Join(in.SLOs, ", ")}[in.Service == ""])
			row.Cells = append(row.Cells, felt, in.Name)
		}
		t.Rows = append(t.Rows, row)
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
				if backtest.Deserved(a, e, b.incidents()) {
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

// lasting writes how long something lasted, to the minute.
func lasting(d time.Duration) string {
	if h, m := int(d.Hours()), int(d.Minutes())%60; h > 0 && m > 0 {
		return fmt.Sprintf("%dh%02dm", h, m)
	}
	return slo.Window(d).String()
}
