package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/upgrade/plan"
)

// mermaidText is the longest diagram that Mermaid draws where nobody changed its maxTextSize
// (https://mermaid.js.org/config/schema-docs/config.html#maxtextsize); GitHub does not.
const mermaidText = 50_000

// mermaid is the schedule as a Mermaid gantt chart: freezes, then a section a team with a bar a campaign; where that is too long for
// Mermaid, a bar a month.
func (v planView) mermaid() []byte {
	bars := v.mermaidBars(mermaidCampaigns)
	if len(bars) > mermaidText {
		bars = v.mermaidBars(mermaidMonths)
	}
	for len(bars) > mermaidText { // whole lines are left out
		bars = bars[:mermaidText]
		bars = bars[:strings.LastIndexByte(bars, '\n')] + "\n"
	}
	return []byte(bars)
}

func (v planView) mermaidBars(lines func([]plan.Campaign) string) string {
	var b strings.Builder
	b.WriteString("gantt\n    title Kubernetes upgrades\n    dateFormat YYYY-MM-DD\n    axisFormat %Y-%m\n")
	for i, s := range v.freezes() {
		if i == 0 {
			b.WriteString("    section Freezes\n")
		}
		fmt.Fprintf(&b, "    %s :done, %s, %s\n", mermaidName(s.Label), s.From.Format(time.DateOnly), s.To.Format(time.DateOnly))
	}
	byTeam := map[string][]plan.Campaign{}
	for _, c := range v.plan.Campaigns {
		byTeam[c.Team] = append(byTeam[c.Team], c)
	}
	for _, team := range v.teams() {
		if len(byTeam[team]) > 0 {
			fmt.Fprintf(&b, "    section %s\n%s", mermaidName(orNone(team)), lines(byTeam[team]))
		}
	}
	return b.String()
}

// mermaidCampaigns writes a bar for each campaign; those that are too late are critical.
func mermaidCampaigns(cs []plan.Campaign) string {
	var b strings.Builder
	for _, c := range cs {
		tag := ""
		if c.SlackDays < 0 {
			tag = "crit, "
		}
		fmt.Fprintf(&b, "    %s %s to %s :%s%s, %s\n", mermaidName(c.Cluster), c.FromName(), c.ToName(), tag, c.Start.Format(time.DateOnly),
			c.End.AddDate(0, 0, 1).Format(time.DateOnly))
	}
	return b.String()
}

// mermaidMonths writes a bar for each month that campaigns begin in.
func mermaidMonths(cs []plan.Campaign) string {
	var b strings.Builder
	for len(cs) > 0 {
		month := cs[0].Start.Format("2006-01")
		n := slices.IndexFunc(cs, func(c plan.Campaign) bool { return c.Start.Format("2006-01") != month })
		if n < 0 {
			n = len(cs)
		}
		at, hops := cs[0].Start, 0
		for _, c := range cs[:n] {
			hops += len(c.Hops)
		}
		end := time.Date(at.Year(), at.Month()+1, 1, 0, 0, 0, 0, time.UTC)
		fmt.Fprintf(&b, "    %s, %s :%s-01, %s\n", app.Count(n, "campaign", "campaigns"), app.Count(hops, "hop", "hops"), month,
			end.Format(time.DateOnly))
		cs = cs[n:]
	}
	return b.String()
}

// mermaidName leaves out of a name what Mermaid reads as syntax, and keeps its first word from being a statement of Mermaid's.
func mermaidName(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return r <= ' ' || strings.ContainsRune(":;#%{}`\"", r) || r == '\u2028' || r == '\u2029'
	}), " ")
	first, _, _ := strings.Cut(strings.ToLower(s), " ")
	statements := []string{"acc", "axisformat", "call", "click", "dateformat", "excludes", "gantt", "href", "includes", "inclusiveenddates",
		"section", "tickinterval", "title", "todaymarker", "topaxis", "weekday", "weekend"}
	if s == "" || slices.ContainsFunc(statements, func(word string) bool { return strings.HasPrefix(first, word) }) {
		return strings.TrimSpace("cluster " + s)
	}
	return s
}
