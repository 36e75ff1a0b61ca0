package upgrade

import (
	"context"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
)

func inventoryCommand(a *app.App) *cobra.Command {
	var clusters input.ClusterFlags
	var file string
	var releases, write bool
	c := &cobra.Command{
		Use: "inventory", Args: cobra.NoArgs,
		Short: "Write live clusters into a fleet file",
		Long: `Reads clusters side by side, all contexts of the kubeconfig unless some are named, and writes what they say of themselves into
a fleet file: provider, version, node pools and add-ons. A file that exists is edited: comments, order and style stay, and
what the clusters do not say (teams, environments, groups) is left to people. It prints the result unless --write is given.
It only gets and lists; docs/clusterrole.yaml has the role.`,
		Example: "  treadmill upgrade inventory > fleet.yaml\n  treadmill upgrade inventory -f fleet.yaml --context prod-eu --releases --write",
		RunE: a.Run(func(ctx context.Context, _ []string) (report.View, error) {
			if len(clusters.Contexts) == 0 {
				clusters.Contexts = []string{"*"}
			}
			if write && file == "" {
				return report.View{}, app.Usage("--write needs a file: name it with --fleet")
			}
			old, err := input.OldFleet(a, file, write)
			if err != nil {
				return report.View{}, err
			}
			contexts, err := input.ConnectClusters(a, &clusters)
			if err != nil {
				return report.View{}, err
			}
			found, findings, err := input.TakeInventory(ctx, a, contexts, releases)
			if err != nil {
				return report.View{}, err
			}
			merged, changes, err := input.MergeInto(file, old, found)
			if err != nil {
				return report.View{}, err
			}
			v := inventoryView(found, changes, a.Settle(findings))
			if len(found) == 0 {
				return v, nil
			}
			if !write {
				v.Document = merged
				return v, nil
			}
			if err := a.WriteFiles(map[string][]byte{file: merged}); err != nil {
				return report.View{}, err
			}
			return v, nil
		}),
	}
	clusters.Add(a, c)
	f := c.Flags()
	f.Lookup("context").Usage = "context of the kubeconfig; repeat it for more (default: all)"
	f.StringVarP(&file, "fleet", "f", "", "the fleet file to merge into")
	f.StringVar(&file, "file", "", "the name that --fleet had before")
	_ = f.MarkHidden("file") // it fails for a flag that does not exist
	f.BoolVar(&write, "write", false, "write the file instead of printing it")
	f.BoolVar(&releases, "releases", false, "find add-ons by their Helm releases too, which needs the right to read secrets")
	return a.Returns(c, inventoryData{})
}
