package cli_test

import (
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
	refuse string // a group that it does not take
}

func (m *mimir) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Header.Get("X-Scope-OrgID") != "shop" || r.URL.Path != "/prometheus/config/v1/rules/treadmill":
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
		m.posts = append(m.posts, g["name"].(string))
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
	m := &mimir{groups: map[string]any{"theirs": map[string]any{"name": "theirs", "rules": []any{map[string]any{"record": "a", "expr": "up"}}}}}
	server := httptest.NewServer(m)
	defer server.Close()
	file := filepath.Join(t.TempDir(), "rules.yaml")
	put := func(threshold string) {
		text := "groups:\n- name: one\n  interval: 30s\n  rules:\n  - alert: A\n    expr: |\n      sum(up)\n        > " + threshold + "\n    for: 5m\n- name: two\n  rules: [{record: b, expr: up}]\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("1")
	if status, out := push(t, server, file); status != 0 || !strings.Contains(out, "+++ b/treadmill/one") || len(m.posts) != 0 {
		t.Errorf("shown: %d\n%s", status, out)
	}
	if status, out := push(t, server, file, "--write"); status != 0 || !slices.Equal(m.posts, []string{"one", "two"}) || !strings.Contains(out, "2 new, 0 changed, loaded; 0 unchanged, 1 left") {
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
