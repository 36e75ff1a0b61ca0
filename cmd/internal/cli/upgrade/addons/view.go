package addons

import (
	"fmt"
	"strconv"
	"strings"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/cli/upgrade/date"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/windows"
)

// addonsView makes the view of `upgrade addons`.
type addonsView struct {
	now      windows.Day
	table    addons.Table
	calendar windows.Table
	addons   []addons.Addon
	named    bool
	to       upgrade.Minor
	findings []diag.Finding
}

func (v addonsView) view() report.View {
	data := addonsData{Version: 1, Now: v.now, To: v.to, Addons: []addonData{}, Findings: append([]diag.Finding{}, diag.Sort(v.findings)...)}
	for _, x := range v.addons {
		data.Addons = append(data.Addons, v.newAddonData(x))
	}
	tables := []report.Table{v.overview()}
	if v.named {
		tables = append(tables, v.releases())
	}
	return report.View{Title: "Add-ons for Kubernetes " + v.to.String(), Lead: v.lead(), Data: data, Tables: tables, Findings: v.findings,
		Notes: []string{"~ is forecast from how long the project took in the past. " +
			"A range that is tested, newest or match ends where it ends; expected and default ranges do not say what lies outside."}}
}

func (v addonsView) overview() report.Table {
	first := "first for " + v.to.String()
	t := report.Table{
		Columns: []report.Column{
			{Name: "add-on"},
			{Name: "newest"},
			{Name: "Kubernetes"},
			{Name: "range is", Rank: 3},
			{Name: "confidence", Rank: 3},
			{Name: first},
			{
				Name:  "lag in days",
				Right: true,
				Rank:  1,
			},
			{Name: "moves", Rank: 2},
			{Name: "read", Wide: true},
			{Name: "page", Wide: true},
			{Name: "notes", Wide: true},
		},
	}
	for _, x := range v.addons {
		n := x.Newest()
		kind, confidence := n.Semantics.String(), n.Confidence.String()
		if len(x.Releases) == 0 {
			kind, confidence = "not published", ""
		}
		cell, tone := v.first(x)
		t.Rows = append(t.Rows, report.Row{Tone: tone, Cells: []string{x.Name, n.Version, n.Kubernetes.String(), kind, confidence,
			cell, v.lags(x), moves(x.MinorStep), x.Read().String(), x.Page, strings.Join(x.Notes, "; ")}})
	}
	return t
}

// first says which release is the first for the minor, or when one is likely.
func (v addonsView) first(x addons.Addon) (string, report.Tone) {
	r, ok := x.First(v.to)
	switch {
	case ok && r.Released != 0:
		return r.Version + " of " + r.Released.String(), report.Plain
	case ok:
		return r.Version, report.Plain
	case x.Retired != nil:
		return "retired on " + x.Retired.Date.String(), report.Bad
	case !x.Limited():
		return "not said", report.Muted
	}
	d, ok := v.table.Forecast(x.Name, v.to, v.calendar)
	switch {
	case !ok:
		return "none", report.Warn
	case addons.Forecasts(d, v.now) == addons.StateUnconfirmed:
		return "unconfirmed, likely by " + d.Latest().String(), report.Warn
	}
	return date.Cell(d), report.Warn
}

// lags lists the last three lags of an add-on, oldest first.
func (v addonsView) lags(x addons.Addon) string {
	var out []string
	lags := x.Lags(v.calendar)
	for _, l := range lags[max(0, len(lags)-3):] {
		out = append(out, strconv.Itoa(l.Days))
	}
	return strings.Join(out, " ")
}

func moves(step int) string {
	switch step {
	case 0:
		return "any"
	case 1:
		return "one minor"
	default:
		return strconv.Itoa(step) + " minors"
	}
}

func (v addonsView) releases() report.Table {
	t := report.Table{
		Title: "Releases",
		Columns: []report.Column{
			{Name: "add-on"},
			{Name: "release"},
			{Name: "released", Rank: 2},
			{Name: "Kubernetes"},
			{Name: "range is", Rank: 3},
			{Name: "confidence", Rank: 3},
			{Name: "fits " + v.to.String()},
			{Name: "source", Rank: 1},
			{Name: "note"},
		},
	}
	for _, x := range v.addons {
		for _, r := range x.Releases {
			fit := v.table.Check(x.Name, r.Version, v.to).Fit
			tone := report.Plain
			if fit != addons.Compatible {
				tone = report.Muted
			}
			source, _ := x.Source(r.Source)
			t.Rows = append(
				t.Rows,
				report.Row{Tone: tone, Cells: []string{x.Name, r.Version, r.Released.String(), r.Kubernetes.String(), r.Semantics.String(),
					r.Confidence.String(), fit.String(), fmt.Sprintf("%s, read %s", r.Source, source.Read), r.Note}},
			)
		}
	}
	return t
}

// lead counts what is ready.
func (v addonsView) lead() []string {
	ready, waiting, retired := 0, 0, 0
	for _, x := range v.addons {
		switch _, ok := x.First(v.to); {
		case ok:
			ready++
		case x.Retired != nil:
			retired++
		case x.Limited():
			waiting++
		}
	}
	return []string{fmt.Sprintf("Of %s, %d have a release for Kubernetes %s. None yet: %d; retired: %d; not said: %d.",
		app.Count(len(v.addons), "add-on", "add-ons"), ready, v.to, waiting, retired, len(v.addons)-ready-waiting-retired)}
}
