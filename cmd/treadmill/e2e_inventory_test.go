//go:build e2e

package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestE2EInventory writes a real cluster into a fleet file that has comments, as a user with the shipped role.
func TestE2EInventory(t *testing.T) {
	c := startCluster(t, []string{"scanner"})
	grant(t, c, "scanner", "treadmill-scan")
	for _, pool := range []string{"general", "gpu"} {
		c.do(
			t,
			"admin",
			http.MethodPost,
			"/api/v1/nodes",
			"apiVersion: v1\nkind: Node\nmetadata: {name: "+pool+"-1, labels: {eks.amazonaws.com/nodegroup: "+pool+
				", topology.kubernetes.io/region: eu-west-1}}\nstatus: {nodeInfo: {kubeletVersion: v1.34.3-eks-abc, osImage: Linux, architecture: amd64, bootID: x, containerRuntimeVersion: x,\n"+
				"  kernelVersion: x, kubeProxyVersion: x, machineID: x, operatingSystem: linux, systemUUID: x}}\n",
		)
	}
	c.do(
		t,
		"admin",
		http.MethodPost,
		"/apis/apps/v1/namespaces/default/deployments",
		"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: cert-manager}\nspec:\n"+
			"  selector: {matchLabels: {a: b}}\n  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: 'quay.io/jetstack/cert-manager-controller:v1.18.2'}]}}\n",
	)
	file := filepath.Join(t.TempDir(), "fleet.yaml")
	write(t, file, "version: 1\nclusters:\n  # ours\n  - {name: scanner, provider: eks, version: \"1.33\", team: pay} # keep\n")
	treadmill(t, "upgrade", "inventory", "--kubeconfig", c.kubeconfig, "--context", "scanner", "-f", file, "--write")
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := "version: 1\nclusters:\n  # ours\n  - {name: scanner, provider: eks, version: \"1.37\", team: pay, " +
		"nodes: [{name: general, version: \"1.34\"}, {name: gpu, version: \"1.34\"}], addons: [{name: cert-manager, version: 1.18.2}]} # keep\n"
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	all := string(treadmill(t, "upgrade", "inventory", "--kubeconfig", c.kubeconfig))
	for _, text := range []string{"- name: admin\n    provider: eks\n    version: \"1.37\"\n    region: eu-west-1\n", "- name: scanner\n"} {
		if !strings.Contains(all, text) {
			t.Errorf("no %q in\n%s", text, all)
		}
	}
	onlyReads(t, c)
}
