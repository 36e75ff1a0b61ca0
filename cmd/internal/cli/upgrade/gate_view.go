package upgrade

import (
	"fmt"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/gate"
)

// gateData is the machine shape of `upgrade gate`.
type gateData struct {
	Budgets  []guardedBudget `json:"budgets"`
	Checks   []gate.Check    `json:"checks"`
	Cluster  string          `json:"cluster"`
	Findings []diag.Finding  `json:"findings"`
	From     upgrade.Minor   `json:"from"`
	Now      time.Time       `json:"now"`
	Opens    time.Time       `json:"opens,omitzero"` // of a closed gate that waiting opens
	State    gate.State      `json:"state"`
	To       upgrade.Minor   `json:"to"`
	Version  int             `json:"version"`
}

// hopView shows whether a hop may start.
type hopView struct {
	cluster  fleet.Cluster
	verdict  gate.Verdict
	budgets  []guardedBudget
	findings []diag.Finding // about the files; those of the verdict are added
	now      time.Time
	open     bool // what is not known does not close the gate
	broken   bool // the fleet's policy has problems
}

// judged adds the findings of the verdict and gives the state that all of them together make.
func (v *hopView) judged() gate.State {
	state := gate.Open
	for _, c := range v.verdict.Checks {
		f := diag.Finding{
			ID:       "gate/closed",
			Severity: diag.Error,
			Position: v.cluster.Name.Pos,
			Message:  v.cluster.Name.V + ": " + c.Name + ": " + c.Reason,
		}
		if c.State == gate.Unknown {
			f.ID = diag.Unread
			if v.open {
				f.Severity = diag.Warning
			}
		}
		if c.State == gate.Open {
			continue
		}
		v.findings = append(v.findings, f)
		if f.Severity == diag.Error && (c.State == gate.Unknown || state == gate.Open) {
			state = c.State
		}
	}
	if state == gate.Open && diag.Any(v.findings, diag.Error) {
		state = gate.Closed
		if app.Unread(v.findings) > 0 {
			state = gate.Unknown
		}
	}
	return state
}

func (v hopView) view() report.View {
	tabled := len(v.findings) == 0 // the table has all that is to be said
	state := v.judged()
	t := report.Table{Columns: []report.Column{{Name: "gate"}, {Name: "rule"}, {Name: "why"}, {Name: "opens"}}}
	tones := map[gate.State]report.Tone{gate.Open: report.Good, gate.Closed: report.Bad, gate.Unknown: report.Warn}
	for _, c := range v.verdict.Checks {
		opens := ""
		if !c.Opens.IsZero() {
			opens = c.Opens.Format("2006-01-02 15:04 MST")
		}
		t.Rows = append(t.Rows, report.Row{Tone: tones[c.State], Cells: []string{string(c.State), c.Name, c.Reason, opens}})
	}
	data := gateData{Version: 1, Now: v.now, Cluster: v.cluster.Name.V, From: v.verdict.From, To: v.verdict.To, State: state,
		Checks: v.verdict.Checks, Budgets: app.List(v.budgets), Findings: app.List(v.findings)}
	if state != gate.Open && !v.verdict.Opens.IsZero() {
		data.Opens = v.verdict.Opens
	}
	return report.View{
		Title:    "Upgrade gate",
		Lead:     []string{v.lead(state)},
		Tables:   []report.Table{t},
		Findings: v.findings,
		Tabled:   tabled,
		Data:     data,
		Unseen:   input.GateUnseen,
	}
}

func (v hopView) lead(state gate.State) string {
	hop := fmt.Sprintf("%s from %s to %s: ", v.cluster.Name.V, v.verdict.From, v.verdict.To)
	if v.verdict.From == v.verdict.To {
		hop = fmt.Sprintf("%s, nodes to %s: ", v.cluster.Name.V, v.verdict.To)
	}
	switch {
	case v.broken:
		return hop + "the fleet file, or the error-budget policy, has problems, so that the gate is closed."
	case state == gate.Unknown:
		return hop + "whether the gate is open is not known, so it is closed."
	case state == gate.Open && v.verdict.State != gate.Open:
		return hop + "the gate is open, though not all is known."
	case state == gate.Open:
		return hop + "the gate is open."
	case v.verdict.Opens.After(v.now):
		return hop + fmt.Sprintf("the gate is closed. By what is known now it opens %s.", v.verdict.Opens.Format("Mon 2006-01-02 15:04 MST"))
	}
	return hop + "the gate is closed, and waiting alone does not open it."
}
