package rules

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
	"treadmill/rules/defaults"
	"treadmill/rules/noise"
)

// addNoise shows, before the dispositions, which alerts make the noise; nothing without a history.
func addNoise(view *report.View, audit defaults.Report, m *measuredNoise) {
	if m == nil {
		return
	}
	t := report.Table{
		Title: "Noise",
		Columns: []report.Column{
			{Name: "alert"},
			{Name: "severity", Rank: 2},
			{Name: "pages a week", Right: true},
			{Name: "at night", Right: true, Rank: 1},
			{
				Name:  "false",
				Right: true,
			},
			{Name: "episodes", Right: true, Rank: 1},
			{Name: "median", Rank: 3},
			{Name: "p90", Rank: 4},
			{Name: "self-resolved", Right: true, Rank: 3},
			{Name: "flaps a day", Right: true, Rank: 2},
			{
				Name:  "firing",
				Right: true,
				Rank:  4,
			},
			{Name: "disposition"},
			{Name: "instances", Right: true, Wide: true},
			{Name: "fan-out", Right: true, Wide: true},
			{Name: "fires with", Wide: true},
		},
	}
	var loud []defaults.Alert
	var never, blind []string
	seen := map[noise.Rule]bool{}
	for _, al := range audit.Alerts {
		r := noise.Rule{Name: al.Name, Severity: al.Severity}
		switch {
		case al.Noise == nil || seen[r]:
		case al.Noise.NoInput:
			blind = append(blind, al.Name)
		case al.Noise.NeverFired:
			never = append(never, al.Name)
		default:
			loud = append(loud, al)
		}
		seen[r] = true
	}
	slices.SortStableFunc(loud, func(a, b defaults.Alert) int { return louder(*a.Noise, *b.Noise) })
	for _, al := range loud {
		n := al.Noise
		t.Rows = append(
			t.Rows,
			report.Row{
				Cells: []string{
					al.Name,
					al.Severity,
					decimal(n.PagesPerWeek),
					strconv.Itoa(n.NightPages),
					falseShare(n.FalsePages),
					strconv.Itoa(n.Episodes),
					n.Median,
					n.P90,
					percent(n.SelfResolved),
					decimal(n.FlapsPerDay),
					percent(n.DutyCycle),
					string(al.Disposition),
					strconv.Itoa(n.Instances),
					decimal(n.FanOut),
					twinNames(n.CoFiring),
				},
			},
		)
	}
	view.Tables[0].Title = "Dispositions"
	view.Tables = append([]report.Table{t}, view.Tables...)
	view.Lead = append(view.Lead, m.lead())
	view.Notes = append(view.Notes, m.notes(never, blind)...)
}

func louder(a, b noise.Noise) int {
	return cmp.Or(cmp.Compare(b.PagesPerWeek, a.PagesPerWeek), cmp.Compare(b.AlertMinutes, a.AlertMinutes))
}

func (m *measuredNoise) weeks() float64 { return m.history.To.Sub(m.history.From).Hours() / 24 / 7 }

// lead says how much people were told.
func (m *measuredNoise) lead() string {
	var parts []string
	for _, r := range m.receivers() {
		parts = append(parts, fmt.Sprintf("%s %s a week", r, decimal(float64(m.told[r])/m.weeks())))
	}
	if len(parts) == 0 {
		parts = []string{"nobody was told anything"}
	}
	return fmt.Sprintf("Noise since %s: %s; by receiver: %s.", m.history.From.UTC().Format("2006-01-02"),
		app.Count(len(m.history.Pages), "notification", "notifications"), strings.Join(parts, ", "))
}

func (m *measuredNoise) receivers() []string { return slices.Sorted(maps.Keys(m.told)) }

func (m *measuredNoise) notes(never, blind []string) []string {
	var out []string
	if len(never) > 0 {
		out = append(out, "Never fired: "+strings.Join(compactStrings(never), ", ")+".")
	}
	if len(blind) > 0 {
		out = append(out, "Cannot fire, as one of their selectors has no series: "+strings.Join(compactStrings(blind), ", ")+".")
	}
	if !m.routed {
		out = append(
			out,
			"Pages are counted as if alerts of the severities critical and page went out, one group for each name: name your routes with --alertmanager.",
		)
	}
	if !m.history.SLOs {
		out = append(out, "False alarms are not judged: name SLOs with --slo.")
	}
	return append(out, "Silences leave no trace in ALERTS: what they kept quiet is counted as sent.")
}

// receiver is how much one receiver was told.
type receiver struct {
	Name          string  `json:"name"`
	Notifications int     `json:"notifications"`
	PerWeek       float64 `json:"perWeek"`
}

// perReceiver is how much each receiver was told; nil without a history.
func (m *measuredNoise) perReceiver() []receiver {
	if m == nil {
		return nil
	}
	list := []receiver{}
	for _, r := range m.receivers() {
		list = append(list, receiver{r, m.told[r], float64(m.told[r]) / m.weeks()})
	}
	return list
}

func falseShare(share *float64) string {
	if share == nil {
		return ""
	}
	return percent(*share)
}

func percent(share float64) string { return strconv.FormatFloat(share*100, 'f', 0, 64) + "%" }

func decimal(f float64) string { return strings.TrimSuffix(strconv.FormatFloat(f, 'f', 1, 64), ".0") }

func twinNames(twins []noise.Twin) string {
	var out []string
	for _, t := range twins {
		out = append(out, t.Alert)
	}
	return strings.Join(out, ", ")
}

func compactStrings(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}
