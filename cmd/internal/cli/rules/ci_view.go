package rules

import (
	"cmp"
	"fmt"
	"strings"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules/change"
	"treadmill/rules/defaults"
	"treadmill/rules/lint"
)

// ciResult is what a change does to rules.
type ciResult struct {
	args          []string
	base          string
	change        change.Change
	difference    defaults.Difference
	findings      []diag.Finding
	accepted      []accepted
	others        int // findings of what did not change
	before, after lint.Cost
	notes         []string
}

// ciData is the machine shape of `rules ci`.
type ciData struct {
	Accepted []accepted        `json:"accepted"` // findings that somebody has accepted
	Base     string            `json:"base,omitempty"`
	Changes  []defaults.Change `json:"changes"` // of alerts: what is lost, changed and gained
	Cost     ciCost            `json:"cost"`
	Findings []diag.Finding    `json:"findings"` // of rules that the change touches
	Others   int               `json:"others"`   // findings of rules that it does not touch, or in paths that are left out
	Rules    change.Change     `json:"rules"`
	Version  int               `json:"version"`
}

// ciCost is what evaluation costs before and after a change.
type ciCost struct {
	Before lint.Cost `json:"before"`
	After  lint.Cost `json:"after"`
}

func (r *ciResult) view() report.View {
	diag.Sort(r.findings)
	c := r.change
	lead := fmt.Sprintf("%s: %d added, %d changed, %d removed, %d the same", app.Count(c.Added+c.Changed+c.Same, "rule", "rules"),
		c.Added, c.Changed, c.Removed, c.Same)
	view := report.View{
		Title: "Alert rules", Lead: []string{lead}, Findings: r.findings, Tabled: true, Notes: r.notes,
		Tables: []report.Table{report.FindingTable("Findings of the rules that changed", r.findings),
			r.coverage(), r.costTable(), r.acceptedTable()},
		Room: report.Room{Bytes: report.Comment, Rest: r.again() + " shows all."},
		Data: ciData{Version: 1, Base: r.base, Rules: c, Changes: app.List(r.difference.Changes), Cost: ciCost{r.before, r.after},
			Findings: app.List(r.findings), Accepted: app.List(r.accepted), Others: r.others},
	}
	if r.others > 0 {
		view.Notes = append(view.Notes,
			app.Count(r.others, "finding", "findings")+" of rules that did not change, or in paths that are left out, not shown.")
	}
	return view
}

// again is the command that shows all.
func (r *ciResult) again() string {
	words := []string{"treadmill rules ci"}
	if r.base != "" {
		words = append(words, "--base "+r.base)
	}
	return strings.Join(append(words, r.args...), " ")
}

func (r *ciResult) coverage() report.Table {
	t := changeTable(r.difference.Changes)
	t.Title = "Coverage"
	return t
}

func (r *ciResult) costTable() report.Table {
	t := report.Table{Title: "Cost", Columns: []report.Column{{Name: "of evaluation"}, {Name: "before", Right: true},
		{Name: "after", Right: true}, {Name: "difference", Right: true}}}
	row := func(name string, before, after float64) {
		tone := report.Plain
		if before == after {
			tone = report.Muted
		}
		t.Rows = append(t.Rows, report.Row{Tone: tone, Cells: []string{name, decimal(before), decimal(after), signed(after - before)}})
	}
	row("alerts", float64(r.before.Alerts), float64(r.after.Alerts))
	row("recording rules", float64(r.before.Recordings), float64(r.after.Recordings))
	row("evaluations a minute", r.before.Evaluations, r.after.Evaluations)
	row("samples read a second, if each selector finds one series", r.before.PerSeries, r.after.PerSeries)
	if r.before.Samples != nil && r.after.Samples != nil {
		row("samples read a second, with the series of the server", *r.before.Samples, *r.after.Samples)
	}
	return t
}

func (r *ciResult) acceptedTable() report.Table {
	t := report.Table{Title: "Accepted", Columns: []report.Column{{Name: "place"}, {Name: "id"}, {Name: "message"},
		{Name: "reason"}, {Name: "until"}, {Name: "said in", Wide: true}}}
	for _, a := range r.accepted {
		t.Rows = append(t.Rows, report.Row{Tone: report.Muted, Cells: []string{a.Position.String(), a.ID, a.Message, a.Reason,
			cmp.Or(a.Until, "no day"), a.By.String()}})
	}
	return t
}

func signed(n float64) string {
	if n > 0 {
		return "+" + decimal(n)
	}
	return decimal(n)
}
