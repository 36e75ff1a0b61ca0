package slo

import (
	"fmt"
	"strconv"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules/backtest"
	"treadmill/rules/migrate"
)

// migrateData is the machine shape of `slo migrate`.
type migrateData struct {
	Compared *comparison    `json:"compared"` // null without a history: then nothing was compared
	Findings []diag.Finding `json:"findings"`
	SLOs     []migrated     `json:"slos"`
	Version  int            `json:"version"`
}

// migrated is one SLO and where its new spec and its rules are.
type migrated struct {
	Name  string `json:"name"`
	Was   string `json:"was"`             // its name in rules of the tool's spec
	Spec  string `json:"spec,omitempty"`  // the file; none without --out
	Rules string `json:"rules,omitempty"` // the file, which SLOs that count the same events share
}

// missed says which pages of the old rules have no page of the new ones.
func (m *migration) missed(one moved, counts []migrate.Count, differences []migrate.Difference) {
	n, spent := 0, 0.0
	for _, d := range differences {
		if d.Severity == "page" && len(d.New) == 0 {
			n++
			for _, e := range d.Old {
				spent = max(spent, e.BudgetSpent)
			}
		}
	}
	if n == 0 {
		return
	}
	message := fmt.Sprintf(": %s of %s of the old rules %s no page of the new ones: see the table", strconv.Itoa(n),
		app.Count(counts[0].Old, "page", "pages"), map[bool]string{true: "has", false: "have"}[n == 1])
	if spent == 0 {
		message += "; none was about a time that spent a notable share of the budget"
	}
	m.find(one.old, "migrate/missed", diag.Warning, message)
}

func (m *migration) view() report.View {
	written := !diag.Any(m.findings, diag.Error)
	data := migrateData{Version: 1, Compared: m.comparison, SLOs: []migrated{}, Findings: app.List(m.findings)}
	v := report.View{Title: "Migration", Findings: m.findings, Lead: m.lead(written)}
	if m.comparison != nil {
		v.Tables = append(v.Tables, m.comparison.differences(), m.comparison.counts())
	}
	if written {
		files := map[string]string{}
		for _, family := range m.families {
			for _, d := range family {
				files[d.SLO.ID] = m.rulesFile(family)
			}
		}
		t := report.Table{Title: "Files", Columns: []report.Column{{Name: "slo"}, {Name: "was", Rank: 1}, {Name: "spec"}, {Name: "rules"}}}
		for _, one := range m.moved {
			s := migrated{Name: one.now.ID, Was: one.old.ID}
			if m.flags.out != "" {
				s.Spec, s.Rules = m.specFile(one.now), files[one.now.ID]
			}
			data.SLOs = append(data.SLOs, s)
			t.Rows = append(t.Rows, report.Row{Cells: []string{s.Name, s.Was, s.Spec, s.Rules}})
		}
		if m.flags.out != "" {
			v.Tables = append(v.Tables, t)
		}
	}
	v.Data = data
	return v
}

// lead says what was done, and whether anything was compared.
func (m *migration) lead(written bool) []string {
	if !written {
		return []string{"Nothing was written: fix these first."}
	}
	lead := []string{app.Count(len(m.moved), "SLO", "SLOs") + " in " + m.flags.out + "."}
	if m.flags.out == "" {
		lead = []string{app.Count(len(m.moved), "SLO", "SLOs") + " can be moved. Nothing was written: --out names a folder for specs and rules."}
	}
	c := m.comparison
	if c == nil {
		return append(lead, "Nothing was compared: --prometheus, --tsdb or --openmetrics with --since replays the old rules and the new ones over a history.")
	}
	same, differ := 0, 0
	for _, n := range c.Alerts {
		same, differ = same+n.Same, differ+n.Differ
	}
	old := "those that " + string(m.from) + " makes of the specs by default; --old takes those that run"
	if c.OldRules == "read" {
		old = "read from files"
	}
	return append(lead, fmt.Sprintf("From %s to %s: %s of alerts the same, %s. The old rules are %s.", c.From.Format(time.DateOnly),
		c.To.Format(time.DateOnly),
		app.Count(same, "episode", "episodes"), app.Count(differ, "differs", "differ"), old))
}

// counts has a row for each severity of each SLO.
func (c *comparison) counts() report.Table {
	right := func(name string) report.Column { return report.Column{Name: name, Right: true} }
	t := report.Table{Title: "Alerts", Columns: []report.Column{{Name: "slo"}, {Name: "severity"}, right("old"), right("new"),
		right("same"), right("differ")}}
	for _, n := range c.Alerts {
		t.Rows = append(t.Rows, report.Row{Cells: []string{n.SLO, n.Severity, strconv.Itoa(n.Old), strconv.Itoa(n.New), strconv.Itoa(n.Same),
			strconv.Itoa(n.Differ)}})
	}
	return t
}

// differences has a row for each stretch of time in which both sets did not do the same.
func (c *comparison) differences() report.Table {
	t := report.Table{Title: "Episodes that differ", Columns: []report.Column{{Name: "slo"}, {Name: "group", Rank: 2},
		{Name: "severity"}, {Name: "old"},
		{Name: "for", Right: true}, {Name: "new"}, {Name: "for", Right: true}, {Name: "difference"}}}
	for _, d := range c.Differences {
		row := report.Row{Tone: report.Warn, Cells: []string{d.SLO, app.GroupName(d.Labels), d.Severity}}
		if d.Severity == "page" && len(d.New) == 0 {
			row.Tone = report.Bad
		}
		row.Cells = append(append(row.Cells, stretch(d.Old)...), append(stretch(d.New), d.Words())...)
		t.Rows = append(t.Rows, row)
	}
	return t
}

// stretch is when episodes began, and how long it took until the last of them ended.
func stretch(all []backtest.Episode) []string {
	if len(all) == 0 {
		return []string{"-", "-"}
	}
	first, last := all[0], all[len(all)-1]
	return []string{first.Start.UTC().Format(app.MinuteFormat), app.Lasting(last.End.Sub(first.Start))}
}
