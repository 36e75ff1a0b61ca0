package inventory

import (
	"cmp"
	"slices"
	"strings"

	"treadmill/upgrade/fleet"
)

// marks are what providers leave on versions and nodes. Those of versions come first, as nodes may be absent.
//
// Sources: the version suffixes and node labels in the providers' own documentation, read on 2026-11-23 as carried by
// client libraries: eks.amazonaws.com, cloud.google.com/gke, kubernetes.azure.com, node.openshift.io, k3s, rke2, Talos.
func provider(f Facts) string {
	for _, m := range []struct{ in, provider string }{{"-eks-", "eks"}, {"-gke.", "gke"}, {"+k3s", "k3s"}, {"+rke2", "rke2"}} {
		if strings.Contains(f.Version, m.in) {
			return m.provider
		}
	}
	labels := []struct{ prefix, provider string }{
		{"kubernetes.azure.com/", "aks"},
		{"eks.amazonaws.com/", "eks"},
		{"cloud.google.com/gke-", "gke"},
		{"node.openshift.io/", "openshift"},
	}
	for _, n := range f.Nodes {
		if strings.HasPrefix(n.OS, "Talos") {
			return "talos"
		}
		for key := range n.Labels {
			for _, l := range labels {
				if strings.HasPrefix(key, l.prefix) {
					return l.provider
				}
			}
		}
	}
	return "upstream"
}

// Pool names the pool of a node, by the labels of providers in the order in which they count.
func Pool(n Node) string {
	for _, key := range []string{"eks.amazonaws.com/nodegroup", "karpenter.sh/nodepool", "alpha.eksctl.io/nodegroup-name",
		"cloud.google.com/gke-nodepool",
		"kubernetes.azure.com/agentpool", "agentpool"} {
		if v := n.Labels[key]; v != "" {
			return v
		}
	}
	for _, role := range []string{"control-plane", "master"} {
		if _, ok := n.Labels["node-role.kubernetes.io/"+role]; ok {
			return "control-plane"
		}
	}
	return "workers"
}

// region is that of most nodes.
func region(nodes []Node) string {
	count := map[string]int{}
	for _, n := range nodes {
		if r := n.Labels["topology.kubernetes.io/region"]; r != "" {
			count[r]++
		}
	}
	var names []string
	for r := range count {
		names = append(names, r)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) })
	return strings.Join(names[:min(1, len(names))], "")
}

// shortName takes the cluster's own name out of a context that a provider's tool wrote.
func shortName(context string) string {
	if x, ok := fleet.ParseContext(context); ok {
		return x.Cluster
	}
	return context
}
