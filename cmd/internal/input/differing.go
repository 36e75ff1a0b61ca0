package input

import (
	"context"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/internal/diag"
	"treadmill/upgrade/actual"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/kube"
)

// LiveFlags name clusters that are held against a fleet file which a command goes by.
type LiveFlags struct {
	ClusterFlags
	Strict bool // what differs is an error
}

// Add adds the flags to a command, whose context flag says something else than where clusters are all that is read.
func (f *LiveFlags) Add(a *app.App, c *cobra.Command, usage string) {
	f.ClusterFlags.Add(a, c)
	c.Flags().Lookup("context").Usage = usage + " (docs/drift.md)"
	c.Flags().BoolVar(&f.Strict, "strict", false, "other versions than the fleet file says are errors, not warnings")
}

// Differing says where the clusters of the contexts that are named run something else than the fleet file says: warnings, or where strict
// errors. A cluster that cannot be read is not known to be as the file says.
func Differing(ctx context.Context, a *app.App, f LiveFlags, of fleet.Fleet) ([]diag.Finding, error) {
	if len(f.Contexts) == 0 {
		return nil, nil
	}
	contexts, err := ConnectClusters(a, &f.ClusterFlags)
	if err != nil {
		return nil, err
	}
	return f.Compare(ctx, a, contexts, of, "")
}

// Compare is Differing for clusters that are connected; with a name, they are the cluster of that name in the file.
func (f LiveFlags) Compare(ctx context.Context, a *app.App, contexts []*kube.Cluster, of fleet.Fleet, name string) ([]diag.Finding, error) {
	live, findings, err := TakeInventory(ctx, a, contexts, false)
	if err != nil {
		return nil, err
	}
	table, err := Addons(a)
	if err != nil {
		return nil, err
	}
	for i := range live {
		if name != "" {
			live[i].Name = name
		}
	}
	for _, d := range actual.Fleet(of, actual.Match(of, live), actual.Ask{Addons: table}) {
		if d.Severity == diag.Error && !f.Strict {
			d.Severity = diag.Warning
		}
		findings = append(findings, d.Finding)
	}
	return a.Settle(findings), nil
}
