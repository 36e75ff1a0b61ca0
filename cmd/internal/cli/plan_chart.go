package cli

import (
	"slices"
	"strings"
	"time"

	"treadmill/cmd/internal/report"
	"treadmill/upgrade/calendar"
	"treadmill/upgrade/plan"
)

// teams lists the teams of the plan.
func (v planView) teams() []string {
	var out []string
	for _, c := range v.fleet.Clusters {
		if !slices.Contains(out, c.Team.V) {
			out = append(out, c.Team.V)
		}
	}
	slices.Sort(out)
	return out
}

// shownRows is how many clusters a chart draws; beyond it the table serves better.
const shownRows = 400

// charts draws the schedule of each team: campaigns as bars, due dates as marks, freezes that hold for all clusters as bands.
func (v planView) charts() []report.Chart {
	byCluster := map[string][]plan.Campaign{}
	for _, c := range v.plan.Campaigns {
		byCluster[c.Cluster] = append(byCluster[c.Cluster], c)
	}
	bands := v.freezes()
	var out []report.Chart
	for _, team := range v.teams() {
		t := report.Timeline{Text: "Campaigns of " + orNone(team) + ", by cluster; a diamond is the day by which the version before must be left",
			From: v.plan.Now, To: v.plan.Horizon, Today: v.plan.Now, Bands: bands}
		for _, c := range v.fleet.Clusters {
			if c.Team.V == team && len(t.Rows) < shownRows {
				t.Rows = append(t.Rows, planRow(strings.Join([]string{c.Name.V, c.Version.V.String()}, " "), byCluster[c.Name.V], v.plan.Horizon))
			}
		}
		out = append(out, t)
	}
	return out
}

// freezes lists the freezes that hold for all clusters, until the horizon.
func (v planView) freezes() []report.Span {
	var out []report.Span
	span := calendar.Span{From: v.plan.Now, To: v.plan.Horizon}
	for _, f := range v.fleet.Policy.Freezes {
		if f.Clusters.IsZero() {
			for _, s := range f.Spans(span) {
				out = append(out, report.Span{Label: f.Title(), From: s.From, To: s.To})
			}
		}
	}
	return out
}

func planRow(label string, cs []plan.Campaign, horizon time.Time) report.TimelineRow {
	row := report.TimelineRow{Label: label}
	for _, c := range cs {
		tone := slackTone(c)
		if tone == report.Plain {
			tone = report.Good
		}
		row.Spans = append(row.Spans, report.Span{Label: hopsText(c), From: c.Start, To: c.End, Tone: tone})
		if c.Due.Before(horizon) {
			row.Marks = append(row.Marks, report.Mark{Label: "due: leave " + c.From.String(), At: c.Due, Tone: report.Muted})
		}
	}
	return row
}
