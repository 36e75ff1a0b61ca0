package review

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/slo/review"
	"treadmill/upgrade/plan"
)

// columns are those of the names; one that ends with > holds numbers.
func columns(names ...string) []report.Column {
	var out []report.Column
	for _, n := range names {
		name, right := strings.CutSuffix(n, ">")
		out = append(out, report.Column{Name: name, Right: right})
	}
	return out
}

func budgetTable(d data) report.Table {
	t := report.Table{
		Title:   "Error budgets",
		Columns: columns("slo", "objective>", "attained>", "spent>", "by hops>", "left>", "own period left>", "data>", "decision"),
	}
	for _, s := range d.SLOs {
		t.Rows = append(t.Rows, report.Row{Tone: input.BudgetTone(s.Left), Cells: []string{
			s.title(),
			s.Objective.String() + "%",
			review.Attained(s.Attainment),
			review.Percent(s.Spent),
			review.Percent(s.ByHops),
			review.Percent(s.Left),
			review.Percent(s.Standing),
			review.Percent(s.Coverage),
			s.Decision,
		}})
	}
	return t
}

func incidentTable(d data) report.Table {
	t := report.Table{Title: "Incidents", Columns: columns("slo", "from", "for>", "spent>", "whose")}
	for _, s := range d.SLOs {
		for _, x := range s.Incidents {
			whose := "the service's"
			switch {
			case x.Hop != "":
				whose = "the hop's: " + x.Hop
			case x.Elsewhere:
				whose = "the service's: other clusters burnt too"
			}
			t.Rows = append(t.Rows, report.Row{Cells: []string{s.title(), x.Start.Format(app.MinuteFormat),
				app.Lasting(x.End.Sub(x.Start).Round(time.Minute)), review.Percent(x.Spent), whose}})
		}
	}
	return t
}

func hopTable(d data) report.Table {
	t := report.Table{Title: "Hops", Columns: columns("cluster", "hop", "start", "minutes>", "outcome", "spent")}
	for _, h := range d.Hops {
		var spent []string
		for _, name := range slices.Sorted(maps.Keys(h.Spent)) {
			spent = append(spent, name+" "+review.Percent(h.Spent[name]))
		}
		tone := report.Good
		if h.Outcome != "done" {
			tone = report.Warn
		}
		t.Rows = append(t.Rows, report.Row{Tone: tone, Cells: []string{h.Cluster, h.From + " to " + h.To,
			h.Start.Format(app.MinuteFormat), strconv.Itoa(h.Minutes), h.Outcome, strings.Join(spent, ", ")}})
	}
	return t
}

func waitTable(d data) report.Table {
	t := report.Table{Title: "Waits for a budget", Columns: columns("cluster", "planned", "without", "days>", "slo", "most of it spent by")}
	for _, w := range d.Waits {
		t.Rows = append(t.Rows, report.Row{Cells: []string{w.Cluster, w.Planned.Format(time.DateOnly), w.Could.Format(time.DateOnly),
			strconv.Itoa(w.Days), w.SLO, w.Incident}})
	}
	return t
}

func moveTable(d data) report.Table {
	t := report.Table{Title: "Dates that moved", Columns: columns("cluster", "to", "before", "now", "days>")}
	for _, m := range d.Moved {
		now, days := "not planned", ""
		if !m.Now.IsZero() {
			now, days = m.Now.Format(time.DateOnly), fmt.Sprintf("%+d", int(m.Now.Sub(m.Before).Hours()/24))
		}
		t.Rows = append(t.Rows, report.Row{Cells: []string{m.Cluster, m.To, m.Before.Format(time.DateOnly), now, days}})
	}
	return t
}

func decisionTable(d data) report.Table {
	t := report.Table{Title: "Decisions", Columns: columns("decision")}
	for _, text := range d.Decisions {
		t.Rows = append(t.Rows, report.Row{Tone: report.Warn, Cells: []string{text}})
	}
	return t
}

func dutyTable(d data) report.Table {
	t := report.Table{Title: "Next quarter", Columns: columns("duty", "cluster", "hop", "planned", "due", "team")}
	tones := map[string]report.Tone{plan.Must: report.Bad, plan.Should: report.Warn}
	for _, n := range d.Next {
		t.Rows = append(t.Rows, report.Row{Tone: tones[n.Duty], Cells: []string{n.Duty, n.Cluster, n.From + " to " + n.To,
			n.Planned.Format(time.DateOnly), n.Due.Format(time.DateOnly), n.Team}})
	}
	return t
}
