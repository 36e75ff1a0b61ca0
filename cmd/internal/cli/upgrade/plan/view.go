package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan"
)

// brokenData is the machine shape of a fleet that could not be planned.
type brokenData struct {
	Findings []diag.Finding `json:"findings"`
	Now      time.Time      `json:"now"`
	Version  int            `json:"version"`
}

// planView shows a plan.
type planView struct {
	plan    plan.Plan
	old     *plan.Plan // to compare with
	fleet   fleet.Fleet
	ok      bool // there is a plan; without one there are only findings
	now     app.Clock
	quarter quarterFlag
}

// view shows the plan: what people read is short, what machines and pages take is whole.
func (v planView) view() report.View {
	out := report.View{Title: "Upgrade plan", Data: v.plan, Findings: v.plan.Findings}
	if !v.ok {
		out.Data = brokenData{Version: 1, Now: v.plan.Now, Findings: v.plan.Findings}
		out.Lead = []string{"Fix these first; no plan was made: one that knows only a part of the policy would mislead."}
		if !v.fleet.Broken {
			out.Lead = append(out.Lead, "They are in calendars of freezes alone: --allow-partial plans without what of them cannot be read.")
		}
		return out
	}
	if len(v.fleet.Clusters) == 0 {
		out.Lead = []string{"No clusters to plan." + input.LeftOut(v.fleet)}
		return out
	}
	out.Whole = func() report.Body { now, later := v.split(v.shownQuarter()); return v.body(now, later) }
	out.Brief, out.List = v.brief, v.list
	return out
}

// body is all that a plan says to people.
func (v planView) body(now, later []plan.Campaign) report.Body {
	out := report.Body{Lead: []string{v.summary(), v.certificate()}, Notes: v.zones(), Charts: v.charts(), Figures: v.figures()}
	for _, more := range []string{v.habit(), v.approval()} {
		if more != "" {
			out.Lead = append(out.Lead, more)
		}
	}
	if v.old != nil {
		out.Tables = append(out.Tables, v.moves())
	}
	out.Tables = append(out.Tables, campaignTable(v.nowTitle(), now))
	if v.quarter.IsZero() {
		out.Tables = append(out.Tables, campaignTable(laterTitle, later))
	} else {
		out.Tables = append(out.Tables, v.duties(v.shownQuarter()))
	}
	out.Tables = append(out.Tables, v.poolTable(), v.cloudsTable(), v.budgetTable(), v.addonsTable(), v.unplannedTable(), v.billTable(), v.habitTable(), v.bindingTable())
	return out
}

// list is the campaigns in one table: all, or those of the quarter that was asked for.
func (v planView) list() report.Table {
	now, later := v.split(v.shownQuarter())
	if v.quarter.IsZero() {
		now = slices.Concat(now, later)
	}
	return campaignTable("", now)
}

// zones says what clock the times are of.
func (v planView) zones() []string {
	seen := map[string]bool{}
	for _, c := range v.plan.Campaigns {
		seen[c.Timezone] = true
	}
	switch names := slices.Sorted(maps.Keys(seen)); len(names) {
	case 0:
		return nil
	case 1:
		return []string{"Times are " + names[0] + "."}
	default:
		return []string{"Times are those of each cluster's windows (" + app.JoinWords(names) + "); -o wide has the time zone of each."}
	}
}

// figures are the numbers on top of a page.
func (v planView) figures() []report.Figure {
	starting, _ := v.split(v.shownQuarter())
	late := 0
	for _, c := range v.plan.Campaigns {
		if c.SlackDays < 0 {
			late++
		}
	}
	return []report.Figure{
		report.Counted("clusters", len(v.fleet.Clusters), report.Plain),
		report.Counted("campaigns in "+v.shownQuarter().String(), len(starting), report.Plain),
		report.Counted("campaigns inside the margin", late, report.Bad),
		report.Counted("cannot be kept in support", len(v.plan.Unplanned), report.Bad),
		{Name: "cost until " + v.plan.Horizon.Format(time.DateOnly), Value: round(v.plan.Cost.Total) + " " + v.plan.Currency},
	}
}

const laterTitle = "Later"

func (v planView) nowTitle() string {
	if v.quarter.IsZero() {
		return "This quarter (" + v.shownQuarter().String() + ")"
	}
	return "In " + v.quarter.String()
}

// summary says in one sentence what the plan does.
func (v planView) summary() string {
	hops, clusters := 0, map[string]bool{}
	for _, c := range v.plan.Campaigns {
		hops += len(c.Hops)
		clusters[c.Cluster] = true
	}
	s := fmt.Sprintf("%s and %s on %d of %s until %s", app.Count(len(v.plan.Campaigns), "campaign", "campaigns"),
		app.Count(hops, "hop", "hops"), len(clusters), app.Count(len(v.fleet.Clusters), "cluster", "clusters"),
		v.plan.Horizon.Format(time.DateOnly))
	if n := len(v.plan.Unplanned); n > 0 {
		s += fmt.Sprintf("; %s cannot be kept in support", app.Count(n, "cluster", "clusters"))
	}
	return s + "." + input.LeftOut(v.fleet)
}

