package cli_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"treadmill/cmd/internal/app"
)

// silence is a server that takes requests and never answers; it ends with the test.
func silence(t *testing.T) (url string, asked *atomic.Int64) {
	t.Helper()
	release := make(chan struct{})
	asked = &atomic.Int64{}
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1); <-release }))
	t.Cleanup(func() { close(release); s.Close() })
	return s.URL, asked
}

// TestDeadline: work that waits for what never comes ends with status 3.
func TestDeadline(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	got := run(func(e *app.Env) { e.Stdin = r }, "slo", "validate", "-", "--deadline", "20ms")
	if got.status != 3 || got.stderr != "treadmill: the work was not done within 20ms (--deadline)\n" {
		t.Errorf("%d %q", got.status, got.stderr)
	}
}

// TestSilentPrometheus: a server that never answered is asked once, however many SLOs there are.
func TestSilentPrometheus(t *testing.T) {
	url, asked := silence(t)
	args := []string{"slo", "gate", "--prometheus", url, "--timeout", "50ms", filepath.Join("..", "..", "..", "testdata", "example", "slos")}
	got := run(nil, args...)
	if got.status != 3 || !strings.Contains(got.stdout, "no answer within 50ms (--timeout)") {
		t.Errorf("%d\n%s\n%s", got.status, got.stdout, got.stderr)
	}
	if n := asked.Load(); n > 4 { // SLOs are asked about side by side
		t.Errorf("asked %d times", n)
	}
}

// TestSilentContexts: of forty clusters the 35 that answer are reported, and the five silent ones are named.
func TestSilentContexts(t *testing.T) {
	url, _ := silence(t)
	alive := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/version" {
			_, _ = fmt.Fprint(w, `{"gitVersion":"v1.36.1"}`)
			return
		}
		_, _ = fmt.Fprint(w, `{"kind":"List","items":[]}`)
	}))
	defer alive.Close()
	var clusters, contexts []string
	for i := range 40 {
		server := alive.URL
		if i%8 == 1 {
			server = url
		}
		clusters = append(clusters, fmt.Sprintf("{name: c%02d, cluster: {server: %q}}", i, server))
		contexts = append(contexts, fmt.Sprintf("{name: c%02d, context: {cluster: c%02d, user: u}}", i, i))
	}
	file := write(
		t,
		"config",
		"users: [{name: u, user: {token: t}}]\nclusters: ["+strings.Join(clusters, ", ")+"]\ncontexts: ["+strings.Join(contexts, ", ")+"]\n",
	)
	got := run(nil, "upgrade", "inventory", "--kubeconfig", file, "--context", "*", "--timeout", "1s")
	if n := strings.Count(got.stdout, `version: "1.36"`); got.status != 3 || n != 35 {
		t.Errorf("%d, %d clusters\n%s", got.status, n, got.stdout)
	}
	for _, name := range []string{"c01", "c09", "c17", "c25", "c33"} {
		if !strings.Contains(got.stderr+got.stdout, "context "+name+": error: the cluster cannot be read: read the version") {
			t.Errorf("%s is not named:\n%s%s", name, got.stdout, got.stderr)
		}
	}
	if accepted := run(nil, "upgrade", "inventory", "--kubeconfig", file, "--context", "*", "--timeout", "1s",
		"--allow-partial"); accepted.status != 0 {
		t.Errorf("with --allow-partial: %d\n%s", accepted.status, accepted.stderr)
	}
}
