package upgrade

import (
	"cmp"
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
	stated   func(slo string) upgrade.Share // the reserve by the policy
	foreign  []leftOut
	findings []diag.Finding
	written  bool
	settled  int // the number of the campaign in the file that it takes the place of, 0 for none
}

// bookedSpending is what the campaign spent of one budget.
type bookedSpending struct {
	SLO     string          `json:"slo"`
	Spent   float64         `json:"budgetSpent"`
	Reserve history.Reserve `json:"reserve"` // of the next hop in the environment
}

// recordData is the machine shape of `upgrade record`.
type recordData struct {
	Cluster     string           `json:"cluster"`
	End         string           `json:"end"` // RFC 3339
	Environment string           `json:"environment"`
	Findings    []diag.Finding   `json:"findings"`
	From        upgrade.Minor    `json:"from"`
	Group       string           `json:"group"`
	LeftOut     []leftOut        `json:"leftOut"` // times in which clusters that were not upgraded burnt too
	Source      string           `json:"source"`
	Spent       []bookedSpending `json:"spent"`
	Start       string           `json:"start"` // RFC 3339
	To          upgrade.Minor    `json:"to"`
	Version     int              `json:"version"`
	Written     bool             `json:"written"`
}

func (v recordView) view() report.View {
	c := v.campaign
	t := report.Table{
		Columns: []report.Column{
			{Name: "slo"},
			{Name: "budget spent", Right: true},
			{Name: "hops", Right: true},
			{Name: "next hop needs", Right: true},
			{Name: "from"},
		},
	}
	spent := []bookedSpending{}
	for _, name := range c.SLOs() {
		one := bookedSpending{name, float64(c.Spent[name]), v.file.Reserve(name, c.Environment, v.stated(name), budgetOf(c, name))}
		spent = append(spent, one)
		t.Rows = append(
			t.Rows,
			report.Row{
				Cells: []string{name, upgrade.Share(one.Spent).String(), strconv.Itoa(c.Hops()), one.Reserve.Share.String(), one.Reserve.Basis},
			},
		)
	}
	state := "is not written"
	if v.written {
		state = "is campaign " + strconv.Itoa(cmp.Or(v.settled, len(v.file.Campaigns))) + " of " + v.file.Name
	}
	lead := fmt.Sprintf("%s from %s to %s, %s for %s, %s: %s.", c.Cluster.V, c.From.V, c.To.V, c.Start.V.Format("2006-01-02 15:04"),
		slo.Window(c.End.V.Sub(c.Start.V.Time)), c.Source, state)
	return report.View{Title: "Upgrade record", Lead: []string{lead}, Tables: []report.Table{t}, Findings: v.findings,
		Notes: v.notes(),
		Data: recordData{Version: 1, Cluster: c.Cluster.V, Group: c.Group, Environment: c.Environment, From: c.From.V, To: c.To.V,
			Start: c.Start.V.Format(time.RFC3339), End: c.End.V.Format(time.RFC3339), Source: c.Source, Written: v.written,
			LeftOut: app.List(v.foreign), Spent: spent, Findings: app.List(v.findings)}}
}

// notes say what is not booked.
func (v recordView) notes() []string {
	var out []string
	for _, l := range v.foreign {
		out = append(out, fmt.Sprintf("%s: what was lost from %s to %s is not counted, as it burnt where nothing was upgraded too.", l.SLO,
			l.From.UTC().Format("2006-01-02 15:04"), l.To.UTC().Format("15:04 MST")))
	}
	return out
}

// budgetOf is the budget that a campaign was measured by.
func budgetOf(c history.Campaign, slo string) history.Budget {
	m := c.Measured[slo]
	return history.Budget{Objective: float64(m.Objective), Period: time.Duration(m.Period)}
}
