//go:build e2e

package main

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// cluster is a real kube-apiserver with its etcd, on loopback.
type cluster struct {
	url        string
	kubeconfig string // contexts: admin, and one for each user
	audit      string // the server's audit log: who called what
	api        *process
	args       []string
	http       *http.Client
}

const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- {level: None, nonResourceURLs: ["/readyz*", "/livez*", "/healthz*"]}
- {level: Metadata}
`

// startCluster starts a cluster for a test. users are names that may do nothing yet: each is a context of the kubeconfig,
// its token is its name. flags are further ones for kube-apiserver.
func startCluster(t *testing.T, users []string, flags ...string) *cluster {
	t.Helper()
	etcd, api := program(t, "etcd"), named(t, program(t, "kube-apiserver"), "kube-apiserver")
	dir, ports := t.TempDir(), freePorts(t, 3)
	client, peer := "http://127.0.0.1:"+ports[0], "http://127.0.0.1:"+ports[1]
	e := start(t, etcd, "--data-dir="+filepath.Join(dir, "etcd"), "--listen-client-urls="+client, "--advertise-client-urls="+client,
		"--listen-peer-urls="+peer, "--initial-advertise-peer-urls="+peer, "--initial-cluster=default="+peer, "--unsafe-no-fsync=true")
	await(t, e, time.Minute, func() bool { return answers(http.DefaultClient, client+"/health", `"true"`) })

	c := &cluster{url: "https://127.0.0.1:" + ports[2], kubeconfig: filepath.Join(dir, "kubeconfig"), audit: filepath.Join(dir, "audit.log"),
		http: &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}}
	tokens := "admin,admin,admin,system:masters\n"
	for _, u := range users {
		tokens += fmt.Sprintf("%s,%s,%s\n", u, u, u)
	}
	write(t, filepath.Join(dir, "tokens.csv"), tokens)
	write(t, filepath.Join(dir, "policy.yaml"), auditPolicy)
	write(t, filepath.Join(dir, "sa.key"), privateKey(t))
	write(t, c.kubeconfig, kubeconfigOf(c.url, append([]string{"admin"}, users...)...))
	c.args = append([]string{api, "--etcd-servers=" + client, "--cert-dir=" + dir, "--secure-port=" + ports[2], "--bind-address=127.0.0.1",
		"--service-account-issuer=https://local", "--service-account-key-file=" + filepath.Join(dir, "sa.key"),
		"--service-account-signing-key-file=" + filepath.Join(dir, "sa.key"), "--token-auth-file=" + filepath.Join(dir, "tokens.csv"),
		"--authorization-mode=RBAC", "--service-cluster-ip-range=10.0.0.0/24", "--disable-admission-plugins=ServiceAccount",
		"--audit-policy-file=" + filepath.Join(dir, "policy.yaml"), "--audit-log-path=" + c.audit}, flags...)
	c.start(t)
	return c
}

// start runs kube-apiserver until it is ready.
func (c *cluster) start(t *testing.T) {
	t.Helper()
	c.api = start(t, c.args[0], c.args[1:]...)
	await(t, c.api, 2*time.Minute, func() bool { return answers(c.http, c.url+"/readyz", "ok") })
}

// answers reports whether a URL answers with 200 and a text.
func answers(client *http.Client, url, text string) bool {
	resp, err := client.Get(url)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return err == nil && resp.StatusCode == http.StatusOK && strings.Contains(string(body), text)
}

// do calls the server as a user and returns the answer, which must be of status 200 or 201.
func (c *cluster) do(t *testing.T, user, method, path, body string) string {
	t.Helper()
	status, answer := c.try(t, user, method, path, body)
	if status != http.StatusOK && status != http.StatusCreated {
		t.Fatalf("%s %s: %d %s", method, path, status, answer)
	}
	return answer
}

// try calls the server as a user and returns the status and the answer.
func (c *cluster) try(t *testing.T, user, method, path, body string) (int, string) {
	t.Helper()
	status, _, answer := c.send(t, user, method, path, body)
	return status, answer
}

// send calls the server as a user. The user agent is "e2e-writer", which becomes the field manager.
func (c *cluster) send(t *testing.T, user, method, path, body string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, c.url+path, bytes.NewBufferString(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+user)
	if body != "" {
		req.Header.Set("Content-Type", "application/yaml")
	}
	req.Header.Set("User-Agent", "e2e-writer/1.0")
	resp, err := c.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(answer)
}

// kubeconfigOf writes a kubeconfig with a context for each user, whose token is its name. The first is the current one.
func kubeconfigOf(url string, users ...string) string {
	logins, contexts := "", ""
	for _, u := range users {
		logins += fmt.Sprintf("- name: %s\n  user: {token: %s}\n", u, u)
		contexts += fmt.Sprintf("- name: %s\n  context: {cluster: e2e, user: %s}\n", u, u)
	}
	return fmt.Sprintf("apiVersion: v1\nkind: Config\ncurrent-context: %s\n"+
		"clusters:\n- name: e2e\n  cluster: {server: %q, insecure-skip-tls-verify: true}\nusers:\n%scontexts:\n%s",
		users[0], url, logins, contexts)
}

func privateKey(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestE2EClusterStarts proves the ground that the other tests stand on.
func TestE2EClusterStarts(t *testing.T) {
	c := startCluster(t, []string{"nobody"})
	if got := c.do(t, "admin", http.MethodGet, "/version", ""); !strings.Contains(got, `"gitVersion": "v1.37.`) {
		t.Errorf("version: %s", got)
	}
	if status, _ := c.try(t, "nobody", http.MethodGet, "/api/v1/pods", ""); status != http.StatusForbidden {
		t.Errorf("a user without rights lists pods: %d", status)
	}
	if !has(t, c.audit, `"e2e-writer/1.0"`) {
		t.Error("the audit log does not have the calls")
	}
}
