package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules/prove"
)

// proof is what came of playing scenarios to rules, and to others for comparison.
type proof struct {
	routing            prove.Routing
	rules              string // the name of the rules, where findings on shipped scenarios have their place
	outcomes, baseline []prove.Outcome
	findings           []diag.Finding
	told               bool // what is wrong with the scenarios themselves is among the findings
	sizes              int  // of worlds that were played
	compared           bool // with a baseline
}

// proofData is the machine shape of a proof.
type proofData struct {
	Version       int            `json:"version"`
	Scenarios     []proved       `json:"scenarios"`
	Score         prove.Score    `json:"score"`
	BaselineScore *prove.Score   `json:"baselineScore,omitempty"`
	Findings      []diag.Finding `json:"findings"`
}

// proved is the machine shape of one scenario.
type proved struct {
	Name     string            `json:"name"`
	Says     string            `json:"says"`
	Expect   prove.Expectation `json:"expect"`
	Within   string            `json:"within,omitempty"`
	Nodes    int               `json:"nodes"` // of the cluster that it was played in
	Source   string            `json:"source,omitempty"`
	Outcome  prove.Outcome     `json:"outcome"`
	Baseline *prove.Outcome    `json:"baseline"`
}

func (p *proof) view() report.View {
	tones := map[prove.Verdict]report.Tone{prove.Good: report.Good, prove.Late: report.Warn}
	t := report.Table{
		Worst:   true,
		Columns: []report.Column{{Name: "scenario"}, {Name: "must"}, {Name: "verdict"}, {Name: "first told"}, {Name: "of what"}},
	}
	if p.sizes > 1 {
		t.Columns = slices.Insert(t.Columns, 1, report.Column{Name: "nodes", Right: true})
	}
	if p.routing.Routes != nil {
		t.Columns = append(t.Columns, report.Column{Name: "who is told"})
	}
	if p.compared {
		t.Columns = append(t.Columns, report.Column{Name: "baseline"}, report.Column{Name: "baseline first told"})
	}
	t.Columns = append(t.Columns, report.Column{Name: "what happens"}, report.Column{Name: "source", Wide: true})
	data := proofData{Version: 1, Scenarios: []proved{}, Score: prove.Count(p.outcomes)}
	for i, o := range p.outcomes {
		s := o.Scenario
		one := proved{Name: s.Name, Says: s.Says, Expect: s.Expect, Source: s.Source, Nodes: s.Nodes, Outcome: o}
		must := string(s.Expect)
		if s.Expect == prove.WantPage || s.Expect == prove.WantTicket {
			one.Within = s.Within.String()
			must += " within " + one.Within
		}
		row := report.Row{Tone: cmp.Or(tones[o.Verdict], report.Bad), Cells: []string{s.Name, must, string(o.Verdict), told(o), about(o)}}
		if p.sizes > 1 {
			row.Cells = slices.Insert(row.Cells, 1, strconv.Itoa(s.Nodes))
		}
		if p.routing.Routes != nil {
			row.Cells = append(row.Cells, receivers(o))
		}
		if p.compared {
			one.Baseline = &p.baseline[i]
			row.Cells = append(row.Cells, string(p.baseline[i].Verdict), told(p.baseline[i]))
		}
		row.Cells = append(row.Cells, s.Says, s.Source)
		t.Rows, data.Scenarios = append(t.Rows, row), append(data.Scenarios, one)
		p.find(o)
	}
	view := report.View{Title: "Scenarios played on the rules", Lead: []string{scoreLine("", data.Score)}, Figures: scoreFigures(data.Score), Tables: []report.Table{t}, Findings: p.findings,
		Notes: []string{"Scenarios show what rules do in the cases that somebody wrote down, and in no others."}}
	if p.compared {
		old := prove.Count(p.baseline)
		view.Lead, data.BaselineScore = append(view.Lead, scoreLine("baseline: ", old)), &old
	}
	data.Findings = app.List(p.findings)
	view.Data = data
	return view
}

