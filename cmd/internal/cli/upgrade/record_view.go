package upgrade

import (
	"fmt"
	"strconv"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/slo"
	"treadmill/upgrade"
	"treadmill/upgrade/history"
)

// recordView shows a campaign that was booked, or why it was not.
type recordView struct {
	campaign history.Campaign
	file     history.File
	stated   upgrade.Share // the reserve by the fleet's policy
	findings []diag.Finding
	written  bool
}

// bookedSpending is what the campaign spent of one budget.
type bookedSpending struct {
	SLO     string          `json:"slo"`
	Spent   float64         `json:"budgetSpent"`
	Reserve history.Reserve `json:"reserve"` // of the next hop in the environment
}

func (v recordView) view() report.View {
	c := v.campaign
	t := report.Table{Columns: []report.Column{{Name: "slo"}, {Name: "budget spent", Right: true}, {Name: "hops", Right: true}, {Name: "next hop needs", Right: true}, {Name: "from"}}}
	spent := []bookedSpending{}
	for _, name := range c.SLOs() {
		one := bookedSpending{name, float64(c.Spent[name]), v.file.Reserve(name, c.Environment, v.stated)}
		spent = append(spent, one)
		t.Rows = append(t.Rows, report.Row{Cells: []string{name, upgrade.Share(one.Spent).String(), strconv.Itoa(c.Hops()), one.Reserve.Share.String(), one.Reserve.Basis}})
	}
	state := "is not written"
	if v.written {
		state = "is campaign " + strconv.Itoa(len(v.file.Campaigns)) + " of " + v.file.Name
	}
	lead := fmt.Sprintf("%s from %s to %s, %s for %s, %s: %s.", c.Cluster.V, c.From.V, c.To.V, c.Start.V.Format("2006-01-02 15:04"),
		slo.Window(c.End.V.Sub(c.Start.V.Time)), c.Source, state)
	return report.View{Title: "Upgrade record", Lead: []string{lead}, Tables: []report.Table{t}, Findings: v.findings,
		Data: map[string]any{"version": 1, "cluster": c.Cluster.V, "group": c.Group, "environment": c.Environment, "from": c.From.V, "to": c.To.V,
			"start": c.Start.V.Format(time.RFC3339), "end": c.End.V.Format(time.RFC3339), "source": c.Source, "written": v.written,
			"spent": spent, "findings": app.List(v.findings)}}
}
