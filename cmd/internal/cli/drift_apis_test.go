package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"treadmill/internal/drift"
)

// served is discovery of resource claims and autoscalers in two versions each, and definitions.
const served = `{"kind":"APIGroupDiscoveryList","items":[
 {"metadata":{"name":"resource.k8s.io"},"versions":[
  {"version":"v1","resources":[{"resource":"resourceclaims","scope":"Namespaced","responseKind":{"kind":"ResourceClaim"},"verbs":["get","list","create"]}]},
  {"version":"v1beta1","resources":[{"resource":"resourceclaims","scope":"Namespaced","responseKind":{"kind":"ResourceClaim"},"verbs":["get","list","create"]}]}]},
 {"metadata":{"name":"autoscaling"},"versions":[
  {"version":"v2","resources":[{"resource":"horizontalpodautoscalers","scope":"Namespaced","responseKind":{"kind":"HorizontalPodAutoscaler"},"verbs":["get","list","create"]}]},
  {"version":"v1","resources":[{"resource":"horizontalpodautoscalers","scope":"Namespaced","responseKind":{"kind":"HorizontalPodAutoscaler"},"verbs":["get","list","create"]}]}]},
 {"metadata":{"name":"apiextensions.k8s.io"},"versions":[
  {"version":"v1","resources":[{"resource":"customresourcedefinitions","responseKind":{"kind":"CustomResourceDefinition"},"verbs":["get","list","create"]}]}]}]}`

// servedCore is discovery of an old kind of the core.
const servedCore = `{"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":""},"versions":[
  {"version":"v1","resources":[{"resource":"endpoints","scope":"Namespaced","responseKind":{"kind":"Endpoints"},"verbs":["get","list","create"]}]}]}]}`

// written is the metadata of an object: "namespace/name manager version …", with more fields.
func written(words, more string) string {
	w := strings.Fields(words)
	namespace, name, _ := strings.Cut(w[0], "/")
	var managers []string
	for i := 1; i+1 < len(w); i += 2 {
		manager, sub, _ := strings.Cut(w[i], ":")
		managers = append(
			managers,
			fmt.Sprintf(
				`{"manager":%q,"operation":"Update","apiVersion":%q,"subresource":%q,"time":"2026-11-0%dT08:00:00Z"}`,
				manager,
				w[i+1],
				sub,
				i,
			),
		)
	}
	return fmt.Sprintf(`{"metadata":{"namespace":%q,"name":%q,"managedFields":[%s]%s}}`, namespace, name, strings.Join(managers, ","), more)
}

const claimsPath, scalersPath = "/apis/resource.k8s.io/v1/resourceclaims", "/apis/autoscaling/v2/horizontalpodautoscalers"

