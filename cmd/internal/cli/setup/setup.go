// Package setup is the command `init`: it writes the first files of a folder.
package setup

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/upgrade/inventory"
	"treadmill/upgrade/windows"
)

// Command is `treadmill init`.
func Command(a *app.App) *cobra.Command {
	var live input.ClusterFlags
	var said answers
	c := &cobra.Command{
		Use: "init [FOLDER]", Args: cobra.MaximumNArgs(1), Short: "Write the first files: a fleet, an SLO and the settings of scans",
		Long: `Writes a commented fleet.yaml, an example SLO and .treadmill.yaml into a folder (default: the current one). The clusters come from
contexts of the kubeconfig (--context), from flags (--provider and --kubernetes), or from the answers to five questions, which are
read from standard input, one a line. An answer left empty takes the default. A file that exists is kept as it is.`,
		Example: "  treadmill init\n  treadmill init --context prod-eu --context prod-us\n  treadmill init --provider eks --kubernetes 1.34 --environment prod platform/",
		RunE: a.Run(func(ctx context.Context, args []string) (report.View, error) {
			files, err := plan(cmp.Or(append(args, "")[0], "."))
			if err != nil {
				return report.View{}, err
			}
			var findings []diag.Finding
			if files.wants(fleetFile) {
				var clusters []inventory.Cluster
				if clusters, findings, err = find(ctx, a, &live, said); err != nil {
					return report.View{}, err
				}
				if err := files.fill(clusters); err != nil {
					return report.View{}, err
				}
			}
			findings = a.Settle(findings)
			if err := a.WriteFiles(files.fresh()); err != nil {
				return report.View{}, err
			}
			return files.view(a.Name(), findings), nil
		}),
	}
	live.Add(a, c)
	f := c.Flags()
	f.Lookup("context").Usage = "context of the kubeconfig to take a cluster from, or \"*\" for all; repeat it for more"
	f.StringVar(&said.provider, "provider", "", "provider of the cluster: upstream, eks, gke, aks, …")
	f.Var(&said.version, "kubernetes", "Kubernetes version of the cluster, such as 1.34")
	f.StringVar(&said.name, "cluster", "", "name of the cluster (default: its environment)")
	f.StringVar(&said.environment, "environment", "", "environment of the cluster (default: prod)")
	f.StringVar(&said.team, "team", "", "team that upgrades the cluster")
	app.CompleteFlag(c, "provider", func(*cobra.Command) []cobra.Completion { return providers() })
	app.CompleteFlag(c, "environment", func(*cobra.Command) []cobra.Completion { return environments() })
	for _, name := range []string{"cluster", "team"} {
		app.CompleteFlag(c, name, func(*cobra.Command) []cobra.Completion { return nil })
	}
	c.ValidArgsFunction = func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}
	return a.Returns(c, data{})
}

// find is the clusters that the flags or the answers name.
func find(ctx context.Context, a *app.App, live *input.ClusterFlags, said answers) ([]inventory.Cluster, []diag.Finding, error) {
	if len(live.Contexts) > 0 {
		if said != (answers{}) {
			return nil, nil, app.Usage("--context reads clusters, so it does not go with flags that describe one")
		}
		contexts, err := input.ConnectClusters(a, live)
		if err != nil {
			return nil, nil, err
		}
		found, findings, err := input.TakeInventory(ctx, a, contexts, false)
		var clusters []inventory.Cluster
		for _, c := range found {
			clusters = append(clusters, c.Cluster)
		}
		return clusters, findings, err
	}
	table, err := input.Calendar(a)
	if err != nil {
		return nil, nil, err
	}
	q := questions{in: a.Env.Stdin, out: a.Env.Stderr, table: table, now: input.Today(a)}
	cluster, err := q.cluster(said)
	return []inventory.Cluster{cluster}, nil, err
}

func environments() []cobra.Completion { return []cobra.Completion{"dev", "staging", "prod"} }

func providers() []cobra.Completion {
	table, err := windows.Embedded()
	if err != nil {
		return nil
	}
	var out []cobra.Completion
	for _, p := range table.Providers() {
		out = append(out, cobra.CompletionWithDesc(p.Name, p.Title))
	}
	return out
}
