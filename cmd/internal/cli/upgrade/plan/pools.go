package plan

import (
	"fmt"
	"strconv"
	"time"

	"treadmill/cmd/internal/report"
	"treadmill/upgrade/calendar"
)

// poolTable lists the rollouts of node pools that have windows or rates of their own.
func (v planView) poolTable() report.Table {
	t := report.Table{
		Title: "Node pools by themselves",
		Columns: []report.Column{{Name: "start"}, {Name: "end", Rank: 1}, {Name: "cluster"}, {Name: "pool"}, {Name: "team", Rank: 2},
			{Name: "nodes"}, {Name: "openings", Right: true}},
	}
	for _, r := range v.plan.Pools {
		t.Rows = append(t.Rows, report.Row{Cells: []string{r.Start.Format("Mon 2006-01-02 15:04"), r.End.Format("2006-01-02 15:04"), r.Cluster, r.Pool,
			r.Team, r.From.String() + " → " + r.To.String(), strconv.Itoa(len(r.Steps))}})
	}
	return t
}

// poolEvents are the openings of these rollouts.
func (v planView) poolEvents() []calendar.Entry {
	var out []calendar.Entry
	for _, r := range v.plan.Pools {
		for i, s := range r.Steps {
			out = append(out, calendar.Entry{
				UID:         fmt.Sprintf("upgrade-%s-pool-%s-%s-%d@treadmill", r.Cluster, r.Pool, r.From, i+1),
				Summary:     fmt.Sprintf("%s: node pool %s to %s (%d of %d)", r.Cluster, r.Pool, r.To, i+1, len(r.Steps)),
				From:        s.Start,
				To:          s.End,
				Categories:  []string{"Kubernetes upgrade", orNone(r.Team)},
				Description: fmt.Sprintf("From %s, in %d openings until %s.", r.From, len(r.Steps), r.End.Format(time.DateOnly)),
			})
		}
	}
	return out
}
