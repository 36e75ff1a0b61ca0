//go:build e2e

package main

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

const prometheusRules = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: prometheusrules.monitoring.coreos.com}
spec:
  group: monitoring.coreos.com
  scope: Namespaced
  names: {kind: PrometheusRule, plural: prometheusrules}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
`

// trouble puts into a cluster what stands in the way of its next hop.
func trouble(t *testing.T, c *cluster) {
	t.Helper()
	create := func(path, text string) { t.Helper(); c.do(t, "admin", http.MethodPost, path, text) }
	info := "osImage: Linux, architecture: amd64, bootID: x, containerRuntimeVersion: x, kernelVersion: x, kubeProxyVersion: x, machineID: x, operatingSystem: linux, systemUUID: x"
	for name, version := range map[string]string{"general-1": "v1.37.2", "gpu-1": "v1.34.3"} {
		pool, _, _ := strings.Cut(name, "-")
		create("/api/v1/nodes", "apiVersion: v1\nkind: Node\nmetadata: {name: "+name+", labels: {eks.amazonaws.com/nodegroup: "+pool+"}}\n"+
			"status: {conditions: [{type: Ready, status: 'True'}], nodeInfo: {kubeletVersion: "+version+", "+info+"}}\n")
	}
	made := c.do(
		t,
		"admin",
		http.MethodPost,
		"/apis/policy/v1/namespaces/default/poddisruptionbudgets",
		"apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: checkout}\nspec: {minAvailable: 1, selector: {matchLabels: {a: b}}}\n",
	)
	revision := regexp.MustCompile(`"resourceVersion":"\d+"`).FindString(made)
	c.do(
		t,
		"admin",
		http.MethodPut,
		"/apis/policy/v1/namespaces/default/poddisruptionbudgets/checkout/status",
		"apiVersion: policy/v1\nkind: PodDisruptionBudget\n"+
			"metadata: {name: checkout, "+strings.Replace(revision, ":", ": ",
			1)+"}\nspec: {minAvailable: 1, selector: {matchLabels: {a: b}}}\nstatus: {disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1}\n",
	)
	create(
		"/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
		"apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: policy}\nwebhooks:\n"+
			"- {name: pods.policy.example.com, failurePolicy: Fail, sideEffects: None, admissionReviewVersions: [v1], clientConfig: {service: {namespace: policy, name: webhook}},\n"+
			"   rules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}]}\n",
	)
	create(
		"/apis/networking.k8s.io/v1beta1/servicecidrs",
		"apiVersion: networking.k8s.io/v1beta1\nkind: ServiceCIDR\nmetadata: {name: extra}\nspec: {cidrs: [10.9.0.0/24]}\n",
	)
	create(
		"/api/v1/namespaces/default/configmaps",
		"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: boards, labels: {grafana_dashboard: '1'}}\ndata:\n"+
			"  api.json: '{\"title\": \"API\", \"panels\": [{\"title\": \"Objects\", \"targets\": [{\"expr\": \"sum(apiserver_storage_objects)\"}]}]}'\n",
	)
	create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", prometheusRules)
	await(t, c.api, 60e9, func() bool {
		status, _ := c.try(
			t,
			"admin",
			http.MethodPost,
			"/apis/monitoring.coreos.com/v1/namespaces/default/prometheusrules",
			"apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\n"+
				"metadata: {name: old}\nspec: {groups: [{name: a, rules: [{alert: APIServerSlow, expr: 'rate(apiserver_request_slo_duration_seconds_sum[5m]) > 1'}]}]}\n",
		)
		return status == http.StatusCreated
	})
}

// TestE2EPreflight finds each kind of trouble in a real cluster, as a user with the shipped roles and no more, and
// docs/preflight.md shows exactly what was printed.
func TestE2EPreflight(t *testing.T) {
	c := startCluster(t, []string{"prod-eu", "limited"}, "--emulated-version=1.36", "--runtime-config=networking.k8s.io/v1beta1=true")
	trouble(t, c)
	grant(t, c, "prod-eu", "treadmill-scan", "treadmill-preflight")
	status, got := preflight(t, c, "prod-eu")
	if status != 1 {
		t.Errorf("status %d", status)
	}
	page, err := os.ReadFile("../../docs/preflight.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "\n"+got) {
		t.Errorf("docs/preflight.md does not show\n%s", got)
	}
	if audit := string(treadmill(t, "rules", "audit", "--live", "--kubeconfig", c.kubeconfig, "--context", "prod-eu")); !strings.Contains(
		audit,
		"1 alert: 1 unknown",
	) {
		t.Errorf("rules audit --live:\n%s", audit)
	}
	if status, got := preflight(t, c, "limited"); status != 3 || !strings.Contains(got, "poddisruptionbudgets.policy cannot be read") {
		t.Errorf("status %d:\n%s", status, got)
	}
	onlyReads(t, c)
}

func preflight(t *testing.T, c *cluster, context string) (int, string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(
		t.Context(),
		"treadmill",
		"upgrade",
		"preflight",
		"--kubeconfig",
		c.kubeconfig,
		"--context",
		context,
		"--to",
		"1.38",
		"--now",
		"2026-11-23",
	)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), stdout.String() + stderr.String()
}
