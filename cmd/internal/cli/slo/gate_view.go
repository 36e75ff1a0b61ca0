package slo

import (
	"fmt"
	"strconv"
	"strings"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/slo"
	"treadmill/slo/review"
)

// gateData is the machine shape of `slo gate`.
type gateData struct {
	Findings []diag.Finding `json:"findings"`
	SLOs     []input.Gated  `json:"slos"`
	State    review.State   `json:"state"`
	Version  int            `json:"version"`
}

func gateView(gates []input.Gated, findings []diag.Finding) report.View {
	t := report.Table{Columns: []report.Column{{Name: "gate"}, {Name: "slo"}, {Name: "group"}, {Name: "objective", Right: true, Rank: 1},
		{Name: "attained", Right: true, Rank: 2}, {Name: "budget left", Right: true}, {Name: "needed", Right: true},
		{Name: "burn", Right: true}, {Name: "data", Right: true, Rank: 1}}}
	tones := map[review.State]report.Tone{review.Open: report.Good, review.Closed: report.Bad, review.Unknown: report.Warn}
	state := review.Open
	for _, g := range gates {
		if g.State == review.Unknown || g.State == review.Closed && state == review.Open {
			state = g.State
		}
		if len(g.Groups) == 0 {
			t.Rows = append(t.Rows, report.Row{Tone: report.Warn,
				Cells: []string{string(g.State), g.Name, "", objectiveCell(g.Objective), "", "", "", "", "none"}})
		}
		for _, v := range g.Groups {
			t.Rows = append(t.Rows, report.Row{Tone: tones[v.State], Cells: []string{string(v.State), g.Name, app.GroupName(v.Labels),
				objectiveCell(g.Objective), review.Attained(v.Attainment), review.Percent(v.Left), review.Percent(v.Needed),
				fmt.Sprintf("%.2f", v.Burn), review.Percent(v.Coverage)}})
		}
	}
	if diag.Any(findings, diag.Error) && state == review.Open {
		state = review.Closed
		if app.Unread(findings) > 0 {
			state = review.Unknown
		}
	}
	lead := map[review.State]string{
		review.Open:    "The gate is open.",
		review.Closed:  "The gate is closed.",
		review.Unknown: "Whether the gate is open is not known, so it is closed.",
	}
	if state == review.Unknown && !diag.Any(findings, diag.Error) {
		state, lead[review.Open] = review.Open, "The gate is open, though not all is known."
	}
	return report.View{Unseen: input.GateUnseen, Lead: []string{lead[state]}, Tables: []report.Table{t}, Findings: findings,
		Data: gateData{Version: 1, State: state, SLOs: app.List(gates), Findings: app.List(findings)}}
}

// objectiveCell writes an objective in percent; that of a composite may have no end and is cut.
func objectiveCell(percent slo.Number) string {
	s := percent.String()
	if _, digits, _ := strings.Cut(s, "."); len(digits) > 6 {
		s = strconv.FormatFloat(percent.Float(), 'f', 4, 64)
	}
	return s + "%"
}
