package read

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// heads are the objects and findings of one file, a line each.
func heads(t *testing.T, name, text string) (out []string) {
	t.Helper()
	tree := fstest.MapFS{name: {Data: []byte(text)}}
	var p Parser
	for d := range File(func(name string) (fs.File, error) { return tree.Open(name) }, name) {
		for _, f := range d.Findings {
			out = append(out, fmt.Sprintf("%d:%d %s", f.Line, f.Column, f.ID))
		}
		if d.Known != nil {
			out = append(out, fmt.Sprintf("%d:%d %s %s %s/%s", d.Known.Line, d.Known.Column, d.Known.APIVersion, d.Known.Kind,
				d.Known.Namespace, d.Known.Name))
			continue
		}
		found, findings := p.Read(d)
		for h := range found.Objects() {
			out = append(out, fmt.Sprintf("%d:%d %s %s %s/%s", h.Line, h.Column, h.APIVersion, h.Kind, h.Namespace, h.Name))
		}
		for _, f := range findings {
			out = append(out, fmt.Sprintf("%d:%d %s", f.Line, f.Column, f.ID))
		}
	}
	return out
}

func TestEmbedded(t *testing.T) {
	for _, c := range []struct{ name, file, text, want string }{
		{"a map", "t.yml", "- k8s:\n    definition:\n      apiVersion: policy/v1beta1\n      kind: PodDisruptionBudget\n      metadata: {name: a}\n",
			"3:19 policy/v1beta1 PodDisruptionBudget /a"},
		{"in a play", "t.yml", "- hosts: all\n  tasks:\n    - block:\n        - kubernetes.core.k8s:\n            resource_definition: {apiVersion: v1, kind: Pod}\n",
			"5:47 v1 Pod /"},
		{"a text", "t.yml", "- k8s:\n    definition: |\n      apiVersion: v1\n      kind: Pod\n      ---\n      apiVersion: v1\n      kind: Secret\n",
			"3:19 v1 Pod /; 6:19 v1 Secret /"},
		{"a quoted text", "t.yml", `- k8s: {definition: "apiVersion: v1\nkind: Pod"}`, "1:21 v1 Pod /"},
		{"a list", "t.yml", "- k8s:\n    definition:\n      - {apiVersion: v1, kind: Pod}\n      - {apiVersion: v1, kind: PodList, items: [{metadata: {name: b}}]}\n",
			"3:22 v1 Pod /; 4:49 v1 Pod /b"},
		{"the short form", "t.yml", "- k8s: {api_version: v1, kind: Pod, name: a, namespace: n}\n", "1:22 v1 Pod n/a"},
		{"filled in", "t.yml", "- k8s: {definition: \"{{ item }}\"}\n- k8s:\n    definition: {apiVersion: '{{ v }}', kind: Pod}\n",
			"1:21 input/embedded; 3:17 input/embedded"},
		{"another module", "t.yml", "- k8s_info: {definition: {apiVersion: v1, kind: Pod}}\n", ""},
		{"Terraform in JSON", "m.tf.json", `{"resource": {"kubernetes_manifest": {"a": {"manifest": {"apiVersion": "v1", "kind": "Pod"}}}}}`, "1:72 v1 Pod /"},
		{"a list of Terraform in JSON", "m.tf.json", `{"resource": [{"kubernetes_manifest": {"a": [{"manifest": {"apiVersion": "v1", "kind": "Pod"}}]}}]}`,
			"1:74 v1 Pod /"},
		{"Terraform", "m.tf", "resource \"kubernetes_manifest\" \"a\" {\n  manifest = {\n    \"apiVersion\" = \"v1\" # here\n    kind = \"Pod\"\n" +
			"    metadata = {\n      labels = { kind = \"x\" }\n      name = \"a\"\n      namespace = var.n\n    }\n  }\n}\n", "3:20 v1 Pod /a"},
		{"in a call", "m.tf", "x = yamlencode({ apiVersion : \"v1\", kind : \"Pod\" })\n", "1:31 v1 Pod /"},
		{"a here-document", "m.tf", "x = <<-EOT\n  apiVersion: v1\n  kind: Pod\n  metadata: {name: ${var.name}}\n  ---\n  apiVersion: v1\n  kind: Secret\n" +
			"  EOT\ny = { apiVersion = \"v1\", kind = \"Node\" }\n", "2:15 v1 Pod /$<var.name>; 6:15 v1 Secret /; 9:20 v1 Node /"},
		{"Terraform that is computed", "m.tf", "x = {\n apiVersion = \"policy/${local.v}\"\n kind = \"A\"\n}\ny = {\n apiVersion = local.v\n kind = \"A\"\n}\n" +
			"z = <<E\napiVersion: ${local.v}\nkind: A\nE\n", "2:15 input/embedded; 6:15 input/embedded; 10:0 input/embedded"},
		{"a template of OpenShift", "t.yaml", "kind: Template\napiVersion: template.openshift.io/v1\nobjects:\n- apiVersion: v1\n  kind: Pod\n",
			"2:13 template.openshift.io/v1 Template /; 4:15 v1 Pod /"},
		{"the same in JSON", "t.json", `{"kind": "Template", "apiVersion": "v1", "objects": [{"apiVersion": "v1", "kind": "Pod"}]}`,
			"1:36 v1 Template /; 1:69 v1 Pod /"},
		{"JSON with comments", "t.json", "// here\n{\"apiVersion\": \"v1\", \"kind\": \"Pod\",}\n", "2:16 v1 Pod /"},
		{"a mark behind a marker", "t.yaml", "---\n\ufeffapiVersion: v1\nkind: Pod\n", "2:13 v1 Pod /"},
		{"UTF-16 without a mark", "t.yaml", "k\x00i\x00n\x00d\x00:\x00 \x00P\x00\n\x00a\x00p\x00i\x00V\x00e\x00r\x00s\x00i\x00o\x00n\x00:\x00 \x00v\x001\x00\n\x00",
			"2:13 v1 P /"},
		{"comments and quotes", "m.tf", "# { apiVersion = \"v1\", kind = \"Pod\" }\n// x\n/* { apiVersion = \"v1\"\n kind = \"Pod\" } */\n" +
			"a = \"${lookup(m, \"k\")} { apiVersion\"\nb = c == 1 ? \"apiVersion\" : \"kind\"\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := strings.Join(heads(t, c.file, c.text), "; "); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// FuzzTerraform holds the reader of Terraform to places that exist.
func FuzzTerraform(f *testing.F) {
	f.Add("x = { apiVersion = \"v1\", kind = \"Pod\", metadata = { name = \"${a(\"b\")}\" } }\n")
	f.Add("y = <<-E\n apiVersion: v1\n kind: Pod\n E\n")
	f.Add("\"\\")
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Count(text, "\n") + 1
		terraform("m.tf", strings.NewReader("# apiVersion\n"+text), func(d Document) bool {
			places := []int{d.Line}
			for _, said := range d.Findings {
				places = append(places, said.Line)
			}
			if slices.Max(places) > lines+1 {
				t.Errorf("line %v of %d", places, lines)
			}
			return true
		})
	})
}
