package data

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/build"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/internal/snapshot"
	"treadmill/upgrade/windows"
)

// statusData is the machine shape of `data status`.
type statusData struct {
	Version  int            `json:"version"`
	Snapshot *snapshotData  `json:"snapshot,omitempty"` // in use; absent where the tables of the program are
	Tables   []tableData    `json:"tables"`
	Findings []diag.Finding `json:"findings"`
}

type snapshotData struct {
	Created string   `json:"created"`
	Expires string   `json:"expires"`
	Newest  string   `json:"newest"`
	Preview string   `json:"preview,omitempty"`
	Keys    []string `json:"keys"`
}

type tableData struct {
	Name   string `json:"name"`
	Origin string `json:"origin"` // program, snapshot, or folder
	Read   string `json:"read"`   // the newest day on which a source of it was read; "" where a snapshot does not say
	Age    int    `json:"ageDays"`
	Rows   int    `json:"rows,omitempty"`
	// Facts are the days or releases that the rows come to, and SecondHand those of them that no provider or project says itself; absent for a
	// table that is derived from the projects' own sources, and for one that is not the program's.
	Facts      int `json:"facts,omitempty"`
	SecondHand int `json:"secondHand,omitempty"`
}

func statusCommand(a *app.App) *cobra.Command {
	c := &cobra.Command{
		Use: "status", Args: cobra.NoArgs, Short: "Show where each table comes from and how old it is",
		Long:    "Lists every table of facts with its origin, the newest day on which a source of it was read, and its age.",
		Example: "  treadmill data status\n  treadmill data status --data treadmill-data.zip",
		RunE: a.Run(func(context.Context, []string) (report.View, error) {
			b, err := a.Snapshot()
			if err != nil {
				return report.View{}, err
			}
			embedded, err := build.Tables()
			if err != nil {
				return report.View{}, err
			}
			return statusView(a, b, embedded), nil
		}),
	}
	return a.Returns(c, statusData{})
}

func statusView(a *app.App, b *snapshot.Bundle, embedded []build.Table) report.View {
	today := windows.DayOf(a.Time())
	data := statusData{Version: 1, Tables: []tableData{}}
	replaced := map[string]bool{}
	add := func(name, origin, read string, t build.Table) {
		age := 0
		if day, err := windows.ParseDay(read); err == nil {
			age = int(today - day)
		}
		data.Tables = append(data.Tables, tableData{Name: name, Origin: origin, Read: read, Age: age,
			Rows: t.Rows, Facts: t.Facts, SecondHand: t.SecondHand})
	}
	lead := "The tables are those in the program."
	if b != nil {
		m := b.Manifest
		data.Snapshot = &snapshotData{Created: m.Created, Expires: m.Expires, Newest: m.Newest, Preview: m.Preview, Keys: app.List(b.Keys)}
		lead = "The tables are those of a snapshot of " + m.Created + ", signed by " + strings.Join(
			b.Keys,
			", ",
		) + "; it expires on " + m.Expires + "."
		read := map[string]string{}
		for _, f := range m.Files {
			table, _, _ := strings.Cut(f.Name, "/")
			read[table] = max(read[table], f.Read)
			replaced[table] = true
		}
		for _, table := range slices.Sorted(maps.Keys(read)) {
			add(table, "snapshot", read[table], build.Table{})
		}
	}
	for _, t := range embedded {
		switch table := tableOf(t.Name); {
		case replaced[table]:
		case b == nil && inFolder(a, table):
			replaced[table], lead = true, "Tables are those of the folder "+a.DataFile+", which nobody has signed."
			add(table, "folder", "", build.Table{})
		default:
			add(t.Name, "program", t.Date, t)
		}
	}
	data.Findings = app.List(a.Settle(nil))
	return report.View{Title: "Age of the tables", Lead: append([]string{lead}, shareOf(data.Tables)...), Figures: statusFigures(data.Tables),
		Tables: []report.Table{statusTable(data.Tables)}, Findings: data.Findings, Data: data}
}

// shareOf says how much of the support dates and add-ons no provider or project says itself.
func shareOf(tables []tableData) []string {
	facts, second := 0, 0
	for _, t := range tables {
		facts += t.Facts
		second += t.SecondHand
	}
	if facts == 0 {
		return nil
	}
	return []string{fmt.Sprintf("Second-hand, which no provider or project says itself, are "+
		"%d of %d support dates and releases of add-ons, %d %%.", second, facts, (100*second+facts/2)/facts)}
}

func statusFigures(tables []tableData) []report.Figure {
	rows, old := 0, 0
	for _, t := range tables {
		rows += t.Rows
		if t.Age > windows.StaleAfter {
			old++
		}
	}
	return []report.Figure{report.Counted("tables", len(tables), report.Plain), report.Counted("rows", rows, report.Plain),
		report.Counted(fmt.Sprintf("older than %d days", windows.StaleAfter), old, report.Warn)}
}

// inFolder reports whether a table comes from a folder that --data names.
func inFolder(a *app.App, table string) bool {
	files, err := a.Facts(table)
	return err == nil && files != nil
}

// tableOf is the folder of a snapshot in which a table of the program would be.
func tableOf(name string) string {
	switch {
	case strings.HasPrefix(name, "windows"):
		return "windows"
	case name == "add-ons":
		return "addons"
	case name == "API lifecycles":
		return "lifecycle"
	case name == "flags", name == "feature gates":
		return "component"
	case name == "metrics":
		return "lint"
	}
	return name
}

func statusTable(tables []tableData) report.Table {
	t := report.Table{
		Columns: []report.Column{
			{Name: "table"},
			{Name: "origin"},
			{Name: "read"},
			{Name: "age in days", Right: true},
			{Name: "rows", Right: true},
			{Name: "second-hand", Right: true},
		},
	}
	for _, x := range tables {
		row := report.Row{Cells: []string{x.Name, x.Origin, x.Read, "", "", ""}}
		if x.Read != "" {
			row.Cells[3] = strconv.Itoa(x.Age)
		}
		if x.Rows > 0 {
			row.Cells[4] = strconv.Itoa(x.Rows)
		}
		if x.Facts > 0 {
			row.Cells[5] = fmt.Sprintf("%d of %d", x.SecondHand, x.Facts)
		}
		if x.Read != "" && x.Age > windows.StaleAfter {
			row.Tone = report.Warn
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// today is the day of now, such as 2026-11-30.
func today(a *app.App) string { return a.Time().UTC().Format(time.DateOnly) }
