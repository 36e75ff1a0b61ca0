package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"treadmill/cmd/internal/report"
	"treadmill/upgrade/calendar"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan"
)

// What a page draws at most; beyond it the tables serve better.
const (
	drawnClusters = 300 // in all charts of teams together; a larger fleet has one chart with a row for each team
	drawnTeams    = 100
	fewTeams      = 3 // more have a chart of all teams before their own
	drawnGroups   = 25
)

// teams lists the teams of the plan.
func (v planView) teams() []string {
	var out []string
	for _, c := range v.fleet.Clusters {
		out = append(out, c.Team.V)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// charts draws the schedule by team and by group, and the bill.
func (v planView) charts() []report.Chart {
	out := v.teamCharts()
	if groups := v.groupChart(); len(groups.Rows) > 0 {
		out = append(out, groups)
	}
	return append(out, v.billChart())
}

func (v planView) timeline(text string) report.Timeline {
	return report.Timeline{Text: text, From: v.plan.Now, To: v.plan.Horizon, Today: v.plan.Now, Bands: v.freezes()}
}

// teamCharts draws the clusters of each team: campaigns as bars, support ends as marks, freezes as shades.
func (v planView) teamCharts() []report.Chart {
	if len(v.fleet.Clusters) > drawnClusters {
		return []report.Chart{v.teamsChart()}
	}
	byCluster := map[string][]plan.Campaign{}
	for _, c := range v.plan.Campaigns {
		byCluster[c.Cluster] = append(byCluster[c.Cluster], c)
	}
	own := v.ownFreezes()
	var out []report.Chart
	if len(v.teams()) > fewTeams {
		out = append(out, v.teamsChart())
	}
	for _, team := range v.teams() {
		t := v.timeline("Campaigns of " + orNone(team) +
			" by cluster; a diamond is the end of the last support that the policy allows for a version")
		for _, c := range v.fleet.Clusters {
			if c.Team.V == team {
				row := v.row(c.Name.V+" "+c.Version.V.String(), byCluster[c.Name.V])
				row.Bands = own(c)
				t.Rows = append(t.Rows, row)
			}
		}
		out = append(out, t)
	}
	return out
}

// row draws the campaigns of one cluster.
func (v planView) row(label string, cs []plan.Campaign) report.TimelineRow {
	row := report.TimelineRow{Label: label}
	for _, c := range cs {
		row.Spans = append(row.Spans, report.Span{Label: hopsText(c), From: c.Start, To: c.End, Tone: barTone(c.SlackDays)})
		if end := c.Due.Add(time.Duration(v.fleet.Policy.Margin.V)); end.Before(v.plan.Horizon) && end.After(v.plan.Now) {
			row.Marks = append(row.Marks, report.Mark{Label: c.From.String() + " ends", At: end, Tone: report.Muted})
		}
	}
	return row
}

func barTone(slackDays int) report.Tone {
	if tone := slackTone(slackDays); tone != report.Plain {
		return tone
	}
	return report.Good
}

// teamsChart draws a row for each team of a large fleet: how many campaigns begin in each month.
func (v planView) teamsChart() report.Chart {
	teams := v.teams()
	t := v.timeline("Campaigns that begin in each month, by team; the colour is that of the least slack among them")
	if len(teams) > drawnTeams {
		t.Text += fmt.Sprintf("; the first %d of %d teams", drawnTeams, len(teams))
	}
	for _, team := range teams[:min(len(teams), drawnTeams)] {
		row := report.TimelineRow{Label: orNone(team)}
		cs := v.ofTeam(team)
		for len(cs) > 0 {
			first := monthOf(cs[0].Start)
			n := slices.IndexFunc(cs, func(c plan.Campaign) bool { return !monthOf(c.Start).Equal(first) })
			if n < 0 {
				n = len(cs)
			}
			row.Spans = append(row.Spans,
				report.Span{Label: strconv.Itoa(n), From: first, To: first.AddDate(0, 1, 0), Tone: barTone(leastSlack(cs[:n]))})
			cs = cs[n:]
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func monthOf(t time.Time) time.Time {
	u := t.UTC()
	return time.Date(u.Year(), u.Month(), 1, 0, 0, 0, 0, time.UTC)
}

func (v planView) ofTeam(team string) []plan.Campaign {
	var out []plan.Campaign
	for _, c := range v.plan.Campaigns {
		if c.Team == team {
			out = append(out, c)
		}
	}
	return out
}

func leastSlack(cs []plan.Campaign) int {
	return slices.MinFunc(cs, func(a, b plan.Campaign) int { return cmp.Compare(a.SlackDays, b.SlackDays) }).SlackDays
}

// groupChart draws a row for each environment of each group, in promotion order: those groups with the least slack, where there are many.
func (v planView) groupChart() report.Timeline {
	type stage struct {
		group string
		rank  int
		name  string
	}
	stages, least := map[stage][]plan.Campaign{}, map[string]int{}
	for _, c := range v.plan.Campaigns {
		if c.Group == "" {
			continue
		}
		rank, _ := v.fleet.Policy.Rank(c.Environment)
		k := stage{c.Group, rank, c.Environment}
		stages[k] = append(stages[k], c)
		if slack, seen := least[c.Group]; !seen || c.SlackDays < slack {
			least[c.Group] = c.SlackDays
		}
	}
	keys := make([]stage, 0, len(stages))
	for k := range stages {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b stage) int {
		return cmp.Or(cmp.Compare(least[a.group], least[b.group]), cmp.Compare(a.group, b.group), cmp.Compare(a.rank, b.rank),
			cmp.Compare(a.name, b.name))
	})
	t := v.timeline("Campaigns by group and environment, the groups with the least slack first")
	if len(least) > drawnGroups {
		t.Text += fmt.Sprintf("; %d of %d groups", drawnGroups, len(least))
	}
	seen := map[string]bool{}
	for _, k := range keys {
		if seen[k.group] = true; len(seen) > drawnGroups {
			break
		}
		row := v.row(k.group+" "+k.name, stages[k])
		row.Marks = nil // clusters of an environment may be at several versions
		t.Rows = append(t.Rows, row)
	}
	return t
}

// freezes lists the freezes that hold for all clusters, until the horizon.
func (v planView) freezes() []report.Span {
	var out []report.Span
	for _, f := range v.fleet.Policy.Freezes {
		if f.Clusters.IsZero() {
			out = append(out, v.spans(f)...)
		}
	}
	return out
}

func (v planView) spans(f fleet.Freeze) []report.Span {
	var out []report.Span
	for _, s := range f.Spans(calendar.Span{From: v.plan.Now, To: v.plan.Horizon}) {
		out = append(out, report.Span{Label: f.Title(), From: s.From, To: s.To})
	}
	return out
}

// ownFreezes returns what finds the freezes of some clusters that hold for one.
func (v planView) ownFreezes() func(fleet.Cluster) []report.Span {
	var freezes []fleet.Freeze
	var spans [][]report.Span
	for _, f := range v.fleet.Policy.Freezes {
		if !f.Clusters.IsZero() {
			freezes, spans = append(freezes, f), append(spans, v.spans(f))
		}
	}
	return func(c fleet.Cluster) []report.Span {
		var out []report.Span
		for i, f := range freezes {
			if f.Clusters.Matches(c) {
				out = append(out, spans[i]...)
			}
		}
		return out
	}
}
