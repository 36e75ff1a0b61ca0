// Package scan is the command `upgrade scan`, its views and its outputs.
package scan

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/settings"
	"treadmill/upgrade"
	"treadmill/upgrade/apis"
)

// Command is `treadmill upgrade scan`.
func Command(a *app.App) *cobra.Command {
	var to app.Minor
	var live liveFlags
	var charts chartFlags
	var known acceptFlags
	var since input.Changed
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
		RunE: a.Run(func(ctx context.Context, paths []string) (report.View, error) {
			by, err := readCatalogues(a, known.addons)
			if err != nil {
				return report.View{}, err
			}
			table := by.APIs
			set, problems, err := known.settings(a, paths)
			if err != nil {
				return report.View{}, err
			}
			wanted, err := targetOf(upgrade.Minor(to), known, set)
			if err != nil {
				return report.View{}, err
			}
			target, err := known.target(wanted, upgrade.Minor(charts.from))
			if err != nil {
				return report.View{}, err
			}
			target, err = input.ScanTarget(target, table)
			if err != nil {
				return report.View{}, err
			}
			changed, err := since.Filter(ctx, a, paths, governing(a))
			if err != nil {
				return report.View{}, err
			}
			by = by.Between(upgrade.Minor(charts.from), target)
			r, err := rendering(a, charts, table, target)
			if err != nil {
				return report.View{}, err
			}
			if len(set.Exclude) > 0 {
				r.Skip = set.Excludes
			}
			r.Open, r.Real, r.Want, r.Refer, r.Define, r.Dump, r.Setup, r.Warn = a.OpenAny, a.Env.Real, by.Want, true, true, true, true, by.Warnings
			var seen apis.Files
			if len(paths) > 0 {
				names, missing := a.Expand(paths)
				if seen, err = r.Read(ctx, names); err != nil {
					return report.View{}, err
				}
				seen.Findings = append(seen.Findings, missing...)
			}
			all, err := scanLive(ctx, a, &live, by, target)
			if err != nil {
				return report.View{}, err
			}
			if all.facts, err = input.APIData(a, table, upgrade.Minor(to)); err != nil {
				return report.View{}, err
			}
			seen.Findings = append(seen.Findings, problems...)
			all.Files, all.settings, all.changed = seen, set, changed
			all.whole = slices.ContainsFunc(paths, func(p string) bool { return filepath.Clean(p) == set.Dir })
			return scanned(ctx, a, all, by, target, known, upgrade.Minor(charts.from))
		}),
	}
	c.Flags().Var(&to, "to", "Kubernetes version to go to, such as 1.38 (default: the newest known)")
	live.add(a, c)
	charts.add(c)
	known.add(c)
	since.Add(c)
	return a.Returns(c, scanData{})
}

// targetOf is the version to go to: that of the flag, or else that of the settings.
func targetOf(to upgrade.Minor, known acceptFlags, set settings.Settings) (upgrade.Minor, error) {
	if set.Target == "" || !to.IsZero() || known.path != (app.Minor{}) {
		return to, nil
	}
	target, err := upgrade.ParseMinor(set.Target)
	if err != nil {
		return to, fmt.Errorf("%s: target: %w", settings.Name, err)
	}
	return target, nil
}
