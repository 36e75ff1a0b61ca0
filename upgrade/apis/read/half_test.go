package read_test

import (
	"fmt"
	"strings"
	"testing"

	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/read"
)

// TestHalves holds what lacks half of its API against the table of Kubernetes: what is plainly an object is told, and nothing else.
func TestHalves(t *testing.T) {
	table, err := lifecycle.Load()
	if err != nil {
		t.Fatal(err)
	}
	const named = "\nmetadata:\n  name: a\n"
	for _, c := range []struct{ text, want string }{
		{"kind: Deployment" + named, "1:1 warning apiVersion"},
		{"apiVersion:\nkind: Deployment" + named, "1:12 warning apiVersion"},
		{"apiVersion: ''\nkind: Namespace" + named, "1:13 warning apiVersion"},
		{"apiVersion: apps/v1\nkind:" + named, "1:13 error kind"},
		{"apiVersion: v1\nkind: \"\"" + named, "1:13 error kind"},
		{"apiVersion: cert-manager.io/v1" + named, "1:13 error kind"},
		{"apiversion: apps/v1\nkind: Deployment" + named, "1:1 error apiversion"},
		{"kind: Deployment\nAPIVersion: apps/v1" + named, "2:1 error APIVersion"},
		{"apiVersion: apps/v1\nKind: Deployment" + named, "2:1 error Kind"},
		{"ApiVersion: apps/v1\nKind: Deployment" + named, "2:1 error ApiVersion"},
		{"apiversion: cert-manager.io/v1\nkind: Certificate" + named, "1:1 error apiversion"},
		{`{"kind": "Pod", "metadata": {"name": "a"}}`, "1:1 warning apiVersion"},
		{`{"Kind": "Pod", "apiVersion": "v1", "metadata": {"name": "a"}}`, "1:2 error Kind"},
		{"apiVersion: v1\nkind: List\nitems:\n- kind: Pod\n  metadata: {name: a}\n", "4:3 warning apiVersion"},

		{"apiVersion: v1\nkind: PodList\nitems:\n- metadata: {name: a}\n", ""},
		{"apiVersion: apps/v1\nkind: Deployment" + named, ""},
		{"kind: Deployment\nname: a\n", ""},
		{"kind: Deployment\nspec: {replicas: 1}\n", ""},
		{"kind: Certificate" + named, ""},
		{"kind: pipeline\ntype: docker\nname: a\n", ""},
		{"kind: role\nversion: v7" + named, ""},
		{"kind: Kustomization" + named, ""},
		{"apiVersion: 1.0.0" + named, ""},
		{"apiVersion: v2\nname: chart\nversion: 1.0.0\n", ""},
		{"apiVersion: 1\nproviders: []\n", ""},
		{"openapi: 3.0.0\ncomponents: {schemas: {Pod: {properties: {kind: {type: string}}}}}\n", ""},
		{"services:\n  web: {image: nginx}\n", ""},
		{"metadata:\n  name: a\nspec: {}\n", ""},
		{"on: push\njobs: {build: {steps: []}}\n", ""},
		{"- hosts: all\n  tasks:\n  - k8s: {definition: {kind: Pod, metadata: {name: a}}}\n", ""},
		{"replicaCount: 1\nkind: Deployment\nmetadata: {labels: {a: b}}\n", ""},
		{"schemaVersion: 2.2.0" + named, ""},
	} {
		var got []string
		for d := range read.Text("f", strings.NewReader(c.text)) {
			var p read.Parser
			heads, findings := p.Read(d)
			if len(findings) > 0 {
				t.Errorf("%q: %v", c.text, findings)
			}
			for _, f := range read.Halves(d, heads, table.Half) {
				key := strings.Split(f.Message, `"`)[3]
				got = append(got, fmt.Sprintf("%d:%d %s %s", f.Line, f.Column, f.Severity, key))
			}
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
}
