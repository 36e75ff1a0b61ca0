package plan

import (
	"fmt"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
	"treadmill/upgrade"
	"treadmill/upgrade/plan"
)

// target tells campaigns of two plans apart that bring a cluster to the same version.
type target struct{ cluster, to string }

// moves says what changed since an earlier plan, by cluster and version, and why where the plan knows.
func (v planView) moves() report.Table {
	t := report.Table{
		Title: "Moved since the plan of " + v.old.Now.Format(time.DateOnly),
		Columns: []report.Column{{Name: "cluster"}, {Name: "to"}, {Name: "was"}, {Name: "is"},
			{Name: "days", Right: true}, {Name: "why"}},
	}
	why := map[target]string{}
	for _, m := range v.plan.Moved {
		why[target{m.Cluster, m.To}] = "approved, but " + m.Why
	}
	before := map[target]plan.Campaign{}
	for _, c := range v.old.Campaigns {
		before[target{c.Cluster, c.To.String()}] = c
	}
	row := func(tone report.Tone, k target, cells ...string) {
		t.Rows = append(t.Rows, report.Row{Cells: append(append([]string{k.cluster, k.to}, cells...), why[k]), Tone: tone})
	}
	for _, c := range v.plan.Campaigns {
		k := target{c.Cluster, c.To.String()}
		old, known := before[k]
		delete(before, k)
		switch {
		case !known:
			row(report.Good, k, "", c.Start.Format(time.DateOnly), "new")
		case !old.Start.Equal(c.Start) && old.From == c.From:
			row(report.Warn, k, old.Start.Format(time.DateOnly), c.Start.Format(time.DateOnly),
				fmt.Sprintf("%+d", int(c.Start.Sub(old.Start).Hours()/24)))
		}
	}
	at := map[string]upgrade.Minor{}
	for _, c := range v.fleet.Clusters {
		at[c.Name.V] = c.Version.V
	}
	for _, c := range v.old.Campaigns {
		k := target{c.Cluster, c.To.String()}
		if _, gone := before[k]; !gone {
			continue
		}
		what := "gone"
		if now, has := at[c.Cluster]; has && !now.Less(c.To) && len(c.Hops) > 0 {
			what = "done"
		}
		row(report.Muted, k, c.Start.Format(time.DateOnly), "", what)
	}
	return t
}

// approval says how many campaigns are approved and how many of them had to move; nothing where none is.
func (v planView) approval() string {
	stay := 0
	for _, c := range v.plan.Campaigns {
		if c.Approved {
			stay++
		}
	}
	slipped := 0
	for _, m := range v.plan.Moved {
		if !m.Is.IsZero() {
			slipped++
		}
	}
	lost := len(v.plan.Moved) - slipped
	if stay+lost == 0 {
		return ""
	}
	out := app.Count(stay, "campaign is", "campaigns are") + " approved"
	if slipped > 0 {
		out += fmt.Sprintf(", %d of them in a later opening than before", slipped)
	}
	if lost > 0 {
		out += fmt.Sprintf("; %s cannot stay", app.Count(lost, "that was", "that were"))
	}
	return out + "."
}
