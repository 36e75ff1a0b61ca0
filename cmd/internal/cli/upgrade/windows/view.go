package windows

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"treadmill/cmd/internal/cli/upgrade/date"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/upgrade/windows"
)

// comingShown is how many versions to come are shown of a provider unless --all asks for every one.
const comingShown = 3

// windowsView makes the view of `upgrade windows`.
type windowsView struct {
	now       windows.Day
	table     windows.Table
	providers []windows.Provider
	all       bool
	findings  []diag.Finding
}

func (v windowsView) view() report.View {
	t := report.Table{Columns: []report.Column{{Name: "provider"}, {Name: "version"}, {Name: "state"}, {Name: "available", Rank: 2},
		{Name: "standard end"}, {Name: "days", Right: true, Rank: 1}, {Name: "extended end"}, {Name: "extended days", Right: true, Rank: 1},
		{
			Name:  "extended per hour",
			Right: true,
			Rank:  3,
		}, {Name: "other dates", Wide: true}, {Name: "sources", Wide: true}, {Name: "other sources say", Wide: true}}}
	data := windowsData{Version: 1, Now: v.now, Providers: []providerData{}, Windows: []windowData{}}
	var shown []windows.Window
	for _, p := range v.providers {
		data.Providers = append(data.Providers, newProviderData(p, v.table.Backtest(p.Name), v.table.Old(p.Name, v.now), v.now))
		for _, w := range v.shown(p.Name) {
			shown = append(shown, w)
			t.Rows = append(t.Rows, v.row(p, w))
			data.Windows = append(data.Windows, newWindowData(w, v.now))
			v.findings = append(v.findings, v.unconfirmed(w)...)
		}
	}
	data.Findings = append([]diag.Finding{}, diag.Sort(v.findings)...)
	return report.View{Title: "Kubernetes support windows on " + v.now.String(), Lead: v.lead(shown),
		Data: data, Tables: []report.Table{t}, Charts: v.charts(shown), Findings: v.findings, Notes: v.legend(shown)}
}

// shown lists the windows of a provider that matter now.
func (v windowsView) shown(provider string) []windows.Window {
	var out []windows.Window
	coming := 0
	for _, w := range v.table.Windows(provider) {
		state := w.State(v.now)
		if state == windows.Coming {
			coming++
		}
		if v.all || state != windows.Ended && coming <= comingShown {
			out = append(out, w)
		}
	}
	return out
}

func (v windowsView) row(p windows.Provider, w windows.Window) report.Row {
	state := w.State(v.now)
	price := ""
	if p.Extended != nil && !w.ExtendedEnd.IsZero() {
		price = p.Extended.String()
	}
	version := w.Minor.String()
	switch {
	case w.Release != "" && w.Named < windows.Announced:
		version += " (" + w.Release + " " + w.Named.String() + ")"
	case w.Release != "":
		version += " (" + w.Release + ")"
	}
	tone := report.Plain
	switch {
	case state == windows.InExtended, state == windows.InStandard && w.StandardEnd.Day-v.now <= 30 && !w.StandardEnd.IsZero():
		tone = report.Warn
	case state == windows.Ended:
		tone = report.Bad
	case state == windows.Coming:
		tone = report.Muted
	}
	return report.Row{Tone: tone, Cells: []string{p.Name, version, state.String(), date.Cell(w.Available),
		date.Cell(
			w.StandardEnd,
		), v.left(w.StandardEnd), extendedCell(w), v.left(w.ExtendedIn(0)), price, othersCell(w), sourcesCell(w), conflictsCell(w)}}
}

// left is how many days there are to a date, nothing when it is past.
func (v windowsView) left(d windows.Date) string {
	if d.IsZero() || d.Day <= v.now {
		return ""
	}
	return strconv.Itoa(int(d.Day - v.now))
}

// lead names the ends that come next.
func (v windowsView) lead(shown []windows.Window) []string {
	type end struct {
		day  windows.Day
		text string
	}
	var ends []end
	for _, w := range shown {
		for _, e := range supportEnds(w) {
			if e.Date.Day > v.now {
				ends = append(
					ends,
					end{
						e.Date.Day,
						fmt.Sprintf("%s %s %s support on %s (in %d days)", w.Provider, w.Minor, termName(e.Name), e.Date.Day, e.Date.Day-v.now),
					},
				)
			}
		}
	}
	slices.SortStableFunc(ends, func(a, b end) int { return cmp.Compare(a.day, b.day) })
	var texts []string
	for _, e := range ends[:min(3, len(ends))] {
		texts = append(texts, e.text)
	}
	if len(texts) == 0 {
		return []string{"No support end is ahead of " + v.now.String() + "."}
	}
	return []string{"Next to end: " + strings.Join(texts, "; ") + "."}
}

// legend explains the marks that are in the table.
func (v windowsView) legend(shown []windows.Window) []string {
	has := func(test func(windows.Date) bool) bool {
		return slices.ContainsFunc(shown, func(w windows.Window) bool {
			return test(w.Available) || slices.ContainsFunc(supportEnds(w), func(m windows.Milestone) bool { return test(m.Date) })
		})
	}
	var out []string
	if has(func(d windows.Date) bool { return !d.IsZero() && d.Status == windows.Projected }) {
		out = append(out, "~ is projected; ± is the largest error that the same projection made in the past.")
	}
	if has(func(d windows.Date) bool { return len(d.Conflicts) > 0 }) {
		out = append(out, "! marks a date that sources disagree about; -o wide shows what they say.")
	}
	return out
}

// unconfirmed says that a planned day has passed and no source has confirmed it.
func (v windowsView) unconfirmed(w windows.Window) []diag.Finding {
	if w.State(v.now) != windows.Unconfirmed {
		return nil
	}
	return []diag.Finding{{ID: "windows/unconfirmed", Severity: diag.Info, Message: fmt.Sprintf(
		"%s %s should have become available on %s (%s), but no source read so far confirms it",
		w.Provider,
		w.Minor,
		w.Available.Day,
		w.Available.Status,
	)}}
}
