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

// TestE2ETemplatesAreValid gives the AnalysisTemplate of docs/budget-aware-upgrades.md to a real kube-apiserver that has the definition
// which Argo Rollouts publishes (Apache-2.0), with strict validation of fields.
func TestE2ETemplatesAreValid(t *testing.T) {
	c := startCluster(t, nil)
	c.do(t, "admin", http.MethodPost, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
		moduleFile(t, "github.com/argoproj/argo-rollouts@v1.8.3", "manifests/crds/analysis-template-crd.yaml"))
	page, err := os.ReadFile("../../docs/budget-aware-upgrades.md")
	if err != nil {
		t.Fatal(err)
	}
	const first = "apiVersion: argoproj.io/v1alpha1\n"
	_, rest, found := strings.Cut(string(page), "```yaml\n"+first)
	template, _, ended := strings.Cut(first+rest, "```")
	if !found || !ended {
		t.Fatal("the page has no AnalysisTemplate")
	}
	const path = "/apis/argoproj.io/v1alpha1/namespaces/default/analysistemplates?fieldValidation=Strict"
	wrong := strings.Replace(template, "failureLimit", "failLimit", 1)
	await(t, c.api, time.Minute, func() bool { // the definition takes a moment to be served
		status, answer := c.try(t, "admin", http.MethodPost, path, wrong)
		return status == http.StatusBadRequest && strings.Contains(answer, `unknown field \"spec.metrics[0].failLimit\"`)
	})
	c.do(t, "admin", http.MethodPost, path, template)
}
