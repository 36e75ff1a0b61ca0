package kube_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"treadmill/upgrade/kube"
)

// connect starts the server and connects to it through a kubeconfig.
func connect(t *testing.T, handler http.Handler) *kube.Cluster {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	config := fmt.Sprintf("apiVersion: v1\nkind: Config\ncurrent-context: test\nclusters: [{name: c, cluster: {server: %q}}]\n"+
		"users: [{name: u, user: {token: t}}]\ncontexts: [{name: test, context: {cluster: c, user: u}}]\n", s.URL)
	loaded, err := kube.Load([]kube.File{{Name: "config", Data: []byte(config)}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := loaded.Connect("test")
	if err != nil {
		t.Fatal(err)
	}
	return c
}
