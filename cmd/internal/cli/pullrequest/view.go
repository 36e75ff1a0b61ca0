package pullrequest

import (
	"fmt"
	"strings"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
)

func (r *result) view() report.View {
	return report.View{
		Title: "Pull request", Lead: r.lead(), Data: r.data, Findings: r.data.Findings, Tabled: true, Notes: r.notes(),
		Tables: []report.Table{
			report.FindingTable("Findings that it brings", r.data.Findings), r.ruleTable(), r.sloTable(), r.moveTable(), r.budgetTable(),
			report.FindingTable("Findings that it takes away", r.data.Gone),
		},
		Room: report.Room{Bytes: report.Comment, Rest: "The JSON of this report has all."},
	}
}

// lead is a sentence for each job that ran.
func (r *result) lead() []string {
	d, kinds := r.data, map[string]int{}
	for _, c := range d.SLOs {
		kinds[c.Kind]++
	}
	lines := map[string]string{
		"scan.json": fmt.Sprintf("APIs: %s, %d gone, %d as before.",
			app.Count(d.APIs.Added, "new finding", "new findings"), d.APIs.Gone, d.APIs.Same),
		"rules.json": fmt.Sprintf("Rules: %d added, %d changed, %d removed, %d the same.",
			d.Rules.Added, d.Rules.Changed, d.Rules.Removed, d.Rules.Same),
		"slos.json": fmt.Sprintf("SLOs: %d added, %d changed, %d removed.", kinds["added"], kinds["changed"], kinds["removed"]),
	}
	if d.Cost != nil {
		lines["plan.json"] = fmt.Sprintf("Plan: %s; it costs %s.", app.Count(len(d.Moves), "date moves", "dates move"), d.Cost.words())
	}
	closed := 0
	for _, b := range d.Budgets {
		if b.State != "open" {
			closed++
		}
	}
	lines["budget.json"] = fmt.Sprintf("Budgets: %d of %d gates are not open.", closed, len(d.Budgets))
	var out []string
	for _, j := range jobs(&side{}) {
		if r.ran[j.file] {
			out = append(out, lines[j.file])
		}
	}
	return out
}

// words are what a plan costs, and what it cost before where that is another sum.
func (c planCost) words() string {
	out := c.After.Cents().String() + " " + c.Currency
	if c.Before != c.After {
		out += " instead of " + c.Before.Cents().String()
	}
	return out
}

func (r *result) notes() []string {
	if r.same == 0 {
		return nil
	}
	return []string{app.Count(r.same, "finding", "findings") + " of both sides, not shown."}
}

// tones of what was done.
func toneOf(kind string) report.Tone {
	switch kind {
	case "removed":
		return report.Bad
	case "added":
		return report.Good
	}
	return report.Warn
}

func (r *result) ruleTable() report.Table {
	t := report.Table{Title: "Alerts", Columns: []report.Column{{Name: "change"}, {Name: "alert"}, {Name: "severity"}, {Name: "what"}}}
	for _, c := range r.data.Changes {
		t.Rows = append(t.Rows, report.Row{Tone: toneOf(c.Kind), Cells: []string{c.Kind, c.Name, c.Severity, strings.Join(c.What, "; ")}})
	}
	return t
}

func (r *result) sloTable() report.Table {
	t := report.Table{Title: "SLOs", Columns: []report.Column{{Name: "change"}, {Name: "SLO"}, {Name: "what"}}}
	for _, c := range r.data.SLOs {
		t.Rows = append(t.Rows, report.Row{Tone: toneOf(c.Kind), Cells: []string{c.Kind, c.Name, strings.Join(c.What, "; ")}})
	}
	return t
}

func (r *result) moveTable() report.Table {
	t := report.Table{Title: "Dates of the plan", Columns: []report.Column{{Name: "cluster"}, {Name: "to"}, {Name: "was"}, {Name: "is"},
		{Name: "days", Right: true}, {Name: "reason"}}}
	day := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return at.Format(time.DateOnly)
	}
	for _, m := range r.data.Moves {
		tone, days := report.Warn, fmt.Sprintf("%+d", int(m.After.Sub(m.Before).Round(24*time.Hour).Hours()/24))
		switch {
		case m.Before.IsZero():
			tone, days = report.Good, "new"
		case m.After.IsZero():
			tone, days = report.Muted, "gone"
		}
		t.Rows = append(t.Rows, report.Row{Tone: tone, Cells: []string{m.Cluster, m.To, day(m.Before), day(m.After), days, m.Reason}})
	}
	return t
}

func (r *result) budgetTable() report.Table {
	t := report.Table{Title: "Error budgets", Columns: []report.Column{{Name: "gate"}, {Name: "SLO"}, {Name: "objective", Right: true},
		{Name: "budget left", Right: true}, {Name: "needed", Right: true}, {Name: "burn", Right: true}}}
	for _, b := range r.data.Budgets {
		tone, left, needed, burn := report.Bad, percent(b.Left), percent(b.Needed), fmt.Sprintf("%.2f", b.Burn)
		switch b.State {
		case "open":
			tone = report.Good
		case "unknown":
			tone, left, needed, burn = report.Warn, "", "", ""
		}
		t.Rows = append(t.Rows, report.Row{Tone: tone, Cells: []string{b.State, b.Name, fmt.Sprintf("%v%%", b.Objective), left, needed, burn}})
	}
	return t
}

func percent(share float64) string { return fmt.Sprintf("%.1f%%", 100*share) }
