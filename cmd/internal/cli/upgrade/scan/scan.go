// Package scan is the command `upgrade scan`, its views and its outputs.
package scan

import (
	"context"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/apis"
)

// scanning is one scan: its flags, and what they come to.
type scanning struct {
	app    *app.App
	to     app.Minor
	live   liveFlags
	charts chartFlags
	known  acceptFlags
	since  input.Changed

	by      apis.Catalogues
	tree    input.Tree
	leftOut []diag.Finding // what is said of paths that were named and are left out
	changed input.Filter
}

// Command is `treadmill upgrade scan`.
func Command(a *app.App) *cobra.Command {
	s := &scanning{app: a}
	c := &cobra.Command{
		Use: "scan [PATH]...", Args: s.live.args,
		Short: "Find deprecated and removed APIs in manifests and clusters",
		Long: `Reads manifests (YAML, JSON, NDJSON, lists of any kind) in files, folders or standard input and finds the objects whose
API version the target has removed (an error) or deprecates (a warning). What cannot be read is never a clean result. Helm
charts are rendered for the target, without a cluster and without a network.

With --live, --releases, --metrics live or --context it reads clusters too, with get and list only: objects by who wrote
them through which API, stored Helm releases, and the API server's own count of deprecated calls. With --audit-log it
tells who still calls an old API. docs/live.md has the rules and the ClusterRole.`,
		Example: "  treadmill upgrade scan deploy/ --to 1.38\n  helm template ./chart | treadmill upgrade scan -\n" +
			"  treadmill upgrade scan --context prod-eu --context prod-us --to 1.38\n  treadmill upgrade scan --audit-log audit.log.gz",
		RunE: a.Run(s.run),
	}
	c.Flags().Var(&s.to, "to", "Kubernetes version to go to, such as 1.38 (default: the newest known)")
	s.live.add(a, c)
	s.charts.add(c)
	s.known.add(c)
	s.since.Add(c)
	return a.Returns(c, scanData{})
}

// run reads all that the flags name, judges it and shows what was found.
func (s *scanning) run(ctx context.Context, paths []string) (report.View, error) {
	if err := s.prepare(ctx, paths); err != nil {
		return report.View{}, err
	}
	files, err := s.files(ctx, paths)
	if err != nil {
		return report.View{}, err
	}
	all, err := scanLive(ctx, s.app, &s.live, s.by, s.tree.Target)
	if err != nil {
		return report.View{}, err
	}
	if all.facts, err = input.APIData(s.app, s.by.APIs, s.tree.Named); err != nil {
		return report.View{}, err
	}
	all.Files = files
	found, err := s.judge(ctx, all, slices.ContainsFunc(paths, func(p string) bool { return filepath.Clean(p) == s.tree.Dir }))
	if err != nil {
		return report.View{}, err
	}
	return s.show(all, found), nil
}

// prepare reads what files are judged by.
func (s *scanning) prepare(ctx context.Context, paths []string) (err error) {
	if s.by, err = readCatalogues(s.app, s.known.addons); err != nil {
		return err
	}
	from := upgrade.Minor(s.charts.from)
	wanted, err := s.known.target(upgrade.Minor(s.to), from)
	if err != nil {
		return err
	}
	if s.tree, err = s.known.tree.Read(s.app, paths, wanted, s.by.APIs); err != nil {
		return err
	}
	if s.tree.Target.Less(from) {
		return app.Usage("the target %s lies before --from %s", s.tree.Target, from)
	}
	s.by = s.by.Between(from, s.tree.Target)
	s.changed, err = s.since.Filter(ctx, s.app, paths, governing(s.app))
	return err
}

// files reads what the paths name.
func (s *scanning) files(ctx context.Context, paths []string) (seen apis.Files, err error) {
	if len(paths) == 0 {
		return seen, nil
	}
	r, err := rendering(s.app, s.charts, s.by.APIs, s.tree.Target)
	if err != nil {
		return seen, err
	}
	r.Open, r.Real, r.Quiet, r.Skip, r.Want = s.app.OpenAny, s.app.Env.Real, s.app.Env.Quiet, s.tree.Skips(), s.by.Want
	r.Refer, r.Define, r.Dump, r.Setup, r.Warn = true, true, true, true, s.by.Warnings
	names, missing := s.app.Expand(paths)
	seen, err = r.Read(ctx, names)
	seen.Findings = slices.Concat(seen.Findings, missing)
	s.leftOut = s.tree.LeftOut(names)
	return seen, err
}

// itself is a finding that is no more than that.
func itself(f diag.Finding) diag.Finding { return f }
