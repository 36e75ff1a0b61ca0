package upgrade

import (
	"fmt"
	"strings"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
)

// flightCheck is one check of one cluster, as machines see it.
type flightCheck struct {
	Name     string `json:"name"`
	Errors   int    `json:"errors"`
	Warnings int    `json:"warnings"`
	Infos    int    `json:"infos"`
}

// flightJSON is one cluster, as machines see it. From and To are "" when the cluster did not answer.
type flightJSON struct {
	Context string        `json:"context"`
	From    string        `json:"from"`
	To      string        `json:"to"`
	Objects int           `json:"objects"`
	Queries int           `json:"queries"`
	Ready   bool          `json:"ready"`
	Checks  []flightCheck `json:"checks"`
}

// preflightData is the machine shape of `upgrade preflight`.
type preflightData struct {
	Clusters []flightJSON   `json:"clusters"`
	Findings []diag.Finding `json:"findings"`
	Version  int            `json:"version"`
}

// checks says which checks there are, in order, and which findings are theirs by the beginnings of their IDs.
func flightChecks() (names []string, ids [][]string) {
	return []string{
			"the way",
			"APIs in use",
			"nodes",
			"drains",
			"webhooks",
			"feature gates",
			"flags",
			"add-ons",
			"rules and dashboards",
			"what was seen",
		},
		[][]string{
			{"preflight/hops"},
			{"api/", "crd/", "field/", "reference/"},
			{"preflight/skew", "preflight/node"},
			{"preflight/drain"},
			{"preflight/webhook"},
			{"preflight/gate"},
			{"preflight/flag"},
			{"preflight/addon"},
			{"rules/"},
			{"input/"},
		}
}

func preflightView(flights []flight, facts []diag.Finding) report.View {
	view := report.View{Title: "Preflight", Findings: facts}
	t := report.Table{Columns: []report.Column{{Name: "context"}, {Name: "hop"}, {Name: "check"}, {Name: "result"}}}
	var data []flightJSON
	for _, f := range flights {
		j := flightJSON{Context: f.context, From: f.from.String(), To: f.to.String(), Objects: f.objects, Queries: f.queries, Ready: true}
		names, ids := flightChecks()
		for i, name := range names {
			c := flightCheck{Name: name}
			for _, finding := range f.findings {
				if startsWithAny(finding.ID, ids[i]) {
					c.count(finding.Severity)
				}
			}
			j.Ready = j.Ready && c.Errors == 0
			j.Checks = append(j.Checks, c)
			t.Rows = append(t.Rows, report.Row{Tone: c.tone(), Cells: []string{f.context, f.hop(), name, c.words()}})
		}
		data = append(data, j)
		view.Lead = append(view.Lead, f.lead(j))
		view.Findings = append(view.Findings, f.findings...)
	}
	view.Tables, view.Figures = []report.Table{t}, flightFigures(data)
	view.Data = preflightData{Version: 1, Clusters: app.List(data), Findings: app.List(view.Findings)}
	return view
}

func flightFigures(all []flightJSON) []report.Figure {
	ready, problems, warnings := 0, 0, 0
	for _, f := range all {
		if f.Ready {
			ready++
		}
		for _, c := range f.Checks {
			problems, warnings = problems+c.Errors, warnings+c.Warnings
		}
	}
	return []report.Figure{report.Counted("clusters checked", len(all), report.Plain), report.Counted("ready for the hop", ready, report.Plain),
		report.Counted("not ready", len(all)-ready, report.Bad), report.Counted("errors", problems, report.Bad),
		report.Counted("warnings", warnings, report.Warn)}
}

func startsWithAny(id string, starts []string) bool {
	for _, s := range starts {
		if strings.HasPrefix(id, s) {
			return true
		}
	}
	return false
}

func (c *flightCheck) count(s diag.Severity) {
	switch s {
	case diag.Error:
		c.Errors++
	case diag.Warning:
		c.Warnings++
	default:
		c.Infos++
	}
}

func (c flightCheck) tone() report.Tone {
	switch {
	case c.Errors > 0:
		return report.Bad
	case c.Warnings > 0:
		return report.Warn
	case c.Infos > 0:
		return report.Muted
	}
	return report.Good
}

// words is "ok", or "2 block, 1 to mind, 3 to know".
func (c flightCheck) words() string {
	var parts []string
	for _, p := range []struct {
		n     int
		words string
	}{{c.Errors, "block"}, {c.Warnings, "to mind"}, {c.Infos, "to know"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.words))
		}
	}
	if len(parts) == 0 {
		return "ok"
	}
	return strings.Join(parts, ", ")
}

func (f flight) hop() string {
	if f.from.IsZero() {
		return ""
	}
	return f.from.String() + " → " + f.to.String()
}

func (f flight) lead(j flightJSON) string {
	if f.from.IsZero() {
		return f.context + ": did not answer"
	}
	all := flightCheck{}
	for _, c := range j.Checks {
		all.Errors, all.Warnings, all.Infos = all.Errors+c.Errors, all.Warnings+c.Warnings, all.Infos+c.Infos
	}
	words := all.words()
	if words == "ok" {
		words = "nothing in the way"
	}
	return fmt.Sprintf(
		"%s, %s: %s (%s and %s looked at)",
		f.context,
		f.hop(),
		words,
		app.Count(f.objects, "object", "objects"),
		app.Count(f.queries, "query", "queries"),
	)
}
