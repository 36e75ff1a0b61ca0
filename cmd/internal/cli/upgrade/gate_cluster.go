package upgrade

import (
	"context"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/internal/diag"
	"treadmill/upgrade/fleet"
)

// differing says where the cluster at the gate runs something else than the fleet file says.
func differing(ctx context.Context, a *app.App, f hopFlags, h hop) ([]diag.Finding, error) {
	if len(f.live.Contexts) == 0 {
		return nil, nil
	}
	contexts, err := input.ConnectClusters(a, &f.live.ClusterFlags)
	if err != nil {
		return nil, err
	}
	if len(contexts) != 1 {
		return nil, app.Usage("--context: want the one of %s, not %d", h.cluster.Name.V, len(contexts))
	}
	one := h.fleet
	one.Clusters, one.Missing = []fleet.Cluster{h.cluster}, nil
	return f.live.Compare(ctx, a, contexts, one, h.cluster.Name.V)
}
