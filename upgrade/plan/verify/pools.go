package verify

import (
	"slices"
	"time"

	"treadmill/upgrade"
	"treadmill/upgrade/calendar"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan"
)

// poolWindows are the windows that are for a node pool alone: those that name its cluster too, else those that name no clusters.
func poolWindows(f fleet.Fleet, c fleet.Cluster, pool string) []fleet.Window {
	var own []fleet.Window
	named := false
	for _, w := range f.Policy.Windows {
		if w.Pools.Set() && w.Pools.V.Matches(pool) && w.Clusters.Matches(c) {
			own = append(own, w)
			named = named || !w.Clusters.IsZero()
		}
	}
	return slices.DeleteFunc(own, func(w fleet.Window) bool { return named && w.Clusters.IsZero() })
}

// ownRollout reports whether a node pool is rolled out by itself.
func (v *verifier) ownRollout(c fleet.Cluster, n fleet.NodePool) bool {
	return n.PerHour.V > 0 || len(poolWindows(v.fleet, c, n.Name.V)) > 0
}

// together is the oldest version of the nodes that are rolled out with campaigns.
func together(f fleet.Fleet, c fleet.Cluster) upgrade.Minor {
	oldest := c.Version.V
	for _, n := range c.Nodes {
		if n.PerHour.V <= 0 && len(poolWindows(f, c, n.Name.V)) == 0 && n.Version.V.Less(oldest) {
			oldest = n.Version.V
		}
	}
	return oldest
}

// poolAt is the version of a node pool at a time: that of the fleet file, or of the last rollout that is over by then.
func (v *verifier) poolAt(cluster string, n fleet.NodePool, at time.Time) upgrade.Minor {
	out := n.Version.V
	for _, r := range v.plan.Pools {
		if r.Cluster == cluster && r.Pool == n.Name.V && !r.End.After(at) && out.Less(r.To) {
			out = r.To
		}
	}
	return out
}

// controlAt is the version of a control plane at a time, and until when a hop is under way then.
func (v *verifier) controlAt(t *track, at time.Time) (version upgrade.Minor, last plan.Step, busy bool) {
	version = t.cluster.Version.V
	for m, left := range t.left {
		if !left.After(at) && version.Less(m.Add(1)) {
			version = m.Add(1)
		}
	}
	for _, c := range v.plan.Campaigns {
		for i, s := range c.Steps {
			if c.Cluster == t.cluster.Name.V && !s.Start.After(at) && s.End.After(at) {
				return version, s, i < len(c.Steps)-1 || len(c.Hops) == 0
			}
		}
	}
	return version, plan.Step{}, false
}

// poolsBehind checks that each rollout is of a pool that is rolled out by itself, and goes on from the version that it has.
func (v *verifier) poolsBehind() {
	for _, r := range v.plan.Pools {
		t := v.clusters[r.Cluster]
		if t == nil {
			v.fail("", "a rollout is for %q, which is no cluster of the fleet", r.Cluster)
			continue
		}
		i := slices.IndexFunc(t.cluster.Nodes, func(n fleet.NodePool) bool { return n.Name.V == r.Pool })
		if i < 0 || !v.ownRollout(t.cluster, t.cluster.Nodes[i]) || len(r.Steps) == 0 {
			v.broken(11, r.Cluster, "node pool %s has no rollout of its own", r.Pool)
			continue
		}
		if at := v.poolAt(r.Cluster, t.cluster.Nodes[i], r.Start); at != r.From || !r.From.Less(r.To) {
			v.broken(11, r.Cluster, "node pool %s is brought from %s to %s, and runs %s", r.Pool, r.From, r.To, at)
		}
	}
}

// pools checks when node pools are rolled out, and to which version.
func (v *verifier) pools() {
	for _, r := range v.plan.Pools {
		t := v.clusters[r.Cluster]
		if t == nil || len(r.Steps) == 0 {
			continue
		}
		i := slices.IndexFunc(t.cluster.Nodes, func(n fleet.NodePool) bool { return n.Name.V == r.Pool })
		if i < 0 {
			continue
		}
		v.rollout(t, t.cluster.Nodes[i], r)
	}
}

func (v *verifier) rollout(t *track, n fleet.NodePool, r plan.PoolRollout) {
	own, long, free := poolWindows(v.fleet, t.cluster, r.Pool), time.Duration(0), v.plan.Now
	version, _, _ := v.controlAt(t, r.Start)
	for k, s := range r.Steps {
		as := plan.Step{Start: s.Start, End: s.End}
		during, hop, inside := v.controlAt(t, s.Start)
		shared := len(own) == 0 && hop.Nodes && !inside && hop.Start.Equal(s.Start) && hop.End.Equal(s.End)
		if k == 0 && shared {
			version = hop.To
		}
		if v.hopIn(t, s) && !shared {
			v.broken(11, r.Cluster, "node pool %s is rolled out on %s, while the control plane goes from %s", r.Pool, s.Start.Format(time.RFC3339), during)
		}
		if s.Start.Before(free) || s.End.After(v.plan.Horizon) {
			v.broken(11, r.Cluster, "node pool %s is rolled out on %s, before it can be or after the plan", r.Pool, s.Start.Format(time.RFC3339))
		}
		v.poolOpening(t, r.Pool, own, as)
		free, long = s.End, long+s.End.Sub(s.Start)
		v.work = append(v.work, span{t.cluster, s.Start, s.End})
	}
	if r.To != version {
		v.broken(11, r.Cluster, "node pool %s is brought to %s, and the control plane runs %s then", r.Pool, r.To, version)
	}
	if n.PerHour.V > 0 && long.Minutes()*float64(n.PerHour.V) < float64(n.Size.V)*60 {
		v.broken(11, r.Cluster, "node pool %s takes %d nodes at %d an hour, and its openings last %s", r.Pool, n.Size.V, n.PerHour.V, long)
	}
}

// poolOpening checks that a rollout is in an opening of the windows of its pool, and in no freeze.
func (v *verifier) poolOpening(t *track, pool string, own []fleet.Window, s plan.Step) {
	if len(own) > 0 && !v.inOneOf(t.cluster, s, own) || len(own) == 0 && !v.inWindow(t.cluster, s) {
		v.broken(11, t.cluster.Name.V, "the rollout of node pool %s on %s is not in an opening of its windows", pool, s.Start.Format(time.RFC3339))
	}
	for i, z := range v.fleet.Policy.Freezes {
		if _, hit := v.frozen[i].Overlap(calendar.Span{From: s.Start, To: s.End}); hit && z.Clusters.Matches(t.cluster) {
			v.broken(5, t.cluster.Name.V, "the rollout of node pool %s on %s is inside the freeze %q", pool, s.Start.Format(time.RFC3339), z.Title())
		}
	}
}

// hopIn reports whether a step of a campaign of a cluster is in a time.
func (v *verifier) hopIn(t *track, s plan.PoolStep) bool {
	for _, c := range v.plan.Campaigns {
		for _, x := range c.Steps {
			if c.Cluster == t.cluster.Name.V && x.Start.Before(s.End) && s.Start.Before(x.End) {
				return true
			}
		}
	}
	return false
}
