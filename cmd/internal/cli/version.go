package cli

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/build"
	"treadmill/cmd/internal/report"
)

func versionCommand(a *app.App) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Show the version and the dates of the embedded tables", Args: cobra.NoArgs,
		RunE: a.Run(func(context.Context, []string) (report.View, error) {
			tables, err := build.Tables()
			if err != nil {
				return report.View{}, err
			}
			b := build.Read()
			t := report.Table{Columns: []report.Column{{Name: "table"}, {Name: "date"}, {Name: "rows", Right: true}}}
			for _, e := range tables {
				t.Rows = append(t.Rows, report.Row{Cells: []string{e.Name, e.Date, strconv.Itoa(e.Rows)}})
			}
			return report.View{
				Lead:   []string{"treadmill " + b.String()},
				Data:   map[string]any{"version": 1, "treadmill": b.Version, "commit": b.Commit, "date": b.Date, "go": b.Go, "tables": tables},
				Tables: []report.Table{t},
			}, nil
		}),
	}
}