// certificate states the cost, what it is made of, and the bound.
func (v planView) certificate() string {
	c, cur := v.plan.Cost, v.plan.Currency
	parts := []string{fmt.Sprintf("campaigns %s", round(c.Campaigns)), fmt.Sprintf("hops %s", round(c.Hops))}
	if c.ExtendedSupport > 0 {
		parts = append(parts, fmt.Sprintf("extended support %s", round(c.ExtendedSupport)))
	}
	if c.Unsupported > 0 {
		parts = append(parts, fmt.Sprintf("risk cost %s", round(c.Unsupported)))
	}
	proof := "no such plan costs less"
	switch {
	case v.plan.Relaxed:
		proof = fmt.Sprintf("no such plan costs less than %s, by a bound that joins the openings of a week (gap %.2g %%)",
			round(v.plan.Bound), 100*v.plan.Gap)
	case !v.plan.Proven:
		proof = fmt.Sprintf("no such plan costs less than %s (gap %.2g %%)", round(v.plan.Bound), 100*v.plan.Gap)
	}
	if v.plan.Interrupted {
		proof += "; interrupted, so that this is the best plan so far"
	}
	return fmt.Sprintf("Cost %s %s (%s); %s.", round(c.Total), cur, strings.Join(parts, ", "), proof)
}

// round is money without cents, with thousands apart.
func round(m fleet.Money) string {
	digits := fmt.Sprint(int64((m + fleet.Unit/2) / fleet.Unit))
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// split divides the campaigns by the end of a quarter; what starts before the quarter stands with it when it is the current one.
// Campaigns are in order of their start, so that the parts are views of the whole.
func (v planView) split(q quarterFlag) (in, later []plan.Campaign) {
	cs := v.plan.Campaigns
	from := func(t time.Time) int {
		i, _ := slices.BinarySearchFunc(cs, t, func(c plan.Campaign, t time.Time) int { return c.Start.Compare(t) })
		return i
	}
	first, end := from(q.start()), from(q.end())
	return cs[first:end:end], cs[end:]
}

func campaignTable(title string, cs []plan.Campaign) report.Table {
	t := report.Table{
		Title: title,
		Columns: []report.Column{
			{Name: "start", Keep: true},
			{Name: "end", Rank: 3},
			{Name: "cluster"},
			{Name: "team", Rank: 1},
			{Name: "environment", Rank: 2},
			{Name: "hops"},
			{Name: "slack", Right: true},
			{Name: "group", Wide: true},
			{Name: "provider", Wide: true},
			{Name: "time zone", Wide: true},
			{Name: "reason"},
		},
	}
	for _, c := range cs {
		t.Rows = append(t.Rows, report.Row{
			Tone: slackTone(c.SlackDays),
			Cells: []string{c.Start.Format("Mon 2006-01-02 15:04"), c.End.Format("2006-01-02 15:04"), c.Cluster, c.Team, c.Environment,
				hopsText(c), fmt.Sprintf("%dd", c.SlackDays), c.Group, c.Provider, c.Timezone, c.Reason},
		})
	}
	return t
}

// hopsText writes the way of a campaign: 1.33 → 1.34 → 1.35, or 4.18 (1.31) → 4.19 (1.32).
func hopsText(c plan.Campaign) string {
	if len(c.Hops) == 0 {
		return "nodes to " + c.ToName()
	}
	parts := []string{c.FromName()}
	for _, s := range c.Steps {
		parts = append(parts, s.Name())
	}
	return strings.Join(parts, " → ")
}

func slackTone(days int) report.Tone {
	switch {
	case days < 0:
		return report.Bad
	case days < 14:
		return report.Warn
	}
	return report.Plain
}

func (v planView) unplannedTable() report.Table {
	t := report.Table{
		Title:   "Cannot be kept in support",
		Columns: []report.Column{{Name: "cluster"}, {Name: "reason"}, {Name: "what would help"}},
	}
	for _, u := range v.plan.Unplanned {
		help := strings.Join(u.Relaxations, "; or ")
		switch {
		case u.Untried && help == "":
			help = "not tried: there are too many clusters like this"
		case u.Untried:
			help += "; not all was tried"
		case help == "":
			help = "no rule of the policy, nor all of them"
		}
		t.Rows = append(t.Rows, report.Row{Cells: []string{u.Cluster, u.Reason, help}, Tone: report.Bad})
	}
	return t
}

func (v planView) bindingTable() report.Table {
	t := report.Table{
		Title:   "Weeks in which a team has too little time",
		Columns: []report.Column{{Name: "team"}, {Name: "week"}, {Name: "one more hop would save", Right: true}},
	}
	for _, b := range v.plan.Bindings {
		t.Rows = append(t.Rows, report.Row{Cells: []string{b.Team, b.Week, round(b.ShadowPrice) + " " + v.plan.Currency}})
	}
	return t
}
