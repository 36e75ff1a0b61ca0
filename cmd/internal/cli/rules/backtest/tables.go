package backtest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
	"treadmill/rules/backtest"
	"treadmill/slo/review"
)

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
	t := report.Table{
		Title:   "What if",
		Columns: append([]report.Column{{Name: "slo"}, {Name: "objective", Right: true}}, scoreColumns("")[1:]...),
	}
	t.Columns = slices.Insert(t.Columns, 2, report.Column{Name: "windows"}, report.Column{Name: "incidents", Right: true})
	for _, x := range b.trials {
		t.Rows = append(
			t.Rows,
			report.Row{
				Cells: append(
					[]string{x.SLO, x.Objective.String() + "%", cmp.Or(x.Policy, "its own"), strconv.Itoa(x.Incidents)},
					scoreCells(x.Score)...),
			},
		)
	}
	return t
}

func scoreColumns(first string) []report.Column {
	out := []report.Column{{Name: first}}
	for _, c := range []report.Column{{Name: "precision"}, {Name: "recall"}, {Name: "paged", Rank: 1}, {Name: "detected after"},
		{Name: "budget spent", Rank: 2}, {Name: "resets after", Rank: 3},
		{Name: "pages", Rank: 1}, {Name: "at night", Rank: 3}, {Name: "a week"}, {Name: "tickets", Rank: 2}} {
		c.Right = true
		out = append(out, c)
	}
	return out
}

func scoreCells(s backtest.Score) []string {
	spent := "" // where nothing was detected
	if s.MedianDetection != "" {
		spent = review.Percent(s.MedianSpent)
	}
	return []string{app.ShareCell(s.Precision), app.ShareCell(s.Recall), app.ShareCell(s.PageRecall), s.MedianDetection, spent,
		s.MedianReset, strconv.Itoa(s.Pages), strconv.Itoa(s.NightPages), fmt.Sprintf("%.2f", s.PagesPerWeek), strconv.Itoa(s.Tickets)}
}

// incidentTable lists incidents; one of a list is said to be felt when a budget spent as much in it as makes an incident.
func (b *backtested) incidentTable(incidents []backtest.Incident) report.Table {
	t := report.Table{
		Title:   "Incidents",
		Columns: []report.Column{{Name: "slo"}, {Name: "group"}, {Name: "from"}, {Name: "for", Right: true}, {Name: "budget spent", Right: true}},
	}
	if slices.ContainsFunc(incidents, func(in backtest.Incident) bool { return in.Listed }) {
		t.Columns = append(t.Columns, report.Column{Name: "felt"}, report.Column{Name: "name"})
	}
	for _, in := range incidents {
		row := report.Row{
			Tone: report.Bad,
			Cells: []string{
				in.SLO,
				app.GroupName(in.Labels),
				in.Start.Format(app.MinuteFormat),
				app.Lasting(in.End.Sub(in.Start)),
				review.Percent(in.BudgetSpent),
			},
		}
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
	t := report.Table{
		Title: "Episodes",
		Columns: []report.Column{
			{Name: "severity", Rank: 1},
			{Name: "alert"},
			{Name: "slo"},
			{Name: "group", Rank: 2},
			{Name: "from"},
			{Name: "for", Right: true},
			{Name: "times", Right: true, Rank: 3},
			{Name: "budget spent", Right: true},
		},
	}
	for _, a := range alerts {
		for i := 0; i < len(a.Episodes); {
			first, last := a.Episodes[i], a.Episodes[i]
			n := 1
			for i++; i < len(a.Episodes) && a.Episodes[i].Start.Sub(last.End) < backtest.Grace; i++ {
				last, n = a.Episodes[i], n+1
			}
			t.Rows = append(t.Rows, report.Row{Tone: toneOfAlert(a), Cells: []string{a.Severity, a.Alert, a.SLO, app.GroupName(a.Labels),
				first.Start.Format(app.MinuteFormat), app.Lasting(last.End.Sub(first.Start)), strconv.Itoa(n), review.Percent(first.BudgetSpent)}})
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
		if !slices.ContainsFunc(byName[key], func(a backtest.Alert) bool { return len(a.Episodes) > 0 }) {
			continue // which a note tells
		}
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
		t.Rows = append(
			t.Rows,
			report.Row{
				Tone: toneOfAlert(a),
				Cells: []string{a.Severity, a.Alert, strconv.Itoa(n), fmt.Sprintf("%.1f", float64(n)/(over.Hours()/168)),
					strconv.Itoa(right), review.Percent(min(1, float64(firing)/float64(over)))},
			},
		)
	}
	return t
}

func toneOfAlert(a backtest.Alert) report.Tone {
	if backtest.IsPage(a.Severity) {
		return report.Bad
	}
	return report.Warn
}
