package cli_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLintAsksAServer: a server that has some of the series, and says what type they are.
func TestLintAsksAServer(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rules.yaml")
	text := "groups:\n- name: g\n  rules:\n  - {alert: A, expr: 'rate(free_bytes[5m]) > 0', for: 5m}\n  - {alert: B, expr: 'orders_total{shop=\"b\"} > 0 or gone > 1', for: 5m}\n"
	if err := os.WriteFile(file, []byte(strings.Replace(text, "or gone", "and gone", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	down := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		query := r.FormValue("query")
		switch {
		case down:
			http.Error(w, "no", http.StatusForbidden)
		case strings.HasSuffix(r.URL.Path, "/metadata"):
			fmt.Fprint(
				w,
				`{"status":"success","data":{"free_bytes":[{"type":"gauge","help":"","unit":""}],"orders_total":[{"type":"counter","help":"","unit":""}]}}`,
			)
		case query == "count(free_bytes)" || query == "count(orders_total)":
			fmt.Fprintf(w, `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[%s,"1"]]}]}}`, r.FormValue("start"))
		default:
			fmt.Fprint(w, `{"status":"success","data":{"resultType":"matrix","result":[]}}`)
		}
	}))
	defer server.Close()
	r := run(nil, "rules", "lint", file, "--prometheus", server.URL)
	for _, want := range []string{
		"warning: A: rate() wants a counter, and the server says that free_bytes is a gauge",
		`warning: B: orders_total{shop="b"} has no series on the server, which has orders_total with other labels: look at shop="b"`,
		"warning: B: gone has no series on the server [rules/no-series]",
		"Queries that read most",
	} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("not found: %s in\n%s%s", want, r.stdout, r.stderr)
		}
	}
	down = true
	if r := run(nil, "rules", "lint", file, "--prometheus", server.URL); r.status != 3 ||
		!strings.Contains(r.stdout, "the types of metrics cannot be read") {
		t.Errorf("a server that refuses: status %d, %s%s", r.status, r.stdout, r.stderr)
	}
}
