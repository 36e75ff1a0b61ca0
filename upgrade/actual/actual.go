// Package actual compares what files say of a fleet with what its clusters say of themselves.
//
// The way through it: a fleet and the clusters that were read → Pair → Fleet → []drift.Finding. It reads nothing and changes nothing.
// What a cluster hides is not compared, and never counts as equal: Compared says which clusters were.
package actual

import (
	"slices"
	"strings"

	"treadmill/upgrade/fleet"
	"treadmill/upgrade/inventory"
)

// Cluster is a cluster as it was read.
type Cluster struct {
	inventory.Cluster // what goes into a fleet file
	Facts             inventory.Facts
	Server            string // the address of its API server, which contexts of one cluster share
}

// Place is where findings about it are.
func (c Cluster) Place() string { return "context " + c.Context }

// Pairs say which cluster of a fleet is which.
type Pairs struct {
	Both    []Pair
	Only    []fleet.Cluster // the file has them, and no context that was read leads to them
	Unknown []Cluster       // no cluster of the file
}

// Pair is one cluster on both sides.
type Pair struct {
	File fleet.Cluster
	Live Cluster
}

// Match finds the clusters of a fleet among those that were read: by the name of the file, which is that of the cluster or of its
// context, or by the label "context". Several contexts of one cluster count once. A cluster that the file has and that has problems there
// is in none of the lists.
func Match(f fleet.Fleet, live []Cluster) Pairs {
	var out Pairs
	servers := map[string]bool{}
	taken := make([]bool, len(live))
	for _, c := range f.Clusters {
		i := slices.IndexFunc(live, func(l Cluster) bool { return is(c, l) })
		if i < 0 {
			out.Only = append(out.Only, c)
			continue
		}
		for j := i; j < len(live); j++ {
			if is(c, live[j]) {
				taken[j], servers[live[j].Server] = true, true
			}
		}
		out.Both = append(out.Both, Pair{c, live[i]})
	}
	for i, l := range live {
		left := slices.ContainsFunc(f.Missing, func(m fleet.Missing) bool { return m.Name == l.Name || m.Name == l.Context })
		if taken[i] || left || l.Server != "" && servers[l.Server] {
			continue
		}
		servers[l.Server] = true
		out.Unknown = append(out.Unknown, l)
	}
	return out
}

func is(c fleet.Cluster, l Cluster) bool {
	return c.Name.V == l.Name || c.Name.V == l.Context || c.Labels["context"] == l.Context
}

// list joins words with commas.
func list(words []string) string { return strings.Join(words, ", ") }
