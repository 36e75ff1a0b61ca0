package rules

import (
	"context"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
	"treadmill/internal/yamlx"
	"treadmill/rules/defaults"
)

func packCommand(a *app.App) *cobra.Command {
	var platform platformFlags
	var out string
	c := &cobra.Command{
		Use: "pack [SLO...]", Args: cobra.ArbitraryArgs,
		Short: "List the platform SLOs, or write them as OpenSLO files",
		Long: `Lists the SLOs for API server, DNS, nodes, workloads, storage and the monitoring itself, each with its reason and with
the default alerts that it replaces. With names it writes those SLOs as OpenSLO documents; with --out it writes a file for
each that the platform has use for.`,
		Example: "  treadmill rules pack --preset managed-control-plane\n  treadmill rules pack apiserver-availability | treadmill rules generate -\n" +
			"  treadmill rules pack --preset managed-control-plane --has hubble --out slos/",
		RunE: a.Run(func(_ context.Context, ids []string) (report.View, error) {
			table, _ := defaults.Known()
			slos, findings := defaults.Pack(table, platform.platform())
			slos, err := named(slos, ids)
			if err != nil {
				return report.View{}, err
			}
			view := packView(slos)
			view.Findings = findings
			if out != "" {
				return view, writePack(a, slos, out)
			}
			if len(ids) > 0 {
				view.Document, err = defaults.Specs(slos)
			}
			return view, err
		}),
	}
	platform.add(c)
	c.Flags().StringVar(&out, "out", "", "folder to write a file for each chosen SLO into")
	app.CompleteArgs(c, packNames)
	return a.Returns(c, packData{})
}

// packNames are the platform SLOs, for completion.
func packNames() []cobra.Completion {
	var out []cobra.Completion
	for _, s := range platformSLOs() {
		out = append(out, cobra.CompletionWithDesc(s.ID, s.Reason))
	}
	return out
}

// rareParts are what some platform SLOs want and few clusters have, for completion.
func rareParts() []cobra.Completion {
	var out []cobra.Completion
	for _, s := range platformSLOs() {
		out = append(out, s.When...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func platformSLOs() []defaults.PlatformSLO {
	table, _ := defaults.Known()
	slos, _ := defaults.Pack(table, defaults.Platform{})
	return slos
}

// named keeps the SLOs that are asked for, all when none is.
func named(slos []defaults.PlatformSLO, ids []string) ([]defaults.PlatformSLO, error) {
	var known []string
	for _, s := range slos {
		known = append(known, s.ID)
	}
	for _, id := range ids {
		if !slices.Contains(known, id) {
			return nil, app.Usage("%q is not a platform SLO; %s", id, yamlx.DidYouMean(id, known, "treadmill rules pack lists them"))
		}
	}
	return slices.DeleteFunc(slos, func(s defaults.PlatformSLO) bool { return len(ids) > 0 && !slices.Contains(ids, s.ID) }), nil
}

func writePack(a *app.App, slos []defaults.PlatformSLO, folder string) error {
	files := map[string][]byte{}
	for _, s := range slos {
		if s.Chosen {
			name, data, err := s.Spec()
			if err != nil {
				return err
			}
			files[filepath.Join(folder, name)] = data
		}
	}
	return a.WriteFiles(files)
}

// packData is the machine shape of `rules pack`.
type packData struct {
	SLOs    []defaults.PlatformSLO `json:"slos"`
	Version int                    `json:"version"`
}

func packView(slos []defaults.PlatformSLO) report.View {
	t := report.Table{Columns: []report.Column{{Name: "slo"}, {Name: "chosen"}, {Name: "route"}, {Name: "replaces"}, {Name: "reason"},
		{Name: "series", Wide: true}, {Name: "guard", Wide: true}, {Name: "metrics", Wide: true}}}
	chosen := 0
	for _, s := range slos {
		row := report.Row{
			Tone:  report.Muted,
			Cells: []string{s.ID, "no: " + s.Because, s.Route, strings.Join(s.Replaces, ", "), s.Reason, s.Series, s.Guard, s.Metrics},
		}
		if s.Chosen {
			chosen++
			row.Tone, row.Cells[1] = report.Plain, "yes"
		}
		t.Rows = append(t.Rows, row)
	}
	return report.View{
		Lead:   []string{app.Count(len(slos), "platform SLO", "platform SLOs") + ", " + strconv.Itoa(chosen) + " chosen"},
		Tables: []report.Table{t},
		Data:   packData{Version: 1, SLOs: app.List(slos)},
	}
}
