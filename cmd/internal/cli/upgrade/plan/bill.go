package plan

import (
	"treadmill/cmd/internal/report"
	"treadmill/upgrade/fleet"
)

// billTable is the bill by month, with the plan and without it. Risk is no money that anybody is billed for, and is left to JSON.
func (v planView) billTable() report.Table {
	t := report.Table{
		Title: "Bill in " + v.plan.Currency,
		Columns: []report.Column{{Name: "month"}, {Name: "campaigns", Right: true}, {Name: "hops", Right: true},
			{Name: "extended support", Right: true}, {Name: "without the plan", Right: true}},
	}
	for _, m := range v.plan.Bill {
		if m.Campaigns+m.Hops+m.ExtendedSupport+m.Without.ExtendedSupport == 0 {
			continue
		}
		t.Rows = append(t.Rows, report.Row{Cells: []string{m.Month, round(m.Campaigns), round(m.Hops), round(m.ExtendedSupport),
			round(m.Without.ExtendedSupport)}})
	}
	return t
}

// billChart draws the bill.
func (v planView) billChart() report.Chart {
	c := report.Bars{
		Text: "Bill by month: the work of the plan, and what extended support costs with it and if nothing is upgraded",
		Unit: v.plan.Currency,
		Series: []report.Series{{Label: "campaigns and hops", Tone: report.Plain}, {Label: "extended support with the plan", Tone: report.Good},
			{Label: "extended support without it", Tone: report.Bad}},
	}
	amount := func(i int, m fleet.Money) {
		c.Series[i].Values = append(c.Series[i].Values, float64(m)/float64(fleet.Unit))
	}
	for _, m := range v.plan.Bill {
		c.Labels = append(c.Labels, m.Month)
		amount(0, m.Campaigns+m.Hops)
		amount(1, m.ExtendedSupport)
		amount(2, m.Without.ExtendedSupport)
	}
	return c
}
