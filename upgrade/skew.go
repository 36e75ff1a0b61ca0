package upgrade

// MaxNodeSkew is how many minors a kubelet may be older than its API server, since kubelet 1.25; older kubelets may lag by two
// (https://kubernetes.io/releases/version-skew-policy/, read 2026-10). kube-proxy follows the same rule.
const MaxNodeSkew = 3

// NodeSkew is how many minors a kubelet of a version may be older than its API server, where the provider permits limit
// at most. A limit of 0 or less means that the provider has no rule of its own.
func NodeSkew(kubelet Minor, limit int) int {
	skew := MaxNodeSkew
	if kubelet.Less(V1(25)) {
		skew = 2
	}
	if limit > 0 {
		skew = min(skew, limit)
	}
	return skew
}

// NodesAllow reports whether nodes of a version may run under a control plane of another: never newer than it, and no
// more minors behind than NodeSkew.
func NodesAllow(control, nodes Minor, limit int) bool {
	lag := control.Sub(nodes)
	return control.Major == nodes.Major && lag >= 0 && lag <= NodeSkew(nodes, limit)
}

// Hops lists the versions that a control plane passes on its way: from excluded, to included, one minor at a time, as
// API servers never skip one. It is empty when to is not newer.
func Hops(from, to Minor) []Minor {
	var hops []Minor
	for v := from.Add(1); v.Compare(to) <= 0; v = v.Add(1) {
		hops = append(hops, v)
	}
	return hops
}
