package plan

import (
	"fmt"

	"treadmill/upgrade"
	"treadmill/upgrade/plan/model"
)

// behind says how far the nodes are behind a control plane that the provider upgrades by itself without them when it leaves a version, and
// what has to be done next.
func (t *told) behind(left *model.Life) string {
	nodes := t.u.Cluster.OldestNode()
	for _, w := range t.u.Work {
		if t.u.Slots.All[w.Slots[len(w.Slots)-1]].Start <= left.Forced {
			nodes = t.u.Lives.Versions[w.From+w.Hops].Minor
		}
	}
	p, _ := t.p.Table.Provider(t.u.Cluster.Provider.V)
	behind, supported := left.Minor.Add(1).Sub(nodes), upgrade.NodeSkew(nodes, p.NodeSkew)
	out := fmt.Sprintf("its nodes stay at %s, %s behind, where %d are supported; ", nodes, count(behind, "minor"), supported)
	if behind >= supported {
		return out + "update nodes and add-ons next, before any other hop"
	}
	return out + "update nodes and add-ons next"
}
