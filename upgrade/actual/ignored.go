package actual

import "slices"

// made are the kinds that controllers make in large numbers and nobody has in Git: what Argo CD leaves out unless it is told otherwise
// (resource.exclusions of its manifests/base/config/argocd-cm.yaml, read 2026-11). Without a file their objects are nobody's drift.
func made(group, kind string) bool {
	kinds := map[string][]string{
		"":                       {"Endpoints"},
		"discovery.k8s.io":       {"EndpointSlice"},
		"apiregistration.k8s.io": {"APIService"},
		"coordination.k8s.io":    {"Lease"},
		"certificates.k8s.io":    {"CertificateSigningRequest"},
		"cert-manager.io":        {"CertificateRequest"},
		"cilium.io":              {"CiliumIdentity", "CiliumEndpoint", "CiliumEndpointSlice"},
	}[group]
	if slices.Contains([]string{"kyverno.io", "reports.kyverno.io", "wgpolicyk8s.io"}, group) {
		kinds = []string{"PolicyReport", "ClusterPolicyReport", "EphemeralReport", "ClusterEphemeralReport", "AdmissionReport",
			"ClusterAdmissionReport", "BackgroundScanReport", "ClusterBackgroundScanReport", "UpdateRequest"}
	}
	return slices.Contains(kinds, kind)
}
