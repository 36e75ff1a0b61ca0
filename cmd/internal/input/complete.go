package input

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/upgrade/fleet"
)

// ClusterNames are the clusters of the fleet file that a command line names, for completion.
func ClusterNames(a *app.App, c *cobra.Command) []cobra.Completion {
	var out []cobra.Completion
	for _, k := range fleetOf(a, c) {
		about := k.Provider.V + " " + k.Version.V.String()
		out = append(out, cobra.CompletionWithDesc(k.Name.V, strings.TrimSpace(about+" "+k.Environment.V)))
	}
	return out
}

// GuardNames are the SLOs that guard the cluster that a command line names, or those of all clusters, for completion: NAME=.
func GuardNames(a *app.App, c *cobra.Command) []cobra.Completion {
	var out []cobra.Completion
	name := ""
	if f := c.Flags().Lookup("cluster"); f != nil {
		name = f.Value.String()
	}
	for _, k := range fleetOf(a, c) {
		if name == "" || k.Name.V == name {
			for _, guard := range k.SLOs {
				out = append(out, guard.SLO.V+"=")
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// fleetOf is what can be read of the fleet that a command line names.
func fleetOf(a *app.App, c *cobra.Command) []fleet.Cluster {
	f := c.Flags().Lookup("fleet")
	if f == nil || f.Value.String() == "" || f.Value.String() == app.StdinArg {
		return nil
	}
	in, err := a.Read(f.Value.String())
	if err != nil {
		return nil
	}
	read, _ := fleet.Read(in.Name, in.Data, func(name string) ([]byte, error) { x, err := a.Read(name); return x.Data, err })
	return read.Clusters
}
