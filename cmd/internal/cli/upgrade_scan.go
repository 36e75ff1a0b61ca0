package cli

import (
	"context"
	"io"
	"io/fs"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/report"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/read"
)

func (a *app) upgradeScan() *cobra.Command {
	var to minor
	var live liveFlags
	var charts chartFlags
	var known acceptFlags
	c := &cobra.Command{
		Use: "scan [PATH]...", Args: live.args,
		Short: "Find deprecated and removed APIs in manifests and clusters",
		Long: `Reads manifests (YAML, JSON, NDJSON, lists of any kind) in files, folders or standard input and finds the objects whose
API version the target has removed (an error) or deprecates (a warning). What cannot be read is never a clean result. Helm
charts are rendered for the target, without a cluster and without a network.

With --live, --releases, --metrics live or --context it reads clusters too, with get and list only: objects by who wrote
them through which API, stored Helm releases, and the API server's own count of deprecated calls. With --audit-log it
tells who still calls an old API. docs/live.md has the rules and the ClusterRole.`,
		Example: "  treadmill upgrade scan deploy/ --to 1.38\n  helm template ./chart | treadmill upgrade scan -\n" +
			"  treadmill upgrade scan --context prod-eu --context prod-us --to 1.38\n  treadmill upgrade scan --audit-log audit.log.gz",
		RunE: a.run(func(ctx context.Context, paths []string) (report.View, error) {
			by, err := a.catalogues(known.addons)
			if err != nil {
				return report.View{}, err
			}
			table := by.apis
			target, err := known.target(upgrade.Minor(to), upgrade.Minor(charts.from))
			if err != nil {
				return report.View{}, err
			}
			target, err = scanTarget(target, table)
			if err != nil {
				return report.View{}, err
			}
			render, err := a.rendering(charts, table, target)
			if err != nil {
				return report.View{}, err
			}
			r := read.Reader{Open: a.openAny, Want: by.want, Render: render, Refer: true, Warn: by.warnings}
			var seen read.Result
			if len(paths) > 0 {
				if seen, err = r.Read(ctx, expand(paths)); err != nil {
					return report.View{}, err
				}
			}
			also, err := a.scanLive(ctx, &live, table, target)
			if err != nil {
				return report.View{}, err
			}
			also.Custom = append(also.Custom, by.judge(seen, target)...)
			return a.scanned(seen, also, table, target, known, upgrade.Minor(charts.from))
		}),
	}
	c.Flags().Var(&to, "to", "Kubernetes version to go to, such as 1.38 (default: the newest known)")
	live.add(c)
	charts.add(c)
	known.add(c)
	return c
}

// scanTarget is the version to scan for. Beyond the last release for which anything is planned nothing can be said.
func scanTarget(to upgrade.Minor, table *lifecycle.Table) (upgrade.Minor, error) {
	switch last := table.Last(); {
	case to.IsZero():
		return table.Newest, nil
	case last.Less(to):
		return to, usage("--to %s: nothing is known of that version; the catalogue of %s knows releases up to %s and plans up to %s",
			to, table.Date, table.Newest, last)
	}
	return to, nil
}

// openAny opens a file, or standard input for "-".
func (a *app) openAny(name string) (fs.File, error) {
	if name == stdinArg {
		return stdinFile{a.env.Stdin}, nil
	}
	return a.env.Open(name)
}

// stdinFile is standard input as a file; closing it does nothing.
type stdinFile struct{ io.Reader }

func (stdinFile) Stat() (fs.FileInfo, error) { return nil, fs.ErrInvalid }
func (stdinFile) Close() error               { return nil }
