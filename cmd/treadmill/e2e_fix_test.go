//go:build e2e

package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"treadmill/upgrade/apis/lifecycle"
)

// TestE2EFix rewrites objects of old APIs and gives each to a real kube-apiserver, which validates fields strictly and
// stores nothing.
func TestE2EFix(t *testing.T) {
	c := startCluster(t, nil, "--runtime-config=api/all=true")
	table, err := lifecycle.Load()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../../testdata/fix/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(t.TempDir(), filepath.Base(file))
		write(t, to, string(text))
		out := capture(t, []string{"treadmill", "upgrade", "fix", to, "--to", "1.38", "--write"})
		if strings.Contains(string(out), "fix/refused") {
			t.Errorf("%s: %s", file, out)
		}
		if text, err = os.ReadFile(to); err != nil {
			t.Fatal(err)
		}
		for _, doc := range bytes.Split(text, []byte("\n---\n")) {
			accepts(t, c, table, doc)
		}
	}
}

// accepts posts one object.
func accepts(t *testing.T, c *cluster, table *lifecycle.Table, doc []byte) {
	t.Helper()
	path, what := postPath(t, table, string(doc))
	if path == "" {
		t.Errorf("%s is left", what)
		return
	}
	path += "?dryRun=All&fieldValidation=Strict"
	if status, answer := c.try(t, "admin", http.MethodPost, path, string(doc)); status != http.StatusCreated && status != http.StatusOK {
		t.Errorf("%s: %d %s", what, status, answer)
	}
}

// postPath is where an object is created, "" if no server serves it any more, and what it is in words.
func postPath(t *testing.T, table *lifecycle.Table, doc string) (path, what string) {
	t.Helper()
	var o struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Metadata   struct{ Name, Namespace string }
	}
	if err := yaml.Unmarshal([]byte(doc), &o); err != nil {
		t.Fatal(err)
	}
	what = o.APIVersion + " " + o.Kind + " " + o.Metadata.Name
	api, ok := table.Find(lifecycle.ParseGVK(o.APIVersion, o.Kind))
	if !ok || !api.Removed.IsZero() && api.RemovedAt(table.Newest) {
		return "", what
	}
	path = "/apis/" + o.APIVersion
	if api.Group == "" {
		path = "/api/" + o.APIVersion
	}
	if o.Metadata.Namespace != "" {
		path += "/namespaces/" + o.Metadata.Namespace
	}
	return path + "/" + api.Resource, what
}
