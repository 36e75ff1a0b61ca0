//go:build e2e

package main

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// moduleFile reads a file of a release of a Go module.
func moduleFile(t *testing.T, module, name string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", module)
	c.Dir = t.TempDir() // in no module
	out, err := c.Output()
	var got struct{ Dir, Error string }
	if problem := json.Unmarshal(out, &got); problem != nil || err != nil || got.Error != "" {
		t.Fatalf("download %s: %v %v %s", module, err, problem, got.Error)
	}
	text, err := os.ReadFile(filepath.Join(got.Dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestE2EExecutorsTakeTheWatch gives what upgrade watch --for writes to a real kube-apiserver that has the definitions which Argo Rollouts and
// Flagger publish (both Apache-2.0), and the part of Keptn's that is used, with strict validation of fields.
func TestE2EExecutorsTakeTheWatch(t *testing.T) {
	c := startCluster(t, nil)
	const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
	c.do(t, "admin", http.MethodPost, definitions,
		moduleFile(t, "github.com/argoproj/argo-rollouts@v1.8.3", "manifests/crds/analysis-template-crd.yaml"))
	for _, d := range strings.Split(moduleFile(t, "github.com/fluxcd/flagger@v1.36.1", "artifacts/flagger/crd.yaml"), "\n---\n") {
		c.do(t, "admin", http.MethodPost, definitions, d)
	}
	keptn, err := os.ReadFile("../../testdata/watch/keptntaskdefinition.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c.do(t, "admin", http.MethodPost, definitions, string(keptn))
	post := func(path, object, wrong, right, says string) {
		t.Helper()
		path += "?fieldValidation=Strict"
		await(t, c.api, time.Minute, func() bool { // the definition takes a moment to be served
			status, answer := c.try(t, "admin", http.MethodPost, path, strings.Replace(object, right, wrong, 1))
			return status == http.StatusBadRequest && strings.Contains(answer, says)
		})
		c.do(t, "admin", http.MethodPost, path, object)
	}
	written := func(executor string) string {
		return string(treadmill(t, "upgrade", "watch", "-f", "../../testdata/example/quarter/fleet.yaml", "--cluster", "us", "--start", "2026-10-13T10:00:00Z",
			"--prometheus", "http://prometheus.monitoring:9090", "--slo", "../../testdata/example/quarter/checkout.yaml", "--for", executor))
	}
	post("/apis/argoproj.io/v1alpha1/namespaces/default/analysistemplates", written("argo-rollouts"), "failLimit", "failureLimit",
		`unknown field \"spec.metrics[0].failLimit\"`)
	post("/apis/lifecycle.keptn.sh/v1/namespaces/default/keptntaskdefinitions", written("keptn"), "retry:", "retries:", `unknown field \"spec.retry\"`)
	metric, canary, found := strings.Cut(written("flagger"), "# In the Canary; the load tester's image has treadmill and the files:\n")
	if !found {
		t.Fatal("there is no part of a Canary")
	}
	post("/apis/flagger.app/v1beta1/namespaces/default/metrictemplates", metric, "providers:", "provider:", `unknown field \"spec.providers\"`)
	analysis := strings.ReplaceAll("\n"+strings.TrimSpace(canary), "\n# ", "\n  ")
	post("/apis/flagger.app/v1beta1/namespaces/default/canaries", "apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata: {name: hop}\nspec:\n"+
		"  targetRef: {apiVersion: apps/v1, kind: Deployment, name: hop}\n  service: {port: 80}"+analysis+"\n", "templates:", "templateRef:",
		`unknown field \"spec.analysis.metrics[0].templates\"`)
}
