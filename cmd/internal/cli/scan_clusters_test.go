package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"treadmill/cmd/internal/cli"
)

// words is what a program writes, while others read it.
type words struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (w *words) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

func (w *words) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.String()
}

// TestScanContextsSideBySide scans two clusters, neither of which answers before both were asked and the terminal shows how far
// the scan is.
func TestScanContextsSideBySide(t *testing.T) {
	var stdout bytes.Buffer
	var stderr words
	var asked sync.WaitGroup
	asked.Add(2)
	serve := func(name string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/api":
				fmt.Fprint(w, `{"items":[]}`)
			case "/apis":
				fmt.Fprint(w, `{"items":[{"metadata":{"name":"resource.k8s.io"},"versions":[{"version":"v1beta1","resources":[`+
					`{"resource":"resourceclaims","responseKind":{"kind":"ResourceClaim"},"scope":"Namespaced","verbs":["list","create"]}]}]}]}`)
			default:
				asked.Done()
				asked.Wait()
				for end := time.Now().Add(20 * time.Second); !strings.Contains(stderr.String(), "lists, ") && time.Now().Before(end); {
					time.Sleep(10 * time.Millisecond)
				}
				w.Header().Set("Content-Type", "application/json")
				fmt.Fprintf(
					w,
					`{"items":[{"metadata":{"namespace":"gpu","name":"in-%s","managedFields":[{"manager":"kubectl","apiVersion":"resource.k8s.io/v1beta1"}]}}]}`,
					name,
				)
			}
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	config := write(
		t,
		"config",
		fmt.Sprintf("apiVersion: v1\nkind: Config\nclusters: [{name: a, cluster: {server: %q}}, {name: b, cluster: {server: %q}}]\n"+
			"contexts: [{name: a, context: {cluster: a}}, {name: b, context: {cluster: b}}]\n", serve("a"), serve("b")),
	)
	e := env(&stdout, nil, "upgrade", "scan", "--kubeconfig", config, "--context", "*", "--to", "1.38", "-o", "csv")
	e.Stderr, e.Progress = &stderr, true
	status := cli.Main(context.Background(), e)
	for _, want := range []string{"context a,resource.k8s.io/v1beta1 ResourceClaim,gpu,in-a,removed,",
		"context b,resource.k8s.io/v1beta1 ResourceClaim,gpu,in-b,removed,"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("no %s in\n%s", want, stdout.String())
		}
	}
	if shown := stderr.String(); status != 1 || !strings.Contains(shown, "of 2 lists, 0 objects: a, b") ||
		!strings.HasSuffix(shown, "\r\x1b[K") {
		t.Errorf("status %d, progress %q", status, shown)
	}
}
