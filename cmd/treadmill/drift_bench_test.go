package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// driftDiscovery is what each server of the benchmark serves besides the core: autoscalers in two versions, and resource claims in two.
const driftDiscovery = `{"kind":"APIGroupDiscoveryList","items":[
 {"metadata":{"name":"resource.k8s.io"},"versions":[
  {"version":"v1","resources":[{"resource":"resourceclaims","scope":"Namespaced","responseKind":{"kind":"ResourceClaim"},"verbs":["get","list","create"]}]},
  {"version":"v1beta1","resources":[{"resource":"resourceclaims","scope":"Namespaced","responseKind":{"kind":"ResourceClaim"},"verbs":["get","list","create"]}]}]},
 {"metadata":{"name":"autoscaling"},"versions":[
  {"version":"v2","resources":[{"resource":"horizontalpodautoscalers","scope":"Namespaced","responseKind":{"kind":"HorizontalPodAutoscaler"},"verbs":["get","list","create"]}]},
  {"version":"v1","resources":[{"resource":"horizontalpodautoscalers","scope":"Namespaced","responseKind":{"kind":"HorizontalPodAutoscaler"},"verbs":["get","list","create"]}]}]}]}`

// BenchmarkDriftCommand compares a fleet of 50 clusters with 1,000 objects each: 50 nodes, 150 workloads, 300 autoscalers and 500 resource
// claims, one in fifty of which is written through an old version.
func BenchmarkDriftCommand(b *testing.B) {
	dir := b.TempDir()
	answers := driftAnswers()
	serve := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		body, ok := answers[r.URL.Path]
		if !ok {
			body = `{"kind":"List","items":[]}`
		}
		_, _ = fmt.Fprint(w, body)
	})
	fleet, clusters, contexts := "version: 1\nclusters:\n", "", ""
	for n := range 50 {
		s := httptest.NewServer(serve)
		b.Cleanup(s.Close)
		fleet += fmt.Sprintf("  - {name: c%d, provider: eks, version: \"1.35\", group: g%d, nodes: [{name: general, version: \"1.35\"}]}\n", n, n%10)
		clusters += fmt.Sprintf("- {name: c%d, cluster: {server: %q}}\n", n, s.URL)
		contexts += fmt.Sprintf("- {name: c%d, context: {cluster: c%d, user: u}}\n", n, n)
	}
	manifests := ""
	for n := range 300 {
		manifests += fmt.Sprintf("apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web-%d, namespace: shop}\n---\n", n)
	}
	for name, text := range map[string]string{
		"fleet.yaml": fleet, "manifests.yaml": manifests,
		"kubeconfig": "apiVersion: v1\nkind: Config\nusers: [{name: u, user: {token: t}}]\nclusters:\n" + clusters + "contexts:\n" + contexts,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	path := func(name string) string { return filepath.Join(dir, name) }
	measure(b, 1, "drift", "--fail-on", "warning", "-f", path("fleet.yaml"), "--manifests", path("manifests.yaml"), "--kubeconfig", path("kubeconfig"))
}

// driftAnswers are what a server of the benchmark answers by path.
func driftAnswers() map[string]string {
	list := func(n int, one func(i int) string) string {
		all := make([]string, n)
		for i := range all {
			all[i] = one(i)
		}
		return `{"kind":"List","metadata":{},"items":[` + strings.Join(all, ",") + `]}`
	}
	meta := func(name, version string) string {
		return fmt.Sprintf(`"metadata":{"name":%q,"namespace":"shop","uid":"1-2-3","labels":{"app":%q,"team":"shop"},"annotations":{"note":%q},"managedFields":[
   {"manager":"argocd-controller","operation":"Apply","apiVersion":%q,"time":"2026-11-01T08:00:00Z","fieldsType":"FieldsV1","fieldsV1":{%s}}]}`,
			name, name, strings.Repeat("as somebody wrote it ", 20), version, strings.TrimSuffix(strings.Repeat(`"f:spec":{"f:field":{}},`, 20), ","))
	}
	return map[string]string{
		"/version": `{"gitVersion":"v1.35.4-eks-1a2b3c"}`,
		"/api":     `{"kind":"APIGroupDiscoveryList","items":[]}`,
		"/apis":    driftDiscovery,
		"/api/v1/nodes": list(50, func(i int) string {
			return fmt.Sprintf(`{"metadata":{"name":"n-%d","labels":{"eks.amazonaws.com/nodegroup":"general"}},"status":{"nodeInfo":{"kubeletVersion":"v1.35.4-eks-1"}}}`, i)
		}),
		"/apis/apps/v1/deployments": list(150, func(i int) string {
			return fmt.Sprintf(`{%s,"spec":{"template":{"spec":{"containers":[{"image":"registry.example.com/shop:%d"}]}}}}`, meta(fmt.Sprint("web-", i), "apps/v1"), i)
		}),
		"/apis/autoscaling/v2/horizontalpodautoscalers": list(300, func(i int) string {
			return "{" + meta(fmt.Sprint("web-", i), "autoscaling/v2") + "}"
		}),
		"/apis/resource.k8s.io/v1/resourceclaims": list(500, func(i int) string {
			version := "resource.k8s.io/v1"
			if i%50 == 0 {
				version = "resource.k8s.io/v1beta1"
			}
			return "{" + meta(fmt.Sprint("claim-", i), version) + "}"
		}),
	}
}
