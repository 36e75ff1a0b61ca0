package rules

import (
	"strconv"
	"strings"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules/contain"
	"treadmill/rules/defaults"
	"treadmill/rules/swap"
)

// replaceData is the machine shape of `rules replace`.
type replaceData struct {
	Version int             `json:"version"`
	Alerts  []replacedAlert `json:"alerts"`
	New     []newAlert      `json:"new"`
	Routed  bool            `json:"routed"` // whether the routes of an Alertmanager were followed
	// Searches are those for what the new rules do not tell of the alerts that SLOs replace.
	Searches []contain.Result `json:"searches"`
	Findings []diag.Finding   `json:"findings"`
}

// replacedAlert is one installed alert with its fate in the second step, and who is told of it then.
type replacedAlert struct {
	defaults.Fate
	Receivers []string `json:"receivers"`
}

// newAlert is one alert that was not installed.
type newAlert struct {
	Name      string   `json:"name"`
	Severity  string   `json:"severity"` // in the second step; in the first it is info
	SLO       string   `json:"slo,omitempty"`
	Receivers []string `json:"receivers"`
}

func replaceView(made *swap.Swap, in installed) report.View {
	told := map[string][]string{}
	if in.routes != nil {
		told = made.Told(*in.routes)
	}
	columns := []report.Column{
		{Name: "alert"},
		{Name: "was", Rank: 2},
		{Name: "step 1", Rank: 1},
		{Name: "step 2"},
		{Name: "what changes in step 2", Rank: 4},
		{Name: "watched from then on by", Rank: 3},
	}
	if in.routes != nil {
		columns = append(columns, report.Column{Name: "who is told"})
	}
	t := report.Table{Columns: append(columns, report.Column{Name: "reason"})}
	tones := map[string]report.Tone{"critical": report.Bad, "warning": report.Warn, "info": report.Muted, "": report.Muted}
	data := replaceData{
		Version:  1,
		Alerts:   []replacedAlert{},
		New:      []newAlert{},
		Searches: app.List(made.Searches),
		Routed:   in.routes != nil,
		Findings: app.List(in.findings),
	}
	same, gone := 0, 0
	for _, f := range made.Final.Fates {
		is := f.Became
		switch {
		case f.Gone:
			is = "gone"
			gone++
		case !f.Touched:
			same++
		}
		one := replacedAlert{Fate: f, Receivers: []string{}}
		if !f.Gone {
			one.Receivers = app.List(told[swap.Key(f.Name, f.Became, f.Labels["slo"])])
		}
		row := []string{f.Name, f.Severity, f.Severity, is, strings.Join(f.What, ", "), strings.Join(f.Watched, ", ")}
		if in.routes != nil {
			row = append(row, strings.Join(one.Receivers, ", "))
		}
		t.Rows = append(t.Rows, report.Row{Tone: tones[f.Became], Cells: append(row, f.Reason)})
		data.Alerts = append(data.Alerts, one)
	}
	added := report.Table{Title: "New alerts", Columns: []report.Column{{Name: "alert"}, {Name: "slo"}, {Name: "step 1"}, {Name: "step 2"}}}
	if in.routes != nil {
		added.Columns = append(added.Columns, report.Column{Name: "who is told"})
	}
	for _, n := range made.Added() {
		one := newAlert{
			Name:      n.Name,
			Severity:  n.Labels["severity"],
			SLO:       n.Labels["slo"],
			Receivers: app.List(told[swap.Key(n.Name, n.Labels["severity"], n.Labels["slo"])]),
		}
		row := []string{one.Name, one.SLO, "info, reaches nobody", one.Severity}
		if in.routes != nil {
			row = append(row, strings.Join(one.Receivers, ", "))
		}
		added.Rows = append(added.Rows, report.Row{Tone: tones[one.Severity], Cells: row})
		data.New = append(data.New, one)
	}
	return report.View{
		Title:    "What becomes of each alert",
		Lead:     replaceLead(made, same, gone),
		Figures:  replaceFigures(made, same, gone),
		Tables:   append([]report.Table{t, added}, searchTables(made.Searches)...),
		Findings: in.findings,
		Data:     data,
		Notes:    replaceNotes(in),
	}
}

func replaceFigures(made *swap.Swap, same, gone int) []report.Figure {
	all, untold := len(made.Final.Fates), 0
	for _, s := range made.Searches {
		if s.Example != nil || s.Unread != "" {
			untold++
		}
	}
	return []report.Figure{report.Counted("alerts", all, report.Plain), report.Counted("stay as they are", same, report.Plain),
		report.Counted("are changed", all-same-gone, report.Plain), report.Counted("are gone after step 2", gone, report.Plain),
		report.Counted("are new", len(made.Added()), report.Plain), report.Counted("with states told to nobody, or not known", untold, report.Warn)}
}

func replaceLead(made *swap.Swap, same, gone int) []string {
	all := len(made.Final.Fates)
	return []string{
		app.Count(all, "alert", "alerts") + ": " + app.Count(same, "stays as it is", "stay as they are") + ", " +
			app.Count(all-same-gone, "is changed", "are changed") + ", " + app.Count(gone, "is gone", "are gone") + " after step 2; " +
			app.Count(len(made.Added()), "is new", "are new"),
		"Step 1 changes none of them, and adds the new ones in a way that reaches nobody.",
	}
}

// searchTables shows what was searched for what the new rules do not tell.
func searchTables(all []contain.Result) []report.Table {
	if len(all) == 0 {
		return nil
	}
	t := report.Table{Title: "Do the new rules tell of all that a replaced alert tells of?",
		Columns: []report.Column{
			{Name: "alert"},
			{Name: "severity"},
			{Name: "states tried"},
			{Name: "told to nobody"},
			{Name: "told by", Rank: 1},
		}}
	for _, r := range all {
		row := report.Row{Cells: []string{r.Alert, r.Severity, strconv.Itoa(r.States), "none of them", strings.Join(r.By, ", ")}}
		switch {
		case r.Example != nil:
			row.Tone, row.Cells[3] = report.Warn, r.Example.String()
		case r.Unread != "":
			row.Tone, row.Cells[3] = report.Warn, "not known: "+r.Unread
		}
		t.Rows = append(t.Rows, row)
	}
	return []report.Table{t}
}

func replaceNotes(in installed) []string {
	if in.routes == nil {
		return []string{
			"Who is told was not followed through an Alertmanager: give its configuration with --alertmanager, so that burn-in and inhibitions are checked.",
		}
	}
	return nil
}
