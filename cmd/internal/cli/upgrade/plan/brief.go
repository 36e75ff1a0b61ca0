package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/upgrade/plan"
)

// How many rows people read on a terminal or in a pull request. Beyond it, lists are summed up; wide, json, csv and html have them whole.
const (
	briefNow      = 60
	briefLater    = 40
	briefLists    = 20
	briefFindings = 40
)

// brief shortens what is too long to be read: the campaigns after the quarter, the explanations and the findings.
func (v planView) brief() report.Body {
	now, later := v.split(v.shownQuarter())
	out := v.body(now, later[:min(len(later), briefLater+1)]) // one more than is shown, so that they are summed up
	short := false
	for i, t := range out.Tables {
		var cut bool
		out.Tables[i], cut = v.shorter(t, later)
		short = short || cut
	}
	if len(now) > briefNow {
		out.Tables = slices.Insert(out.Tables, 0, v.dutySums(now))
	}
	if findings := v.plan.Findings; len(findings) > briefFindings {
		out.Tables, out.Tabled, short = append(out.Tables, findingsSummed(findings)), true, true
	}
	if short {
		out.Notes = append(out.Notes, "This is a summary: -o wide, json, csv and html list everything, and --quarter what one quarter asks for.")
	}
	return out
}

// shorter sums a table up, or cuts it, where it is too long to be read.
func (v planView) shorter(t report.Table, later []plan.Campaign) (report.Table, bool) {
	most, together := briefLists, false
	switch t.Title {
	case v.nowTitle():
		most = briefNow
	case laterTitle:
		if len(t.Rows) > briefLater {
			return v.laterTable(later), true
		}
		return t, false
	case v.billTable().Title:
		return t, false
	case addonsTitle:
		if together = len(t.Rows) > briefLists; together {
			t.Rows = alike(t.Rows)
		}
	}
	if len(t.Rows) <= most {
		return t, together
	}
	t.Title, t.Rows = fmt.Sprintf("%s (%d of %d)", t.Title, most, len(t.Rows)), t.Rows[:most]
	return t, true
}

// alike makes one row of those that ask the same of several clusters, at the place of the first.
func alike(rows []report.Row) []report.Row {
	var out []report.Row
	at, more := map[string]int{}, []int{}
	for _, r := range rows {
		key := strings.Join(r.Cells[2:], "\x00")
		if i, seen := at[key]; seen {
			more[i]++
			continue
		}
		at[key] = len(out)
		r.Cells = slices.Clone(r.Cells)
		out, more = append(out, r), append(more, 0)
	}
	for i, n := range more {
		if n > 0 {
			out[i].Cells[1] += fmt.Sprintf(" and %d more", n)
		}
	}
	return out
}

// dutySums says by team what the quarter asks for.
func (v planView) dutySums(now []plan.Campaign) report.Table {
	q := v.shownQuarter()
	t := report.Table{
		Title: q.String() + " by team",
		Columns: []report.Column{{Name: "team"}, {Name: "must", Right: true}, {Name: "should", Right: true}, {Name: "can wait", Right: true},
			{Name: "hops", Right: true}, {Name: "first"}, {Name: "least slack", Right: true}},
	}
	for _, team := range v.teams() {
		cs := filter(now, func(c plan.Campaign) bool { return c.Team == team })
		if len(cs) == 0 {
			continue
		}
		hops, duties := 0, map[string]int{}
		for _, c := range cs {
			hops += len(c.Hops)
			duties[c.Duty(q.end())]++
		}
		least := leastSlack(cs)
		t.Rows = append(t.Rows, report.Row{Tone: slackTone(least), Cells: []string{orNone(team), strconv.Itoa(duties["must"]),
			strconv.Itoa(duties["should"]), strconv.Itoa(duties["can wait"]), strconv.Itoa(hops), cs[0].Start.Format(time.DateOnly),
			fmt.Sprintf("%dd", least)}})
	}
	return t
}

// laterTable sums campaigns up by quarter and team.
func (v planView) laterTable(later []plan.Campaign) report.Table {
	t := report.Table{
		Title: laterTitle,
		Columns: []report.Column{{Name: "quarter"}, {Name: "team"}, {Name: "campaigns", Right: true}, {Name: "hops", Right: true},
			{Name: "clusters", Right: true}, {Name: "first"}, {Name: "least slack", Right: true}, {Name: "late", Right: true}},
	}
	teams := v.teams()
	byTeam := len(teams) <= 8
	for len(later) > 0 {
		q := quarterOf(later[0].Start)
		n := slices.IndexFunc(later, func(c plan.Campaign) bool { return quarterOf(c.Start) != q })
		if n < 0 {
			n = len(later)
		}
		if byTeam {
			for _, team := range teams {
				t.Rows = append(t.Rows, sumRow(q, orNone(team), filter(later[:n], func(c plan.Campaign) bool { return c.Team == team }))...)
			}
		} else {
			t.Rows = append(t.Rows, sumRow(q, "all", later[:n])...)
		}
		later = later[n:]
	}
	return t
}

func filter(cs []plan.Campaign, keep func(plan.Campaign) bool) []plan.Campaign {
	return slices.DeleteFunc(slices.Clone(cs), func(c plan.Campaign) bool { return !keep(c) })
}

func sumRow(q quarterFlag, team string, cs []plan.Campaign) []report.Row {
	if len(cs) == 0 {
		return nil
	}
	hops, late, clusters := 0, 0, map[string]bool{}
	for _, c := range cs {
		hops += len(c.Hops)
		clusters[c.Cluster] = true
		if c.SlackDays < 0 {
			late++
		}
	}
	least := leastSlack(cs)
	return []report.Row{{Tone: slackTone(least), Cells: []string{q.String(), team, strconv.Itoa(len(cs)), strconv.Itoa(hops),
		strconv.Itoa(len(clusters)), cs[0].Start.Format(time.DateOnly), fmt.Sprintf("%dd", least), strconv.Itoa(late)}}}
}

// findingsSummed counts findings by what they are, with the first of each.
func findingsSummed(fs []diag.Finding) report.Table {
	t := report.Table{
		Title:   "Findings",
		Columns: []report.Column{{Name: "finding"}, {Name: "severity"}, {Name: "times", Right: true}, {Name: "the first"}},
	}
	type kind struct {
		id       string
		severity diag.Severity
	}
	at, times := map[kind]int{}, []int{}
	for _, f := range fs {
		k := kind{f.ID, f.Severity}
		if _, seen := at[k]; !seen {
			at[k] = len(times)
			times = append(times, 0)
			t.Rows = append(t.Rows, report.Row{Tone: report.ToneOf(f.Severity),
				Cells: []string{f.ID, f.Severity.String(), "", f.Position.String() + ": " + f.Message}})
		}
		times[at[k]]++
	}
	for i, n := range times {
		t.Rows[i].Cells[2] = strconv.Itoa(n)
	}
	return t
}
