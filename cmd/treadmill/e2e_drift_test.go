//go:build e2e

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// driftSLO is what the rules of the clusters are made from.
const driftSLO = `apiVersion: openslo/v1
kind: SLO
metadata: {name: checkout}
spec:
  service: shop
  indicator:
    metadata: {name: requests}
    spec:
      ratioMetric:
        counter: true
        bad: {metricSource: {type: Prometheus, spec: {query: 'sum(rate(shop_requests_total{code=~"5.."}[5m]))'}}}
        total: {metricSource: {type: Prometheus, spec: {query: 'sum(rate(shop_requests_total[5m]))'}}}
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.999}]
`

// driftCRD is a definition that serves two versions.
const driftCRD = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: carts.shop.example.com}
spec:
  group: shop.example.com
  scope: Namespaced
  names: {plural: carts, singular: cart, kind: Cart}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
  - {name: v1beta1, served: true, storage: false, schema: {openAPIV3Schema: {type: object}}}
`

// driftAddons are add-ons by the image that shows them.
var driftAddons = map[string]string{
	"cert-manager":     "quay.io/jetstack/cert-manager-controller:v1.18.2",
	"metrics-server":   "registry.k8s.io/metrics-server/metrics-server:v0.8.0",
	"external-secrets": "ghcr.io/external-secrets/external-secrets:v0.19.2",
}

// driftFleet is three real clusters in one kubeconfig, and the files that say what they run.
type driftFleet struct {
	clusters map[string]*cluster
	dir      string
	files    map[string]string
	rules    string // the PrometheusRule of the SLO
}

func hpa(version string, n, most int) string {
	spec := "{minReplicas: 1, maxReplicas: %d, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: cert-manager}}"
	return fmt.Sprintf("apiVersion: autoscaling/%s\nkind: HorizontalPodAutoscaler\nmetadata: {name: web-%d, namespace: default}\nspec: "+spec+"\n", version, n, most)
}

func startDriftFleet(t *testing.T) *driftFleet {
	f := &driftFleet{clusters: map[string]*cluster{}, dir: t.TempDir(), files: map[string]string{}}
	for _, d := range []string{"slos", "rules", "manifests"} {
		if err := os.Mkdir(filepath.Join(f.dir, d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	path := func(name string) string { return filepath.Join(f.dir, name) }
	write(t, path("slos/checkout.yaml"), driftSLO)
	treadmill(t, "rules", "generate", path("slos"), "--out", path("rules"))
	made, err := filepath.Glob(path("rules/*.yaml"))
	if err != nil || len(made) != 1 {
		t.Fatal(made, err)
	}
	text, err := os.ReadFile(made[0])
	if err != nil {
		t.Fatal(err)
	}
	f.rules = string(text)
	config := "apiVersion: v1\nkind: Config\ncurrent-context: eu\nusers: [{name: scanner, user: {token: scanner}}]\n"
	clusters, contexts, fleet := "clusters:\n", "contexts:\n", "version: 1\nclusters:\n"
	for _, name := range []string{"dev", "eu", "us"} {
		c := startCluster(t, []string{"scanner"}, "--runtime-config=resource.k8s.io/v1beta2=true")
		f.clusters[name] = c
		f.fill(t, c)
		clusters += fmt.Sprintf("- name: %s\n  cluster: {server: %q, insecure-skip-tls-verify: true}\n", name, c.url)
		contexts += fmt.Sprintf("- name: %s\n  context: {cluster: %s, user: scanner}\n", name, name)
		fleet += fmt.Sprintf("  - {name: %s, provider: eks, version: \"1.37\", group: shop, team: shop, region: eu-west-1}\n", name)
	}
	write(t, path("kubeconfig"), config+clusters+contexts)
	write(t, path("fleet.yaml"), fleet)
	for n := range 3 {
		write(t, path(fmt.Sprintf("manifests/web-%d.yaml", n)), hpa("v2", n, 3))
	}
	treadmill(t, "upgrade", "inventory", "--kubeconfig", path("kubeconfig"), "--context", "*", "-f", path("fleet.yaml"), "--write")
	return f
}

// fill makes in a cluster what the files say.
func (f *driftFleet) fill(t *testing.T, c *cluster) {
	grant(t, c, "scanner", "treadmill-scan", "treadmill-drift")
	create := func(path, body string) { c.do(t, "admin", http.MethodPost, path, body) }
	for _, pool := range []string{"general", "gpu"} {
		create("/api/v1/nodes", "apiVersion: v1\nkind: Node\nmetadata: {name: "+pool+"-1, labels: {eks.amazonaws.com/nodegroup: "+pool+
			", topology.kubernetes.io/region: eu-west-1}}\nstatus: {nodeInfo: {kubeletVersion: v1.36.3-eks-abc, osImage: Linux, architecture: amd64, bootID: x,\n"+
			"  containerRuntimeVersion: x, kernelVersion: x, kubeProxyVersion: x, machineID: x, operatingSystem: linux, systemUUID: x}}\n")
	}
	for name, image := range driftAddons {
		create("/apis/apps/v1/namespaces/default/deployments", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: "+name+"}\nspec:\n"+
			"  selector: {matchLabels: {a: b}}\n  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: '"+image+"'}]}}\n")
	}
	for n := range 3 {
		create("/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers", hpa("v2", n, 3))
	}
	crds := "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
	create(crds, driftCRD)
	create(crds, prometheusRules)
	await(t, c.api, time.Minute, func() bool {
		status, _ := c.try(t, "admin", http.MethodPost, ruleObjects, f.rules)
		return status == http.StatusCreated
	})
}

const ruleObjects = "/apis/monitoring.coreos.com/v1/namespaces/default/prometheusrules"

// drifts runs the command on all kinds, and counts what it finds by cluster and ID.
func (f *driftFleet) drifts(t *testing.T, args ...string) (found map[string]int, n int) {
	path := func(name string) string { return filepath.Join(f.dir, name) }
	var stdout, stderr bytes.Buffer
	c := exec.CommandContext(t.Context(), "treadmill", append([]string{"drift", "-f", path("fleet.yaml"), "--kubeconfig",
		path("kubeconfig"), "--context", "*",
		"--manifests", path("manifests"), "--slo", path("slos"), "-o", "json"}, args...)...)
	c.Stdout, c.Stderr = &stdout, &stderr
	_ = c.Run() // differences make the status 1
	var got struct {
		Findings []struct{ ID, Kind, Cluster, Owner, Subject, Message, File string }
	}
	if err := json.Unmarshal(stdout.Bytes(), &got); err != nil {
		t.Fatalf("%v\n%s%s", err, stdout.String(), stderr.String())
	}
	found = map[string]int{}
	for _, x := range got.Findings {
		if x.ID == "input/unread" {
			t.Errorf("not read: %s", x.Message)
		}
		if x.Kind != "" {
			nobodys := x.ID == "drift/crd" || x.ID == "drift/cluster" || x.ID == "drift/rule-unowned"
			if x.Cluster == "" || x.Subject == "" || x.File == "" || x.Owner == "" && !nobodys {
				t.Errorf("without an owner or a place: %+v", x)
			}
			found[x.Kind+" "+x.ID]++
			n++
		}
	}
	return found, n
}

// TestE2EDrift holds three real clusters against files that say what they run, finds no difference, and then each that was planted.
func TestE2EDrift(t *testing.T) {
	f := startDriftFleet(t)
	if found, n := f.drifts(t); n != 0 {
		t.Fatalf("a fleet that is as its files say: %v", found)
	}
	plan, _ := exec.CommandContext(t.Context(), "treadmill", "upgrade", "plan", "-f", filepath.Join(f.dir, "fleet.yaml"), "-o",
		"json").Output() // findings make the status 1
	write(t, filepath.Join(f.dir, "plan.json"), string(plan))
	text, err := os.ReadFile(filepath.Join(f.dir, "fleet.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	planted := strings.NewReplacer(`provider: eks, version: "1.37"`, `provider: eks, version: "1.36"`, `name: general, version: "1.36"`, `name: general, version: "1.35"`,
		`name: gpu, version: "1.36"`, `name: gpu, version: "1.35"`, "version: 1.18.2", "version: 1.17.1", "version: 0.8.0", "version: 0.7.2",
		"version: 0.19.2", "version: 0.18.0", "eu-west-1", "eu-north-1").Replace(string(text))
	write(t, filepath.Join(f.dir, "fleet.yaml"), planted+"  - {name: gone, provider: eks, version: \"1.36\"}\n")
	for name, c := range f.clusters {
		for n := range 3 {
			c.do(t, "admin", http.MethodPut, fmt.Sprintf("/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers/web-%d", n), hpa("v1", n, 5))
		}
		c.do(t, "admin", http.MethodPost, "/apis/resource.k8s.io/v1beta2/deviceclasses",
			"apiVersion: resource.k8s.io/v1beta2\nkind: DeviceClass\nmetadata: {name: by-hand}\nspec: {selectors: [{cel: {expression: 'true'}}]}\n")
		c.do(t, "admin", http.MethodDelete, ruleObjects+"/slo-checkout", "")
		c.do(t, "admin", http.MethodPost, ruleObjects, strings.ReplaceAll(f.rules, "14.4", "20"))
		c.do(t, "admin", http.MethodPost, ruleObjects, strings.ReplaceAll(f.rules, "checkout", "legacy"))
		if name == "dev" {
			c.do(t, "admin", http.MethodDelete, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/carts.shop.example.com", "")
			await(t, c.api, time.Minute, func() bool {
				status, _ := c.try(t, "admin", http.MethodPost, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
					strings.Replace(driftCRD, "name: v1beta1, served: true", "name: v1beta1, served: false", 1))
				return status == http.StatusCreated
			})
		}
	}
	found, n := f.drifts(t, "--plan", filepath.Join(f.dir, "plan.json"), "--now", "2028-01-10")
	want := map[string]int{"apis drift/api-unmanaged": 3, "apis drift/api-version": 9, "apis drift/crd": 1, "fleet drift/addon": 9,
		"fleet drift/cluster": 1, "fleet drift/pool": 6,
		"fleet drift/provider": 3, "fleet drift/version": 3, "plan drift/plan-late": 3, "rules drift/rule-edited": 3,
		"rules drift/rule-unowned": 3}
	if !maps.Equal(found, want) || n != 44 {
		t.Errorf("%d differences: %v, want %v", n, found, want)
	}
	for _, c := range f.clusters {
		onlyReads(t, c)
	}
}
