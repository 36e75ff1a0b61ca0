// Package drift is the command `drift`: what files say of a fleet, against what runs.
package drift

import (
	"context"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
)

// flags say what is compared.
type flags struct {
	fleet     input.FleetFlags
	clusters  input.ClusterFlags
	as        string // the name in the fleet of the only cluster that is read
	releases  bool
	write     bool
	baseline  string
	planned   string // the file of a plan
	manifests []string
	ruleFlags
}

// Command is `treadmill drift`.
func Command(a *app.App) *cobra.Command {
	var f flags
	c := &cobra.Command{
		Use: "drift", Args: cobra.NoArgs,
		Short: "Find where clusters have left what files say of them",
		Long: `Compares what is in Git with what runs, and changes no cluster: it only gets and lists, and reads contexts side by side, all of the
kubeconfig unless some are named. With a fleet file it compares the versions of control planes and node pools, provider, region and
add-ons, and tells clusters that one side alone has. --write brings what clusters say into the file, as "upgrade inventory" does. With
--plan it tells hops that were done late, early, half done or out of order. With --manifests it tells objects that somebody writes through
another API version than their file has, and objects of old APIs that no file makes. With
specs (--slo) or rule files (--rules) it compares the rules that they make with the PrometheusRule objects of the clusters, and with
what a server has loaded (--prometheus: Prometheus, the rulers of Thanos and Mimir): missing, made from an older spec, edited where
they run, loaded twice, failing, nobody's.

What cannot be compared is said, never counts as equal, and makes the exit status 3 (--allow-partial accepts it). A comment
"# treadmill:ignore drift/addon REASON" in the file accepts a difference where it stands; --baseline accepts those of an earlier run.
docs/drift.md has the rules and the ClusterRole.`,
		Example: "  treadmill drift -f fleet.yaml\n  treadmill drift -f fleet.yaml --context prod-eu --releases --write\n" +
			"  treadmill drift -f fleet.yaml --slo slos/ --prometheus http://prometheus:9090\n" +
			"  treadmill drift -f fleet.yaml -o json > known.json && treadmill drift -f fleet.yaml --baseline known.json",
		RunE: a.Run(func(ctx context.Context, _ []string) (report.View, error) {
			if err := f.check(); err != nil {
				return report.View{}, err
			}
			return f.run(ctx, a)
		}),
	}
	f.add(a, c)
	f.ruleFlags.add(c)
	return a.Returns(c, data{})
}

func (f *flags) add(a *app.App, c *cobra.Command) {
	c.Flags().StringVarP(&f.fleet.File, "fleet", "f", "", "the fleet file")
	_ = c.MarkFlagFilename("fleet", "yaml", "yml", "json") // it fails for a flag that does not exist
	input.AddWindows(c, &f.fleet.Windows)
	c.Flags().StringVar(&f.planned, "plan", "", "a plan (JSON of upgrade plan) to compare with what was done of it")
	c.Flags().StringSliceVar(&f.manifests, "manifests", nil,
		"file or folder of manifests, charts or overlays, compared with the objects of the clusters by API version; may be repeated")
	f.clusters.Add(a, c)
	c.Flags().Lookup("context").Usage = "context of the kubeconfig; repeat it for more (default: all)"
	c.Flags().StringVar(&f.as, "cluster", "",
		"the name in the fleet file of the only cluster that is read (default: the one of that name, or whose label context is that of the kubeconfig)")
	c.Flags().BoolVar(&f.releases, "releases", false, "find add-ons by their Helm releases too, which needs the right to read secrets")
	c.Flags().BoolVar(&f.write, "write", false, "write what clusters say into the fleet file")
	c.Flags().StringVar(&f.baseline, "baseline", "", "accept the differences of an earlier run: the file that -o json wrote")
}

func (f *flags) check() error {
	switch {
	case f.fleet.File == "" && !f.ruleFlags.given() && len(f.manifests) == 0:
		return app.Usage(
			"there is nothing to compare: name a fleet file with --fleet, manifests with --manifests, specs with --slo, or rule files with --rules",
		)
	case f.planned != "" && f.fleet.File == "":
		return app.Usage("--plan needs the fleet file that it was made for: name it with --fleet")
	case f.write && f.fleet.File == "":
		return app.Usage("--write needs a file: name it with --fleet")
	case f.ruleFlags.server.Address != "" && !f.ruleFlags.given():
		return app.Usage("--prometheus is asked for the rules that it has loaded: name those that are wanted, with --slo or --rules")
	case f.write && f.fleet.File == app.StdinArg:
		return app.Usage("--write needs a file: name it with --fleet")
	}
	return nil
}