// scoreFigures are how many went well, of each sort that was played.
func scoreFigures(s prove.Score) []report.Figure {
	var out []report.Figure
	for _, p := range []struct {
		prove.Tally
		name string
	}{{s.Page, "pages in time"}, {s.Ticket, "tickets in time"}, {s.Quiet, "wake nobody"}, {s.Silent, "tell nobody"}} {
		tone := report.Good
		if p.Good < p.Of {
			tone = report.Bad
		}
		if p.Of > 0 {
			out = append(out, report.Figure{Name: p.name, Value: fmt.Sprintf("%d of %d", p.Good, p.Of), Tone: tone})
		}
	}
	return out
}

func scoreLine(who string, s prove.Score) string {
	var parts []string
	for _, p := range []struct {
		prove.Tally
		words string
	}{{s.Page, "failures page in time"}, {s.Ticket, "matters for the day make a ticket and wake nobody"},
		{s.Quiet, "harmless events wake nobody"},
		{s.Silent, "events that are nobody's work tell nobody"}} {
		if p.Of > 0 {
			parts = append(parts, fmt.Sprintf("%d of %d %s", p.Good, p.Of, p.words))
		}
	}
	return who + strings.Join(parts, ", ")
}

// told says who was told first, in the way that the scenario asks for.
func told(o prove.Outcome) string {
	if len(o.Problems) > 0 {
		return o.Problems[0]
	}
	t := o.Tells()
	if t == nil || !t.Page && o.Scenario.Expect == prove.WantQuiet {
		return "nobody" + unheard(o)
	}
	out := t.Alert + " (" + t.Severity + ")"
	switch {
	case t.After < 0:
		return out + " before it began"
	case t.Control:
		return out + " after " + t.After.String() + ", as when nothing happens"
	}
	return out + " after " + t.After.String()
}

// unheard names an alert that fired and reached nobody.
func unheard(o prove.Outcome) string {
	if len(o.Unheard) == 0 {
		return ""
	}
	return ": " + o.Unheard[0].Alert + " fires and is routed to nobody or muted"
}

// about says which SLO and which object was told of.
func about(o prove.Outcome) string {
	t := o.Tells()
	if t == nil || !t.Page && o.Scenario.Expect == prove.WantQuiet || len(o.Problems) > 0 {
		return ""
	}
	var parts []string
	if t.SLO != "" {
		parts = append(parts, "SLO "+t.SLO)
	}
	if t.Object != "" {
		parts = append(parts, t.Object)
	}
	return strings.Join(parts, ": ")
}

func receivers(o prove.Outcome) string {
	if t := o.Tells(); t != nil && len(o.Problems) == 0 {
		return strings.Join(t.Receivers, ", ")
	}
	return ""
}

// find makes findings of verdicts: what is not as it must be has the place of its scenario, and that of the rules where the scenario is
// Treadmill's own.
func (p *proof) find(o prove.Outcome) {
	s := o.Scenario
	f := diag.Finding{Severity: diag.Error, Position: s.Pos}
	if s.Shipped {
		f.Position = diag.Position{File: p.rules}
	}
	switch o.Verdict {
	case prove.Missed:
		f.ID, f.Message = "prove/missed", fmt.Sprintf("%s: nobody is told although %s; want a %s within %s", s.Name, s.Says, s.Expect, s.Within)
	case prove.Late:
		f.ID, f.Message = "prove/late", fmt.Sprintf("%s: %s; want a %s within %s", s.Name, told(o), s.Expect, s.Within)
	case prove.FalsePage:
		f.ID, f.Message = "prove/false-page", fmt.Sprintf("%s: %s, although all that happens is that %s", s.Name, told(o), s.Says)
	case prove.FalseTicket:
		f.ID, f.Message = "prove/false-ticket", fmt.Sprintf("%s: %s, although there is nothing to do: %s", s.Name, told(o), s.Says)
	case prove.Broken:
		f.ID, f.Message = "prove/broken", fmt.Sprintf("%s proves nothing: %s", s.Name, o.Problems[0])
	default:
		return
	}
	if p.sizes > 1 {
		f.Message += fmt.Sprintf(" (%d nodes)", s.Nodes)
	}
	p.findings = append(p.findings, f)
}
