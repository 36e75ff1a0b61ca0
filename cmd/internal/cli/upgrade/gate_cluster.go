package upgrade

import (
	"context"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/internal/diag"
	"treadmill/upgrade/actual"
	"treadmill/upgrade/fleet"
)

// differing says where a cluster runs something else than the fleet file says, which the gate is told by: warnings, or errors where strict. A
// cluster that cannot be read is not known to be as the file says.
func differing(ctx context.Context, a *app.App, f hopFlags, h hop) ([]diag.Finding, error) {
	if len(f.live.Contexts) == 0 {
		return nil, nil
	}
	contexts, err := input.ConnectClusters(a, &f.live)
	if err != nil {
		return nil, err
	}
	if len(contexts) != 1 {
		return nil, app.Usage("--context: want the one of %s, not %d", h.cluster.Name.V, len(contexts))
	}
	live, findings, err := input.TakeInventory(ctx, a, contexts, false)
	if err != nil {
		return nil, err
	}
	table, err := input.Addons(a)
	if err != nil {
		return nil, err
	}
	for i := range live {
		live[i].Name = h.cluster.Name.V
	}
	one := h.fleet
	one.Clusters, one.Missing = []fleet.Cluster{h.cluster}, nil
	for _, d := range actual.Fleet(one, actual.Match(one, live), actual.Ask{Addons: table}) {
		if d.Severity == diag.Error && !f.strict {
			d.Severity = diag.Warning
		}
		findings = append(findings, d.Finding)
	}
	return a.Settle(findings), nil
}
