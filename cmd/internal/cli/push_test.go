package cli_test

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// mimir is the part of a ruler's API that keeps groups: it refuses what it does not know.
type mimir struct {
	groups map[string]any // of the namespace "treadmill"
	posts  []string
	bodies []string
	// namespace is what the path must say, escaped; "" for treadmill.
	namespace string
	refuse    string // a group that it does not take
}

func (m *mimir) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Header.Get("X-Scope-OrgID") != "shop" || r.URL.EscapedPath() != "/prometheus/config/v1/rules/"+cmp.Or(m.namespace, "treadmill"):
		http.Error(w, "no such tenant or path", http.StatusBadRequest)
	case r.Method == http.MethodGet && len(m.groups) == 0:
		http.Error(w, "no rule groups found", http.StatusNotFound)
	case r.Method == http.MethodGet:
		var list []any
		for _, g := range m.groups {
			list = append(list, g)
		}
		text, _ := yaml.Marshal(map[string]any{"treadmill": list})
		_, _ = w.Write(text)
	case r.Method == http.MethodPost:
		text, _ := io.ReadAll(r.Body)
		var g map[string]any
		if err := yaml.Unmarshal(text, &g); err != nil || g["name"] == nil || g["name"] == m.refuse {
			http.Error(w, fmt.Sprintf("bad group: %v", err), http.StatusBadRequest)
			return
		}
		m.groups[g["name"].(string)] = g
		m.posts, m.bodies = append(m.posts, g["name"].(string)), append(m.bodies, string(text))
		w.WriteHeader(http.StatusAccepted)
	default:
		http.Error(w, "only get and post", http.StatusMethodNotAllowed)
	}
}

func push(t *testing.T, server *httptest.Server, file string, args ...string) (int, string) {
	t.Helper()
	r := run(nil, append([]string{"rules", "push", file, "--mimir", server.URL + "/prometheus", "--prometheus-tenant", "shop"}, args...)...)
	return r.status, r.stdout + r.stderr
}

func TestPush(t *testing.T) {
	m := &mimir{
		groups: map[string]any{"theirs": map[string]any{"name": "theirs", "rules": []any{map[string]any{"record": "a", "expr": "up"}}}},
	}
	server := httptest.NewServer(m)
	defer server.Close()
	file := filepath.Join(t.TempDir(), "rules.yaml")
	put := func(threshold string) {
		text := "groups:\n- name: one\n  interval: 30s\n  rules:\n  - alert: A\n    expr: |\n      sum(up)\n        > " + threshold +
			"\n    for: 5m\n- name: two\n  rules: [{record: b, expr: up}]\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("1")
	if status, out := push(t, server, file); status != 0 || !strings.Contains(out, "+++ b/treadmill/one") || len(m.posts) != 0 {
		t.Errorf("shown: %d\n%s", status, out)
	}
	if status, out := push(t, server, file, "--write"); status != 0 || !slices.Equal(m.posts, []string{"one", "two"}) ||
		!strings.Contains(out, "2 new, 0 changed, loaded; 0 unchanged, 1 left") {
		t.Errorf("loaded: %d %v\n%s", status, m.posts, out)
	}
	m.posts = nil
	if status, out := push(t, server, file, "--write"); status != 0 || len(m.posts) != 0 || !strings.Contains(out, "2 unchanged, 1 left") {
		t.Errorf("again: %d %v\n%s", status, m.posts, out)
	}
	put("2")
	if status, out := push(t, server, file, "--write"); status != 0 || !slices.Equal(m.posts, []string{"one"}) {
		t.Errorf("changed: %d %v\n%s", status, m.posts, out)
	}
	if len(m.groups) != 3 {
		t.Errorf("what others wrote is gone: %v", m.groups)
	}
	put("3")
	m.refuse = "one"
	if status, out := push(t, server, file, "--write"); status != 3 || !strings.Contains(out, "one: writing a group: the server answers 400") {
		t.Errorf("refused: %d\n%s", status, out)
	}
	server.Close()
	if status, _ := push(t, server, file); status != 3 {
		t.Errorf("a server that is gone: %d", status)
	}
}

// TestPushKeepsWhatOnlyMimirKnows: tenants, delays and alignment reach the ruler, in the namespace that the file names, and a change of one
// of them is a change.
func TestPushKeepsWhatOnlyMimirKnows(t *testing.T) {
	m := &mimir{groups: map[string]any{}, namespace: "sre%2Feu"}
	server := httptest.NewServer(m)
	defer server.Close()
	file := filepath.Join(t.TempDir(), "federated.yaml")
	put := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const text = "namespace: sre/eu\ngroups:\n- name: federated\n  source_tenants: [shop, pay]\n  evaluation_delay: 0s\n  query_offset: 0s\n" +
		"  align_evaluation_time_on_interval: true\n  rules: [{record: b, expr: sum(up)}]\n"
	put(text)
	if status, out := push(t, server, file, "--write"); status != 0 || len(m.bodies) != 1 {
		t.Fatalf("%d\n%s", status, out)
	}
	for _, want := range []string{"source_tenants:\n- shop\n- pay\n", "evaluation_delay: 0s\n", "query_offset: 0s\n",
		"align_evaluation_time_on_interval: true\n"} {
		if !strings.Contains(m.bodies[0], want) {
			t.Errorf("%q is not in\n%s", want, m.bodies[0])
		}
	}
	if status, out := push(t, server, file); status != 0 || !strings.Contains(out, "0 new, 0 changed, to load: --write does it; 1 unchanged") {
		t.Errorf("again: %d\n%s", status, out)
	}
	put(strings.Replace(text, "shop, pay", "shop", 1))
	if status, out := push(t, server, file); status != 0 || !strings.Contains(out, "-  - pay") && !strings.Contains(out, "- - pay") {
		t.Errorf("changed: %d\n%s", status, out)
	}
	put(strings.Replace(text, "  query_offset: 0s\n", "  partial_response_strategy: warn\n", 1))
	if status, out := push(t, server, file, "--write"); status != 1 ||
		!strings.Contains(out, "the format mimir has no partial_response_strategy") ||
		len(m.bodies) != 1 {
		t.Errorf("Thanos's field: %d\n%s", status, out)
	}
	put(text + "---\nnamespace: other\ngroups: []\n")
	if status, out := push(t, server, file, "--write"); status != 1 || !strings.Contains(out, "rules/namespace") {
		t.Errorf("two namespaces: %d\n%s", status, out)
	}
	for _, bad := range []string{"..", ".", ""} {
		if status, out := push(t, server, file, "--write", "--namespace", bad); status != 2 ||
			!strings.Contains(out, "cannot be a part of an address") {
			t.Errorf("namespace %q: %d\n%s", bad, status, out)
		}
	}
	if len(m.bodies) != 1 {
		t.Errorf("%d posts", len(m.bodies))
	}
}
