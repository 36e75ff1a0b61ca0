package plan

import (
	"fmt"
	"strings"
	"time"

	"treadmill/cmd/internal/report"
	"treadmill/upgrade/plan"
)

// cloudsTable lists what providers do by themselves.
func (v planView) cloudsTable() report.Table {
	t := report.Table{
		Title: "What providers do by themselves",
		Columns: []report.Column{{Name: "day"}, {Name: "cluster"}, {Name: "team", Rank: 1}, {Name: "provider", Rank: 2}, {Name: "hops"},
			{Name: "first"}, {Name: "then costs a month", Right: true, Rank: 1}, {Name: "frozen", Rank: 1}, {Name: "what keeps it from that"}},
	}
	for _, c := range v.plan.Clouds {
		tone := report.Warn
		if c.Overdue {
			tone = report.Bad
		}
		t.Rows = append(t.Rows, report.Row{Tone: tone, Cells: []string{cloudDay(c), c.Cluster, c.Team, c.Provider,
			c.From.String() + " → " + c.To.String(), cloudFirst(c), cloudFee(c), strings.Join(c.Freezes, ", "), cloudHeld(c)}})
	}
	return t
}

// cloudDay is the day, and for one that has passed that it may be any.
func cloudDay(c plan.CloudUpgrade) string {
	day := c.Day.Format(time.DateOnly)
	if c.Overdue && c.Note == "" {
		return "any day (taken as " + day + ")"
	}
	return day
}

// cloudFirst says who brings the cluster on: where the plan does, nothing is left to do for a provider that waits for the day.
func cloudFirst(c plan.CloudUpgrade) string {
	if c.First {
		return "provider"
	}
	return "plan"
}

func cloudFee(c plan.CloudUpgrade) string {
	if c.MonthlyFee == 0 {
		return ""
	}
	return fmt.Sprintf("%s %s", round(c.MonthlyFee), c.Currency)
}

// cloudHeld is what keeps the provider from it: earlier, or then.
func cloudHeld(c plan.CloudUpgrade) string {
	switch {
	case c.Overdue && c.Note == "":
		return "nothing any longer"
	case c.Holds != "":
		return "earlier: " + c.Holds + "; then: " + c.Until
	}
	return c.Until
}
