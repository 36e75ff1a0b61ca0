package cli

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/build"
	"treadmill/cmd/internal/report"
)

// versionData is the machine shape of `version`.
type versionData struct {
	Commit    string        `json:"commit"`
	Date      string        `json:"date"`
	Go        string        `json:"go"`
	Tables    []build.Table `json:"tables"`
	Treadmill string        `json:"treadmill"`
	Version   int           `json:"version"`
}

func versionCommand(a *app.App) *cobra.Command {
	c := &cobra.Command{
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
				Data:   versionData{Version: 1, Treadmill: b.Version, Commit: b.Commit, Date: b.Date, Go: b.Go, Tables: tables},
				Tables: []report.Table{t},
			}, nil
		}),
	}
	return a.Returns(c, versionData{})
}
