package actual

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/inventory"
)

// controlPlane is how the pool of control plane nodes is named, which are upgraded with it.
const controlPlane = "control-plane"

// version is that of a named thing; "" when it is not there.
func version(items []inventory.Item, name string) string {
	if i := slices.IndexFunc(items, func(n inventory.Item) bool { return n.Name == name }); i >= 0 {
		return items[i].Version
	}
	return ""
}

// pools compares the node pools that the file has. A file that has none says that all nodes are at the version of the control plane.
func (c *comparison) pools() {
	if c.Live.Facts.Hidden.Nodes {
		return
	}
	for _, n := range c.File.Nodes {
		name, want, have := n.Name.V, n.Version.V.String(), version(c.Live.Nodes, n.Name.V)
		switch {
		case slices.Contains(c.moved, name) || want == have:
		case have == "":
			c.add(FindingPool, diag.Info, n.Pos, "node pool "+name, want, "",
				"the file has the node pool %s, and the cluster no node of it: it is scaled to zero, or gone", name)
			c.found[len(c.found)-1].Fix = ""
		default:
			c.add(FindingPool, diag.Error, n.Version.Pos, "node pool "+name, want, have,
				"the file says that the node pool %s runs %s, and its oldest node runs %s", name, want, have)
		}
	}
	if len(c.File.Nodes) == 0 {
		c.behind()
		return
	}
	for _, have := range c.Live.Nodes {
		if have.Name != controlPlane && !slices.ContainsFunc(c.File.Nodes, func(n fleet.NodePool) bool { return n.Name.V == have.Name }) {
			c.add(FindingPool, diag.Warning, c.File.Nodes[0].Pos, "node pool "+have.Name, "", have.Version,
				"the node pool %s runs %s, and the file does not have it", have.Name, have.Version)
		}
	}
}

// behind tells of pools that are behind their control plane where the file tells no pools apart.
func (c *comparison) behind() {
	var late []string
	for _, n := range c.Live.Nodes {
		if n.Version != c.Live.Version.String() {
			late = append(late, n.Name+" "+n.Version)
		}
	}
	if len(late) > 0 {
		have := strings.Join(late, "\n")
		c.add(FindingMixed, diag.Error, c.File.Name.Pos, "node pools", "", have,
			"its control plane runs %s and its nodes do not (%s): the file has no node pools, which says that they are alike",
			c.Live.Version, list(late))
	}
}

// mixed tells of pools whose nodes run several versions.
func (c *comparison) mixed() {
	counts := map[string]map[upgrade.Minor]int{}
	for _, n := range c.Live.Facts.Nodes {
		v, err := inventory.MinorOf(n.Version)
		if err != nil {
			continue
		}
		pool := inventory.Pool(n)
		if counts[pool] == nil {
			counts[pool] = map[upgrade.Minor]int{}
		}
		counts[pool][v]++
	}
	for _, n := range c.Live.Nodes {
		if len(counts[n.Name]) < 2 {
			continue
		}
		var parts []string
		for v, nodes := range counts[n.Name] {
			parts = append(parts, fmt.Sprintf("%d at %s", nodes, v))
		}
		slices.SortFunc(parts, func(a, b string) int {
			return cmp.Compare(a[strings.LastIndexByte(a, ' '):], b[strings.LastIndexByte(b, ' '):])
		})
		at := c.File.Name.Pos
		if i := slices.IndexFunc(c.File.Nodes, func(p fleet.NodePool) bool { return p.Name.V == n.Name }); i >= 0 {
			at = c.File.Nodes[i].Pos
		}
		c.add(FindingMixed, diag.Warning, at, "nodes of "+n.Name, "", list(parts),
			"the nodes of the pool %s run several versions (%s): an upgrade of them is under way, or broke off", n.Name, list(parts))
		c.found[len(c.found)-1].Fix = ""
	}
}
