package cli

import (
	"context"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/report"
	"treadmill/rules/defaults"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/windows"
)

// embedded is one table of facts that the binary carries, and how fresh it is.
type embedded struct {
	Name string `json:"name"`
	Date string `json:"date"` // newest day on which a source of the table was read
	Rows int    `json:"rows"`
}

func (a *app) version() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Show the version and the dates of the embedded tables", Args: cobra.NoArgs,
		RunE: a.run(func(context.Context, []string) (report.View, error) {
			tables, err := embeddedTables()
			if err != nil {
				return report.View{}, err
			}
			version, commit := buildVersion()
			t := report.Table{Columns: []report.Column{{Name: "table"}, {Name: "date"}, {Name: "rows", Right: true}}}
			for _, e := range tables {
				t.Rows = append(t.Rows, report.Row{Cells: []string{e.Name, e.Date, itoa(e.Rows)}})
			}
			return report.View{
				Lead:   []string{"treadmill " + version + " (" + commit + ", " + runtime.Version() + ")"},
				Data:   map[string]any{"version": 1, "treadmill": version, "commit": commit, "go": runtime.Version(), "tables": tables},
				Tables: []report.Table{t},
			}, nil
		}),
	}
}

// embeddedTables lists every embedded table.
func embeddedTables() ([]embedded, error) {
	table, err := windows.Embedded()
	if err != nil {
		return nil, err
	}
	out := []embedded{}
	for _, p := range table.Providers() {
		out = append(out, embedded{"windows of " + p.Name, p.Read().String(), p.Rows})
	}
	known, err := addons.Embedded()
	if err != nil {
		return nil, err
	}
	out = append(out, embedded{"add-ons", known.Read().String(), known.Rows()})
	apis, err := lifecycle.Load()
	if err != nil {
		return nil, err
	}
	date, rows := defaults.Stamp()
	return append(out, embedded{"API lifecycles", apis.Date, len(apis.APIs)}, embedded{"dispositions of alerts", date, rows}), nil
}

func buildVersion() (version, commit string) {
	version, commit = "devel", "unknown commit"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version, commit
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		version = v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			commit = s.Value[:12]
		}
	}
	return version, commit
}
