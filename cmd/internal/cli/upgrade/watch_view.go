package upgrade

import (
	"fmt"
	"strconv"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/slo/review"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/watch"
)

// watchData is the machine shape of `upgrade watch`.
type watchData struct {
	Version  int            `json:"version"`
	Now      time.Time      `json:"now"`
	Cluster  string         `json:"cluster"`
	Start    time.Time      `json:"start"`
	End      time.Time      `json:"end,omitzero"`
	Verdict  watch.State    `json:"verdict"`
	Reasons  []string       `json:"reasons"`
	Settled  time.Time      `json:"settled,omitzero"`
	Signals  []watch.Signal `json:"signals"`
	Alerts   []watch.Alert  `json:"alerts"`
	Findings []diag.Finding `json:"findings"`
}

// watchView shows how a hop goes.
type watchView struct {
	cluster  fleet.Cluster
	in       watch.Input
	verdict  watch.Verdict
	findings []diag.Finding
	holds    bool // hold is a warning
}

func (v watchView) view() report.View {
	quiet := len(v.findings) == 0
	v.judged()
	signals := report.Table{
		Title: "Signals",
		Columns: []report.Column{{Name: "verdict"}, {Name: "signal"}, {Name: "before", Right: true}, {Name: "burn", Right: true},
			{Name: "spent", Right: true}, {Name: "why"}},
	}
	for _, s := range v.verdict.Signals {
		signals.Rows = append(
			signals.Rows,
			report.Row{
				Tone:  watchTones()[s.State],
				Cells: []string{string(s.State), s.Name, burnText(s.Usual), burnText(s.Burn), review.Percent(s.Spent), s.Reason},
			},
		)
	}
	alerts := report.Table{
		Title:   "Alerts that fire",
		Columns: []report.Column{{Name: "alert"}, {Name: "severity"}, {Name: "before the hop"}, {Name: "elsewhere", Right: true}},
	}
	for _, alert := range v.verdict.Alerts {
		before := "no"
		if alert.Before {
			before = "yes"
		}
		alerts.Rows = append(alerts.Rows, report.Row{Cells: []string{alert.Name, alert.Severity, before, strconv.Itoa(alert.Peers)}})
	}
	tables := []report.Table{signals}
	if len(alerts.Rows) > 0 {
		tables = append(tables, alerts)
	}
	data := watchData{
		Version:  1,
		Now:      v.in.Now,
		Cluster:  v.cluster.Name.V,
		Start:    v.in.Start,
		End:      v.in.End,
		Verdict:  v.verdict.State,
		Reasons:  app.List(v.verdict.Reasons),
		Settled:  v.verdict.Settled,
		Signals:  app.List(v.verdict.Signals),
		Alerts:   app.List(v.verdict.Alerts),
		Findings: app.List(v.findings),
	}
	return report.View{
		Title:    "Hop of " + v.cluster.Name.V,
		Lead:     []string{fmt.Sprintf("%s: %s. %s.", v.cluster.Name.V, v.verdict.State, v.verdict.Reason())},
		Tables:   tables,
		Findings: v.findings,
		Tabled:   quiet,
		Data:     data,
		Unseen:   "how the hop goes is not known, which is no reason to go on",
	}
}

// judged adds the verdict to the findings.
func (v *watchView) judged() {
	f := diag.Finding{
		ID:       "watch/hold",
		Severity: diag.Error,
		Position: v.cluster.Name.Pos,
		Message:  v.cluster.Name.V + ": " + v.verdict.Reason(),
	}
	switch v.verdict.State {
	case watch.GoOn:
		return
	case watch.Unknown:
		f.ID = diag.Unread
	case watch.RollBack:
		f.ID = "watch/roll-back"
	case watch.Hold:
		if v.holds {
			f.Severity = diag.Warning
		}
	}
	v.findings = append(v.findings, f)
}

func watchTones() map[watch.State]report.Tone {
	return map[watch.State]report.Tone{
		watch.GoOn:     report.Good,
		watch.Hold:     report.Warn,
		watch.Unknown:  report.Warn,
		watch.RollBack: report.Bad,
	}
}

func burnText(burn float64) string { return strconv.FormatFloat(burn, 'f', 1, 64) + "x" }