func TestDriftOfAPIs(t *testing.T) {
	dir := t.TempDir()
	manifest := `apiVersion: resource.k8s.io/v1
kind: ResourceClaim
metadata: {name: trainer, namespace: ml}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
---
apiVersion: resource.k8s.io/v1beta1
kind: ResourceClaim
metadata: {name: old, namespace: ml}
`
	if err := os.WriteFile(filepath.Join(dir, "app.yaml"), []byte(manifest), 0o600); err != nil {
		t.Fatal(err)
	}
	old, now := "resource.k8s.io/v1beta1", "resource.k8s.io/v1"
	paths := map[string]string{"/api": `{"items":[]}`, "/apis": served, claimsPath: items(
		written("ml/trainer argocd-controller "+now+" kubectl-edit "+old, ""), // Git has it otherwise
		written("ml/old argocd-controller "+old, ""),                          // as Git has it: for a scan
		written("ml/stray kubectl-create "+old, ""),                           // nobody's
		written("other/trainer kubectl-create "+old, ""),                      // of another namespace than the file
		written("ml/fine helm "+now, ""),                                      // nobody's, and not old
		written("ml/status driver:status "+old, ""),                           // its status alone
		written("ml/plane kube-controller-manager "+old, ""),                  // an upgrade replaces it
		written("ml/unserved helm resource.k8s.io/v1alpha3", ""),              // nobody can call it
		written("ml/made helm "+old, `,"ownerReferences":[{"apiVersion":"batch/v1","kind":"Job","name":"train-1","uid":"1","controller":true}]`),
		written("ml/argo helm "+old, `,"annotations":{"argocd.argoproj.io/compare-options":"IgnoreExtraneous"}`),
		written("ml/flux helm "+old, `,"annotations":{"kustomize.toolkit.fluxcd.io/ssa":"Ignore"}`),
		written("ml/once helm "+old, `,"annotations":{"kustomize.toolkit.fluxcd.io/ssa":"IfNotPresent"}`),
		written("ml/hook helm "+old, `,"annotations":{"helm.sh/hook":"pre-upgrade"}`),
		written("ml/sync helm "+old, `,"annotations":{"argocd.argoproj.io/hook":"PostSync"}`),
	), scalersPath: items(written("web/web kubectl-client-side-apply autoscaling/v2 keda autoscaling/v1", ""))}
	paths["/api"], paths["/api/v1/endpoints"] = servedCore, items(written("web/made controller v1", "")) // Argo CD leaves them out
	config := kubeconfig(t, map[string]string{"prod": apiServer(t, paths)})
	status, found, _, _ := driftOf(t, "--manifests", dir, "--context", "prod", "--kubeconfig", config)
	want := `drift/api-version prod HorizontalPodAutoscaler web/web: apiVersion: autoscaling/v2 → apiVersion: autoscaling/v1
drift/api-unmanaged prod ResourceClaim ml/made:  → apiVersion: resource.k8s.io/v1beta1
drift/api-unmanaged prod ResourceClaim ml/stray:  → apiVersion: resource.k8s.io/v1beta1
drift/api-version prod ResourceClaim ml/trainer: apiVersion: resource.k8s.io/v1 → apiVersion: resource.k8s.io/v1beta1
drift/api-unmanaged prod ResourceClaim other/trainer:  → apiVersion: resource.k8s.io/v1beta1`
	if got := told(found); got != want || status != 0 {
		t.Errorf("status %d, got\n%s\nwant\n%s", status, got, want)
	}
	for _, f := range found {
		switch f.Subject {
		case "ResourceClaim ml/made":
			if f.Owner != "Job train-1" {
				t.Errorf("%+v", f)
			}
		case "ResourceClaim ml/trainer":
			if f.Owner != "field manager kubectl-edit" || f.Line != 1 || f.Since.IsZero() ||
				!strings.Contains(f.Message, "kubectl-edit writes it as resource.k8s.io/v1beta1, last on 2026-11-03") {
				t.Errorf("%+v", f)
			}
		}
	}
	paths[claimsPath] = "403"
	if status, found, rows, _ := driftOf(t, "--manifests", dir, "--context", "prod", "--kubeconfig", config); status != 3 ||
		rows[0].Cells[0].Kind != drift.APIs ||
		rows[0].Cells[0].State != drift.Apart ||
		len(found) != 2 {
		t.Errorf("refused: %d %+v %+v", status, rows, found)
	}
}

// A definition that one of three clusters of a group has otherwise.
func TestDriftOfDefinitions(t *testing.T) {
	crd := func(versions, stored string) string {
		return items(
			`{"metadata":{"name":"widgets.example.org"},"spec":{"group":"example.org","names":{"kind":"Widget","plural":"widgets"},"versions":[` + versions + `]},"status":{"storedVersions":[` + stored + `]}}`,
		)
	}
	fine := crd(`{"name":"v1","served":true,"storage":true},{"name":"v1beta1","served":false}`, `"v1"`)
	late := crd(`{"name":"v1beta1","served":true,"storage":true}`, `"v1beta1"`)
	servers := map[string]string{}
	for name, definitions := range map[string]string{"a": fine, "b": fine, "c": late, "alone": late} {
		paths := eks("1.34", nil)
		paths["/api"], paths["/apis"], paths["/apis/apiextensions.k8s.io/v1/customresourcedefinitions"] = `{"items":[]}`, served, definitions
		servers[name] = apiServer(t, paths)
	}
	fleet := "version: 1\nclusters:\n"
	for _, name := range []string{"a", "b", "c"} {
		fleet += "  - {name: " + name + ", group: shop, provider: eks, version: \"1.34\"}\n"
	}
	file := write(t, "fleet.yaml", fleet+"  - {name: alone, provider: eks, version: \"1.34\"}\n")
	status, found, rows, _ := driftOf(t, "-f", file, "--manifests", file, "--kubeconfig", kubeconfig(t, servers), "--allow-partial")
	want := "drift/crd c CRD widgets.example.org: served: v1 storage: v1 stored: v1 → served: v1beta1 storage: v1beta1 stored: v1beta1"
	if got := told(found); got != want {
		t.Errorf("status %d, got\n%s\nwant\n%s\n%v", status, got, want, rows)
	}
}
