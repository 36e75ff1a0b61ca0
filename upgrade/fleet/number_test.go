package fleet_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"treadmill/internal/diag"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/windows"
)

// Versions are taken as each provider writes them; a number that cannot be the provider's is an error at its place, of clusters as of their
// nodes, and never read as some other version.
func TestNumbersOfProviders(t *testing.T) {
	table, err := windows.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct{ provider, text, want string }{
		{"eks", "v1.33.4-eks-3abbec1", "1.33"}, {"eks", "1.33-eks.5", "1.33"}, {"eks", "1.33", "1.33"},
		{"eks", "eks.5", "a platform version of EKS"},
		{"eks-anywhere", "v1.33.2-eks-1-33-12", "1.33"},
		{"gke", "1.33.4-gke.1247000", "1.33"}, {"aks", "1.34.2", "1.34"},
		{"rke2", "v1.35.1+rke2r1", "1.35"}, {"k3s", "v1.35.1+k3s2", "1.35"}, {"k3d", "v1.35.1+k3s2", "1.35"},
		{"openshift", "4.18", "1.31"}, {"ocp", "4.20.3", "1.33"}, {"rosa", "4.21", "1.34"}, {"openshift", "1.31.7", "1.31"},
		{"talos", "1.34.1", "1.34"},
		{"talos", "v1.11.3", "v1.11.3 is a release of Talos Linux"}, {"talos", "1.12", "1.12 is a release of Talos Linux"},
		{"eks", "1.33.4-gke.1247000", "is a version of gke, and the provider is eks"},
		{"gke", "v1.33.4-eks-3abbec1", "is a version of eks or eks-anywhere"},
		{"rke2", "v1.35.1+k3s2", "is a version of k3s, and the provider is rke2"},
		{"upstream", "v1.35.1+rke2r1", "is a version of rke2"},
		{"aks", "4.18", "is a version of openshift or rosa, and the provider is aks"},
		{"rancher", "2.12", "2.12 is not a Kubernetes version"},
		{"openshift", "4.99", "has no release 4.99 that is known"},
		{"openshift", "5.0", "5.0 (1.37) is not available at openshift yet"},
	} {
		for _, line := range []string{"- {name: c, provider: %s, version: \"%s\"}", "- {name: c, provider: %s, version: \"1.36\", nodes: [{name: n, version: \"%s\"}]}"} {
			nodes := strings.Contains(line, "nodes")
			if nodes && c.text == "5.0" {
				continue // newer than the control plane
			}
			f, findings := fleet.Read("fleet.yaml", fmt.Appendf(nil, "version: 1\nclusters:\n"+line+"\n", c.provider, c.text), nil)
			findings = append(findings, f.Check(table, now)...)
			if strings.HasPrefix(c.want, "1.") && len(c.want) == 4 {
				if diag.Any(findings, diag.Error) && c.provider != "rosa" || len(f.Clusters) == 1 && !nodes && f.Clusters[0].Version.V.String() != c.want ||
					len(f.Clusters) == 1 && nodes && f.Clusters[0].Nodes[0].Version.V.String() != c.want {
					t.Errorf("%s %s: %v, %v", c.provider, c.text, f.Clusters, findings)
				}
				continue
			}
			said := false
			for _, x := range findings {
				said = said || x.Severity == diag.Error && x.Position.Line == 3 && strings.Contains(x.Message, c.want)
			}
			if !said || len(f.Clusters) > 0 {
				t.Errorf("%s %s is taken: %v, %v", c.provider, c.text, f.Clusters, findings)
			}
		}
	}
}
