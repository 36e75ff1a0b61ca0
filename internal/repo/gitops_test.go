package repo_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The example of a repository for GitOps is what its pipeline holds it to: the rules are those of the SLOs, and a scan finds nothing,
// neither in the objects of Flux and Argo CD nor in what they deploy.
func TestGitOpsExample(t *testing.T) {
	dir := repository(t, map[string]string{"README.md": "an example\n"})
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(root(t), "deploy", "gitops"))); err != nil {
		t.Fatal(err)
	}
	commit(t, dir, "the example")
	env := []string{"OUT=rules/", "TO=1.38", "REPORTS=" + t.TempDir()}
	if r := pipeline(t, dir, env, "generate", "slos"); r.status != 0 {
		t.Errorf("status %d\n%s%s", r.status, r.stdout, r.stderr)
	}
	if r := pipeline(t, dir, env, "scan", "."); r.status != 0 || strings.Contains(r.stdout, "gitops/") {
		t.Errorf("status %d\n%s%s", r.status, r.stdout, r.stderr)
	}
}
