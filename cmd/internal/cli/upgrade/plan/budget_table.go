package plan

import (
	"fmt"

	"treadmill/cmd/internal/report"
	"treadmill/slo/review"
)

// budgetTable is what the error budgets that guard clusters allow.
func (v planView) budgetTable() report.Table {
	t := report.Table{
		Title: "Error budgets",
		Columns: []report.Column{{Name: "cluster"}, {Name: "slo"}, {Name: "left", Right: true}, {Name: "a hop needs", Right: true},
			{Name: "of it spent", Right: true, Rank: 2}, {Name: "ordinary burn", Right: true, Rank: 3}, {Name: "enough from"},
			{Name: "what a hop spends is", Rank: 1}},
	}
	for _, b := range v.plan.Budgets {
		from, tone := "now", report.Good
		switch {
		case b.Enough.IsZero():
			from, tone = "never", report.Bad
		case b.Enough.After(v.plan.Now):
			from, tone = b.Enough.In(v.fleet.Policy.Zone()).Format("2006-01-02 15:04"), report.Warn
		}
		t.Rows = append(t.Rows, report.Row{Tone: tone, Cells: []string{b.Cluster, b.SLO, review.Percent(b.Left),
			review.Percent(b.Needed), review.Percent(b.Reserve), fmt.Sprintf("%.2f", b.Burn), from, b.Basis}})
	}
	return t
}
