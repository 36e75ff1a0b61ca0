package kube_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"treadmill/upgrade/kube"
)

// load connects with a timeout to a server at a URL, with a token.
func load(t *testing.T, url string, timeout time.Duration) *kube.Cluster {
	t.Helper()
	config, err := kube.Load(
		[]kube.File{
			{
				Name: "config",
				Data: fmt.Appendf(
					nil,
					"apiVersion: v1\nkind: Config\ncurrent-context: test\nclusters: [{name: c, cluster: {server: %q, insecure-skip-tls-verify: true}}]\n"+
						"users: [{name: u, user: {token: token-of-the-cluster}}]\ncontexts: [{name: test, context: {cluster: c, user: u}}]\n",
					url,
				),
			},
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	config.Timeout = timeout
	c, err := config.Connect("test")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestTrouble: servers that are silent, that send away, that echo, that ask for patience and that never end.
func TestTrouble(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the other host is asked, with %q", r.Header.Get("Authorization"))
	}))
	defer other.Close()
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	page := 0
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"silent": {func(http.ResponseWriter, *http.Request) { <-release }, "no answer within 200ms (--timeout)"},
		"redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+r.URL.Path, http.StatusFound)
		}, "which was not to be asked"},
		"echo": {func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = fmt.Fprintf(w, `{"kind":"Status","message":"no: %s"}`, r.Header.Get("Authorization"))
		}, "401 Unauthorized: no: Bearer <secret>"},
		"patience": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "86400")
			w.WriteHeader(http.StatusTooManyRequests)
		}, "it asks to wait for 24h0m0s, longer than one request may take"},
		"same token": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"kind":"NodeList","metadata":{"continue":"again"},"items":[]}`)
		}, "a continue token that it gave before"},
		"new tokens": {func(w http.ResponseWriter, _ *http.Request) {
			page++
			_, _ = fmt.Fprintf(w, `{"kind":"NodeList","metadata":{"continue":"%d"},"items":[]}`, page)
		}, "more than 4000 pages"},
	} {
		s := httptest.NewTLSServer(c.handler)
		s.Config.ErrorLog = log.New(io.Discard, "", 0)
		timeout := 200 * time.Millisecond
		if name == "new tokens" {
			timeout = time.Minute
		}
		cluster := load(t, s.URL, timeout)
		_, err := kube.Items(context.Background(), cluster, "/api/v1/nodes", nil, 5, func(struct{}) []int { return nil })
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "token-of-the-cluster") {
			t.Errorf("%s: %v", name, err)
		}
		s.CloseClientConnections()
		if name != "silent" {
			s.Close()
		}
	}
}

// TestEmulation: an API server that emulates an earlier minor counts as one of that minor.
func TestEmulation(t *testing.T) {
	for answer, want := range map[string]string{
		`{"gitVersion":"v1.37.2","emulationMajor":"1","emulationMinor":"34"}`:         "v1.34.0-emulated-by-v1.37.2 v1.37.2",
		`{"gitVersion":"v1.37.2-eks-1","emulationMajor":"1","emulationMinor":"37"}`:   "v1.37.2-eks-1 ",
		`{"gitVersion":"v1.31.1-gke.100"}`:                                            "v1.31.1-gke.100 ",
		`{"gitVersion":"v1.36.0-eks-ab","emulationMajor":"1","emulationMinor":"35+"}`: "v1.35.0-emulated-by-v1.36.0-eks-ab v1.36.0-eks-ab",
	} {
		c := connect(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) }))
		version, by, err := c.Version(context.Background())
		if got := version + " " + by; got != want || err != nil {
			t.Errorf("%s: %q, %v", answer, got, err)
		}
	}
	facts, findings, err := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/version" {
			_, _ = io.WriteString(w, `{"gitVersion":"v1.37.2","emulationMajor":"1","emulationMinor":"34"}`)
			return
		}
		_, _ = io.WriteString(w, `{"kind":"List","items":[]}`)
	})).Facts(context.Background(), false)
	if err != nil || facts.Version != "v1.34.0-emulated-by-v1.37.2" || len(findings) != 1 || findings[0].ID != "live/emulated" ||
		!strings.Contains(findings[0].Message, "is v1.37.2 and emulates 1.34") {
		t.Errorf("%q %v %v", facts.Version, findings, err)
	}
}

// TestFirstKubeconfigWins: files are merged as kubectl merges them.
func TestFirstKubeconfigWins(t *testing.T) {
	config, err := kube.Load([]kube.File{
		{
			Name: "a",
			Data: []byte(
				"contexts: [{name: x, context: {cluster: one, user: u}}]\nclusters: [{name: one, cluster: {server: \"http://one\"}}]\nusers: [{name: u, user: {token: t}}]\n",
			),
		},
		{
			Name: "b",
			Data: []byte(
				"current-context: why\ncontexts: [{name: x, context: {cluster: two}}, {name: why, context: {cluster: one}}]\nclusters: [{name: one, cluster: {server: \"http://two\"}}]\n",
			),
		},
	})
	if err != nil || config.Current() != "why" || strings.Join(config.Contexts(), " ") != "why x" {
		t.Fatal(err, config)
	}
	if _, err := config.Connect("z"); err == nil || !strings.Contains(err.Error(), `did you mean "x"?`) {
		t.Error(err)
	}
	if _, err := kube.Load([]kube.File{{Name: "dir/bad", Data: []byte("a: [")}}); err == nil ||
		!strings.Contains(err.Error(), "read the kubeconfig dir/bad") {
		t.Error(err)
	}
}
