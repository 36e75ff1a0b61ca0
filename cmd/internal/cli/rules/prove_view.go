package rules

import (
	"cmp"
	"fmt"
	"strings"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules/prove"
)

// proof is what came of playing scenarios to rules, and to others for comparison.
type proof struct {
	routing            prove.Routing
	outcomes, baseline []prove.Outcome
	findings           []diag.Finding
}

// proved is the machine shape of one scenario.
type proved struct {
	Name     string            `json:"name"`
	Says     string            `json:"says"`
	Expect   prove.Expectation `json:"expect"`
	Within   string            `json:"within,omitempty"`
	Outcome  prove.Outcome     `json:"outcome"`
	Baseline *prove.Outcome    `json:"baseline"`
}

// proofData is the machine shape of `rules prove`.
type proofData struct {
	BaselineScore *prove.Score   `json:"baselineScore,omitempty"`
	Findings      []diag.Finding `json:"findings"`
	Scenarios     []proved       `json:"scenarios"`
	Score         prove.Score    `json:"score"`
	Version       int            `json:"version"`
}

func (p *proof) view() report.View {
	tones := map[prove.Verdict]report.Tone{prove.Good: report.Good, prove.Late: report.Warn}
	t := report.Table{Columns: []report.Column{{Name: "scenario"}, {Name: "must"}, {Name: "verdict"}, {Name: "first told"}}}
	if p.baseline != nil {
		t.Columns = append(t.Columns, report.Column{Name: "baseline"}, report.Column{Name: "baseline first told"})
	}
	t.Columns = append(t.Columns, report.Column{Name: "what happens"})
	list := []proved{}
	for i, o := range p.outcomes {
		s := o.Scenario
		one := proved{Name: s.Name, Says: s.Says, Expect: s.Expect, Outcome: o}
		must := string(s.Expect)
		if s.Expect != prove.WantQuiet {
			one.Within = s.Within.String()
			must += " within " + one.Within
		}
		row := report.Row{Tone: cmp.Or(tones[o.Verdict], report.Bad), Cells: []string{s.Name, must, string(o.Verdict), told(o)}}
		if p.baseline != nil {
			one.Baseline = &p.baseline[i]
			row.Cells = append(row.Cells, string(p.baseline[i].Verdict), told(p.baseline[i]))
		}
		row.Cells = append(row.Cells, s.Says)
		t.Rows, list = append(t.Rows, row), append(list, one)
		p.find(o)
	}
	score := prove.Count(p.outcomes)
	view := report.View{Lead: []string{scoreLine("", score)}, Tables: []report.Table{t}, Findings: p.findings}
	data := proofData{Version: 1, Scenarios: list, Score: score, Findings: app.List(p.findings)}
	if p.baseline != nil {
		old := prove.Count(p.baseline)
		view.Lead, data.BaselineScore = append(view.Lead, scoreLine("baseline: ", old)), &old
	}
	view.Data = data
	view.Notes = []string{"Scenarios show what rules do in the cases that somebody wrote down, and in no others."}
	return view
}

func scoreLine(who string, s prove.Score) string {
	var parts []string
	for _, p := range []struct {
		prove.Tally
		words string
	}{{s.Page, "failures page in time"}, {s.Ticket, "matters for the day make a ticket and wake nobody"}, {s.Quiet, "harmless events wake nobody"}} {
		if p.Of > 0 {
			parts = append(parts, fmt.Sprintf("%d of %d %s", p.Good, p.Of, p.words))
		}
	}
	return who + strings.Join(parts, ", ")
}

// told says who was told first, in the way that the scenario asks for.
func told(o prove.Outcome) string {
	page := o.FirstPage()
	for _, t := range o.Told {
		if page != nil && t.Page || page == nil && o.Scenario.Expect != prove.WantQuiet && t.After >= 0 {
			if t.After < 0 {
				return t.Alert + " (" + t.Severity + ") before it began"
			}
			return t.Alert + " (" + t.Severity + ") after " + t.After.String()
		}
	}
	if len(o.Problems) > 0 {
		return o.Problems[0]
	}
	return "nobody"
}

// find makes findings of verdicts: what is not as it must be has the place of its scenario.
func (p *proof) find(o prove.Outcome) {
	s := o.Scenario
	f := diag.Finding{Severity: diag.Error, Position: s.Pos}
	switch o.Verdict {
	case prove.Missed:
		f.ID, f.Message = "prove/missed", fmt.Sprintf("%s: nobody is told although %s; want a %s within %s", s.Name, s.Says, s.Expect, s.Within)
	case prove.Late:
		f.ID, f.Message = "prove/late", fmt.Sprintf("%s: %s; want a %s within %s", s.Name, told(o), s.Expect, s.Within)
	case prove.FalsePage:
		f.ID, f.Message = "prove/false-page", fmt.Sprintf("%s: %s, although all that happens is that %s", s.Name, told(o), s.Says)
	case prove.Broken:
		f.ID, f.Message = "prove/broken", fmt.Sprintf("%s proves nothing: %s", s.Name, o.Problems[0])
	default:
		return
	}
	p.findings = append(p.findings, f)
}
