package upgrade

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/slo/policy"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/windows"
)

// hopInput is what commands about the hop of one cluster are given.
type hopInput struct {
	input.GuardFlags
	plan    input.FleetFlags
	cluster string
}

func (in *hopInput) add(a *app.App, c *cobra.Command, about string) {
	in.GuardFlags.Add(c)
	in.plan.AddFleet(c)
	c.Flags().StringVar(&in.cluster, "cluster", "", about)
	app.CompleteFlag(c, "cluster", func(c *cobra.Command) []cobra.Completion { return input.ClusterNames(a, c) })
	app.MustHave(c, "cluster")
}

// hop is a cluster in its fleet.
type hop struct {
	fleet    fleet.Fleet
	table    windows.Table
	cluster  fleet.Cluster
	rules    policy.Policy  // for error budgets
	findings []diag.Finding // about the fleet
}

func readHop(a *app.App, in hopInput) (h hop, err error) {
	if err := in.Check(); err != nil {
		return h, err
	}
	if h.fleet, h.table, h.findings, err = input.ReadFleet(a, in.plan); err != nil {
		return h, err
	}
	rules, about, err := input.FleetPolicy(a, in.PolicyFlag, h.fleet)
	if err != nil {
		return h, err
	}
	h.rules, h.findings = rules, append(input.Loud(h.findings), about...)
	h.cluster, err = clusterOf(h.fleet, in.cluster)
	if i := slices.IndexFunc(h.findings, func(f diag.Finding) bool { return f.Severity == diag.Error }); err != nil && i >= 0 {
		err = fmt.Errorf(
			"%s; the first problem of the file is %s",
			err.Error(),
			h.findings[i],
		) // the file may be what is wrong, not the command line
	}
	return h, err
}

// clusterOf finds a cluster of the fleet.
func clusterOf(f fleet.Fleet, name string) (fleet.Cluster, error) {
	var names []string
	for _, c := range f.Clusters {
		if c.Name.V == name {
			return c, nil
		}
		names = append(names, c.Name.V)
	}
	sound := "its sound clusters are " + strings.Join(names, ", ")
	if names == nil {
		sound = "it has no sound cluster"
	}
	return fleet.Cluster{}, app.Usage("--cluster %s: %s has no such cluster; %s", name, f.File, yamlx.DidYouMean(name, names, sound))
}
