package plan

import (
	"fmt"
	"strconv"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
	"treadmill/upgrade/fleet"
)

// habit says in a sentence what the fleet costs without a plan.
func (v planView) habit() string {
	h, total := v.plan.JustInTime, v.plan.Cost.Total
	if len(v.plan.Campaigns) == 0 || h.Hops == 0 || h.Cost.Total == 0 || len(v.plan.Campaigns) == h.Campaigns && total >= h.Cost.Total {
		return "" // nothing to set beside each other, as the habit does not wait for error budgets
	}
	saves := "the plan saves " + share(h.Cost.Total-total, h.Cost.Total)
	switch {
	case total == h.Cost.Total:
		saves = "the plan costs the same"
	case total > h.Cost.Total:
		saves = fmt.Sprintf("the plan costs %s more", share(total-h.Cost.Total, h.Cost.Total))
	}
	return fmt.Sprintf("Single hops just in time would be %s (%s a cluster instead of %s) for %s %s: %s.",
		app.Count(h.Campaigns, "campaign", "campaigns"), v.perCluster(h.Campaigns), v.perCluster(len(v.plan.Campaigns)),
		round(h.Cost.Total), v.plan.Currency, saves)
}

// share is a part of a whole in percent.
func share(part, whole fleet.Money) string {
	if percent := 100 * float64(part) / float64(whole); percent >= 1 {
		return fmt.Sprintf("%.0f %%", percent)
	}
	return "less than 1 %"
}

func (v planView) perCluster(n int) string {
	return fmt.Sprintf("%.1f", float64(n)/float64(max(1, len(v.fleet.Clusters))))
}

// habitTable sets the plan beside what is done without one.
func (v planView) habitTable() report.Table {
	h := v.plan.JustInTime
	until := "before standard support ends"
	if h.Extended {
		until = "before all support ends"
	}
	t := report.Table{
		Title: "Compared with just-in-time upgrades, " + until,
		Columns: []report.Column{
			{Name: "until " + v.plan.Horizon.Format("2006-01-02")},
			{Name: "the plan", Right: true},
			{Name: "just in time", Right: true},
		},
	}
	if h.Hops == 0 || len(v.plan.Campaigns) == 0 {
		return t
	}
	hops := 0
	for _, c := range v.plan.Campaigns {
		hops += len(c.Hops)
	}
	row := func(name, plan, habit string) {
		t.Rows = append(t.Rows, report.Row{Cells: []string{name, plan, habit}})
	}
	row("campaigns", strconv.Itoa(len(v.plan.Campaigns)), strconv.Itoa(h.Campaigns))
	row("campaigns a cluster", v.perCluster(len(v.plan.Campaigns)), v.perCluster(h.Campaigns))
	row("hops", strconv.Itoa(hops), strconv.Itoa(h.Hops))
	for _, x := range []struct {
		name        string
		plan, habit fleet.Money
	}{{"campaigns", v.plan.Cost.Campaigns, h.Cost.Campaigns}, {"hops", v.plan.Cost.Hops, h.Cost.Hops},
		{"extended support", v.plan.Cost.ExtendedSupport, h.Cost.ExtendedSupport},
		{"risk", v.plan.Cost.Unsupported, h.Cost.Unsupported}, {"all", v.plan.Cost.Total, h.Cost.Total}} {
		row("cost of "+x.name, round(x.plan)+" "+v.plan.Currency, round(x.habit)+" "+v.plan.Currency)
	}
	return t
}
