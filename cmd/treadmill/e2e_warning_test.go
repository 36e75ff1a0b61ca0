//go:build e2e

package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"treadmill/upgrade/apis/lifecycle"
)

// TestE2EWarnings gives objects to a real kube-apiserver, which stores nothing, and compares what it warns of with what a scan
// of the same objects finds: word for word, and nothing more on either side.
func TestE2EWarnings(t *testing.T) {
	c := startCluster(t, nil, "--runtime-config=api/all=true")
	table, err := lifecycle.Load()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../../testdata/warnings/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	warned := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, doc := range strings.Split(string(text), "\n---\n") {
			alone := filepath.Join(t.TempDir(), "object.yaml")
			write(t, alone, doc)
			ours := scanWarnings(t, alone)
			theirs, refused, what := c.warnings(t, table, doc)
			warned += len(theirs)
			switch {
			case refused != "" && filepath.Base(file) == "refused.yaml":
				if !slices.ContainsFunc(ours, func(w string) bool { return strings.HasPrefix(w, "field/removed ") }) {
					t.Errorf("%s: the server refuses %s, a scan finds %q", file, refused, ours)
				}
			case refused != "":
				t.Errorf("%s: %s: %s", file, what, refused)
			default:
				for i := range ours {
					_, ours[i], _ = strings.Cut(ours[i], " ")
				}
				compareWarnings(t, what, ours, theirs)
			}
		}
	}
	t.Logf("%d warnings", warned)
	if warned < 100 {
		t.Errorf("the server warned %d times: the objects test nothing", warned)
	}
}

func compareWarnings(t *testing.T, what string, ours, theirs []string) {
	t.Helper()
	for _, w := range theirs {
		if !slices.ContainsFunc(ours, func(o string) bool { return strings.HasPrefix(o, w) }) {
			t.Errorf("%s: the server warns, a scan does not: %s", what, w)
		}
	}
	for _, w := range ours {
		if !slices.ContainsFunc(theirs, func(s string) bool { return strings.HasPrefix(w, s) }) {
			t.Errorf("%s: a scan warns, the server does not: %s", what, w)
		}
	}
}

// scanWarnings returns what a scan finds in a file, as "id text", apart from deprecated APIs.
func scanWarnings(t *testing.T, file string) []string {
	t.Helper()
	var out struct {
		Findings []struct{ ID, Message string }
	}
	if err := json.Unmarshal(capture(t, []string{"treadmill", "upgrade", "scan", file, "--to", "1.37", "-o", "json"}), &out); err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, f := range out.Findings {
		if _, text, ok := strings.Cut(f.Message, `": `); ok && (strings.HasPrefix(f.ID, "field/") || strings.HasPrefix(f.ID, "warning/")) {
			texts = append(texts, f.ID+" "+text)
		}
	}
	return texts
}

// warnings posts an object and returns the texts of the Warning headers, or why the server refuses it.
func (c *cluster) warnings(t *testing.T, table *lifecycle.Table, doc string) (texts []string, refused, what string) {
	t.Helper()
	path, what := postPath(t, table, doc)
	status, header, answer := c.send(t, "admin", http.MethodPost, path+"?dryRun=All&fieldValidation=Strict", doc)
	if status != http.StatusCreated {
		return nil, answer, what
	}
	for _, h := range header.Values("Warning") {
		text := strings.TrimSuffix(strings.TrimPrefix(h, `299 - "`), `"`)
		text = strings.ReplaceAll(strings.ReplaceAll(text, `\"`, `"`), `\\`, `\`)
		if !strings.Contains(text, "is deprecated in v1.") { // of the API itself
			texts = append(texts, text)
		}
	}
	return texts, "", what
}
