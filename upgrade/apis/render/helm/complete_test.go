package helm_test

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"treadmill/upgrade"
	"treadmill/upgrade/apis/read"
	"treadmill/upgrade/apis/render/helm"
)

// unreached lists what a chart has where its values do not lead, as "line apiVersion kind: what it takes".
func unreached(t *testing.T, version upgrade.Minor, values map[string]any, pairs ...string) []string {
	t.Helper()
	tree := fstest.MapFS{"c/Chart.yaml": &fstest.MapFile{Data: []byte("apiVersion: v2\nname: c\nversion: 1.0.0\n")}}
	for i := 0; i < len(pairs); i += 2 {
		tree["c/"+pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	apis := []string{"v1", "policy/v1", "networking.k8s.io/v1", "apps/v1"}
	if version.Less(upgrade.V1(22)) {
		apis = []string{"v1", "policy/v1beta1", "extensions/v1beta1", "apps/v1"}
	}
	known := func(group string) bool { return !strings.Contains(group, ".") || strings.HasSuffix(group, ".k8s.io") }
	r := helm.Renderer{Open: tree.Open, Values: values, Targets: []helm.Target{{Version: version, APIs: apis, Known: known}},
		Want: func(apiVersion, _ []byte) bool { return strings.Contains(string(apiVersion), "beta") }}
	var out []string
	var p read.Parser
	in := read.Document{As: read.Chart}
	in.File = "c"
	for d := range r.Documents(t.Context(), slices.Values([]read.Document{in})) {
		switch {
		case d.Made == nil || d.Made.Unreached == "":
			for _, f := range d.Findings {
				out = append(out, f.Message)
			}
		case d.Known != nil:
			out = append(out, fmt.Sprintf("%d %s %s: %s", d.Known.Line, d.Known.APIVersion, d.Known.Kind, d.Made.Unreached))
		default:
			heads, _ := p.Read(d)
			for h := range heads.Objects() {
				if r.Want(h.APIVersion, nil) {
					out = append(out, fmt.Sprintf("%d %s %s: %s", d.Made.Object(h.Line, string(h.APIVersion)).Line, h.APIVersion,
						h.Kind, d.Made.Unreached))
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

// TestUnreached: what values do not lead to is named, and what the version decides is not.
func TestUnreached(t *testing.T) {
	const pdb = "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: x}\n"
	under := func(condition string) string { return "{{ if " + condition + " }}\n" + pdb + "{{ end }}\n" }
	for name, c := range map[string]struct {
		version upgrade.Minor
		values  map[string]any
		files   []string
		want    string
	}{
		"switched off": {files: []string{"values.yaml", "a: {up: false}\n", "templates/x.yaml", under(".Values.a.up")},
			want: "2 policy/v1beta1 PodDisruptionBudget: it takes a.up=true"},
		"not among the values": {files: []string{"templates/x.yaml", under(".Values.a")},
			want: "2 policy/v1beta1 PodDisruptionBudget: it takes {{ if .Values.a }}"},
		"switched off by the user": {values: map[string]any{"a": map[string]any{"up": false}},
			files: []string{"values.yaml", "a: {up: true}\n", "templates/x.yaml", under(".Values.a.up")}},
		"by a definition": {files: []string{"templates/_h.tpl", `{{ define "api" }}policy/v1beta1{{ end }}`, "templates/x.yaml",
			"{{ if .Values.a }}\napiVersion: {{ include \"api\" . }}\nkind: PodDisruptionBudget\n{{ end }}\n"},
			want: "2 policy/v1beta1 PodDisruptionBudget: it takes {{ if .Values.a }}"},
		"by a definition that the version decides": {files: []string{"templates/_h.tpl",
			`{{ define "api" }}{{ if .Capabilities.APIVersions.Has "policy/v1" }}policy/v1{{ else }}policy/v1beta1{{ end }}{{ end }}`,
			"templates/x.yaml", "{{ if .Values.a }}\napiVersion: {{ include \"api\" . }}\nkind: PodDisruptionBudget\n{{ end }}\n"}},
		"by a variable": {files: []string{"templates/x.yaml",
			"{{ $api := \"policy/v1beta1\" }}\n{{ if .Values.a }}\napiVersion: {{ $api }}\nkind: PodDisruptionBudget\n{{ end }}\n"},
			want: "3 policy/v1beta1 PodDisruptionBudget: it takes {{ if .Values.a }}"},
		"by a variable that a value sets": {files: []string{"templates/x.yaml",
			"{{ $v := \"policy/v1\" }}{{ if .Values.a }}{{ $v = \"policy/v1beta1\" }}{{ end }}\napiVersion: {{ $v }}\nkind: PodDisruptionBudget\n"},
			want: "2 policy/v1beta1 PodDisruptionBudget: it takes values that choose it"},
		"by a variable that the version sets": {files: []string{"templates/x.yaml",
			"{{ $v := \"policy/v1beta1\" }}{{ if .Capabilities.APIVersions.Has \"policy/v1\" }}{{ $v = \"policy/v1\" }}{{ end }}\n" +
				"{{ if .Values.a }}\napiVersion: {{ $v }}\nkind: PodDisruptionBudget\n{{ end }}\n"}},
		"by a variable that is set again": {files: []string{"templates/x.yaml", "{{ $v := \"policy/v1\" }}{{ if .Values.a }}\napiVersion: {{ $v }}\n" +
			"kind: PodDisruptionBudget\n{{ end }}\n---\n{{ $v = \"policy/v1beta1\" }}{{ if .Values.b }}\napiVersion: {{ $v }}\nkind: PodDisruptionBudget\n{{ end }}\n"},
			want: "7 policy/v1beta1 PodDisruptionBudget: it takes {{ if .Values.b }}"},
		"by ternary": {files: []string{"templates/x.yaml",
			"apiVersion: {{ ternary \"policy/v1beta1\" \"policy/v1\" (default false .Values.a) }}\nkind: PodDisruptionBudget\n"},
			want: "1 policy/v1beta1 PodDisruptionBudget: it takes values that choose it"},
		"by printf": {files: []string{"templates/x.yaml",
			"{{ if .Values.a }}\napiVersion: {{ printf \"%s/%s\" \"policy\" \"v1beta1\" }}\nkind: PodDisruptionBudget\n{{ end }}\n"},
			want: "2 policy/v1beta1 PodDisruptionBudget: it takes {{ if .Values.a }}"},
		"quoted": {files: []string{"templates/x.yaml",
			"{{ range $k, $v := .Values.a }}\n---\napiVersion: {{ \"policy/v1beta1\" | quote }}\nkind: PodDisruptionBudget\n{{ end }}\n"},
			want: "3 policy/v1beta1 PodDisruptionBudget: it takes {{ range $k, $v := .Values.a }}"},
		"half of it": {files: []string{"templates/x.yaml",
			"{{ if .Values.a }}\napiVersion: policy/{{ ternary \"v1beta1\" \"v1\" .Values.b }}\nkind: PodDisruptionBudget\n{{ end }}\n"},
			want: "2 policy/v1beta1 PodDisruptionBudget: it takes {{ if .Values.a }}"},
		"a dict": {files: []string{"templates/x.yaml",
			"{{ if .Values.a }}\n{{ toYaml (dict \"apiVersion\" \"policy/v1beta1\" \"kind\" \"PodDisruptionBudget\" \"spec\" (dict \"a\" 1)) }}\n{{ end }}\n"},
			want: "2 policy/v1beta1 PodDisruptionBudget: it takes {{ if .Values.a }}"},
		"a dict that is made": {files: []string{"templates/x.yaml",
			"{{ toYaml (dict \"apiVersion\" \"policy/v1beta1\" \"kind\" \"PodDisruptionBudget\") }}\n"}},
		"by a definition that a value decides": {files: []string{"templates/_h.tpl",
			`{{ define "api" }}{{ if .Values.old }}policy/v1beta1{{ else }}policy/v1{{ end }}{{ end }}`,
			"templates/x.yaml", "apiVersion: {{ include \"api\" . }}\nkind: PodDisruptionBudget\n"},
			want: "1 policy/v1beta1 PodDisruptionBudget: it takes values that choose it"},
		"by a definition that an API of somebody else decides": {files: []string{"templates/_h.tpl",
			`{{ define "api" }}{{ if .Capabilities.APIVersions.Has "cert.io/v1" }}cert.io/v1{{ else }}cert.io/v1beta1{{ end }}{{ end }}`,
			"templates/x.yaml", "{{ if .Values.a }}\napiVersion: {{ include \"api\" . }}\nkind: Issuer\n{{ end }}\n"}},
		"by a definition that the version decides, in a subchart that is switched off": {files: []string{"Chart.yaml",
			"apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies: [{name: s, version: 1.0.0, condition: s.enabled}]\n",
			"values.yaml", "s: {enabled: false}\n", "charts/s/Chart.yaml", "apiVersion: v2\nname: s\nversion: 1.0.0\n",
			"charts/s/templates/_h.tpl", `{{ define "api" }}{{ $v := .Capabilities.KubeVersion.Version }}` +
				`{{ if semverCompare "<1.21-0" $v }}policy/v1beta1{{ else }}policy/v1{{ end }}{{ end }}`,
			"charts/s/templates/x.yaml", "{{ if .Values.a }}\napiVersion: {{ include \"api\" . }}\nkind: PodDisruptionBudget\n{{ end }}\n"}},
		"by a definition that prints": {files: []string{"templates/_h.tpl", "{{ define \"api\" -}}\n{{- print \"policy/v1beta1\" -}}\n{{- end -}}",
			"templates/x.yaml", "{{ if .Values.a }}\napiVersion: {{ template \"api\" . }}\nkind: PodDisruptionBudget\n{{ end }}\n"},
			want: "2 policy/v1beta1 PodDisruptionBudget: it takes {{ if .Values.a }}"},
		"a comment behind it": {files: []string{"templates/x.yaml",
			"{{ if .Values.a }}\napiVersion: policy/v1beta1 # the old one\nkind: PodDisruptionBudget\n{{ end }}\n"},
			want: "2 policy/v1beta1 PodDisruptionBudget: it takes {{ if .Values.a }}"},
		"a comment behind it, and made": {files: []string{"templates/x.yaml",
			"apiVersion: policy/v1beta1 # the old one\nkind: PodDisruptionBudget\n"}},
		"by a default": {files: []string{"templates/x.yaml",
			"{{ range .Values.a }}\n---\napiVersion: {{ .api | default \"policy/v1beta1\" }}\nkind: PodDisruptionBudget\n{{ end }}\n"},
			want: "3 policy/v1beta1 PodDisruptionBudget: it takes {{ range .Values.a }}"},
		"by a default that is not used": {files: []string{"values.yaml", "a: policy/v1\n", "templates/x.yaml",
			"apiVersion: {{ default \"policy/v1beta1\" .Values.a }}\nkind: PodDisruptionBudget\nmetadata: {name: x}\n"}},
		"in a range": {files: []string{"values.yaml", "a: []\n", "templates/x.yaml",
			"{{ range .Values.a }}\n---\n" + pdb + "{{ end }}"}, want: "3 policy/v1beta1 PodDisruptionBudget: it takes {{ range .Values.a }}"},
		"in an else": {files: []string{"values.yaml", "a: x\n", "templates/x.yaml",
			"{{ if .Values.a }}a: b\n{{ else }}\n" + pdb + "{{ end }}"},
			want: "3 policy/v1beta1 PodDisruptionBudget: it takes the else of {{ if .Values.a }}"},
		"with test values": {files: []string{"ci/a-values.yaml", "a: {b: {c: d}}\n", "templates/x.yaml", under(".Values.a")},
			want: "2 policy/v1beta1 PodDisruptionBudget: it takes ci/a-values.yaml"},
		"the version decides": {files: []string{"templates/x.yaml", under(`and .Values.a (semverCompare "<1.21-0" .Capabilities.KubeVersion.GitVersion)`)}},
		"the version decides for it": {version: upgrade.V1(20), files: []string{"templates/x.yaml", under(`and .Values.a (semverCompare "<1.21-0" .Capabilities.KubeVersion.GitVersion)`)},
			want: "2 policy/v1beta1 PodDisruptionBudget: it takes {{ if and .Values.a (semverCompare \"<1.21-0\" .Capabilities.KubeVersion.GitVersion) }}"},
		"an API decides": {files: []string{"templates/x.yaml", "{{ if .Values.a }}{{ if .Capabilities.APIVersions.Has \"policy/v1\" }}\n" +
			strings.Replace(pdb, "v1beta1", "v1", 1) + "{{ else }}\n" + pdb + "{{ end }}{{ end }}"}},
		"a definition decides": {files: []string{"templates/_h.tpl", `{{ define "old" }}{{ if lt (int .Capabilities.KubeVersion.Minor) 21 }}true{{ end }}{{ end }}`,
			"templates/x.yaml", under(`and .Values.a (eq (include "old" .) "true")`)}},
		"a variable decides": {files: []string{"templates/x.yaml", `{{ $old := semverCompare "<1.21-0" .Capabilities.KubeVersion.GitVersion }}` + under("and .Values.a $old")}},
		"an API of somebody else": {files: []string{"templates/x.yaml", under(`.Capabilities.APIVersions.Has "monitoring.coreos.com/v1"`)},
			want: "2 policy/v1beta1 PodDisruptionBudget: it takes {{ if .Capabilities.APIVersions.Has \"monitoring.coreos.com/v1\" }}"},
		"an unused definition": {files: []string{"templates/_x.tpl", `{{ define "c.x" }}` + "\n" + pdb + "{{ end }}"}, want: "2 policy/v1beta1 PodDisruptionBudget: it stands in the definition \"c.x\", which no template here uses"},
		"a definition that a condition takes": {files: []string{"templates/_x.tpl", `{{ define "c.x" }}` + "\n" + pdb + "{{ end }}",
			"templates/x.yaml", `{{ if .Values.a }}{{ include "c.x" . }}{{ end }}`},
			want: "2 policy/v1beta1 PodDisruptionBudget: it takes {{ if .Values.a }}"},
		"a definition of an unused definition": {files: []string{"templates/_x.tpl", `{{ define "c.x" }}` + "\n" + pdb + "{{ end }}",
			"templates/_y.tpl", `{{ define "c.y" }}{{ template "c.x" . }}{{ end }}`},
			want: "2 policy/v1beta1 PodDisruptionBudget: it stands in the definition \"c.x\", which no rendering gets to"},
		"a used definition": {files: []string{"templates/_x.tpl", `{{ define "c.x" }}` + "\n" + pdb + "{{ end }}",
			"templates/x.yaml", `{{ include "c.x" . }}`}},
		"a subchart": {files: []string{"Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n", "charts/s/Chart.yaml",
			"apiVersion: v2\nname: s\nversion: 1.0.0\n",
			"charts/s/values.yaml", "up: false\n", "charts/s/templates/x.yaml", under(".Values.up")},
			want: "2 policy/v1beta1 PodDisruptionBudget: it takes s.up=true"},
		"in a text": {files: []string{"templates/x.yaml", "{{ if .Values.a }}\napiVersion: v1\nkind: ConfigMap\ndata:\n  x: |\n    " +
			strings.ReplaceAll(pdb, "\n", "\n    ") + "\n{{ end }}"}},
		"in a reference":   {files: []string{"templates/x.yaml", "{{ if .Values.a }}\napiVersion: v1\nkind: X\nspec:\n  scaleTargetRef:\n    apiVersion: extensions/v1beta1\n    kind: Deployment\n{{ end }}"}},
		"in a list":        {files: []string{"templates/x.yaml", "{{ if .Values.a }}\napiVersion: v1\nkind: List\nitems:\n  - apiVersion: policy/v1beta1\n    kind: PodDisruptionBudget\n{{ end }}"}, want: "5 policy/v1beta1 PodDisruptionBudget: it takes {{ if .Values.a }}"},
		"a templated kind": {files: []string{"templates/x.yaml", "{{ if .Values.a }}\napiVersion: extensions/v1beta1\nkind: {{ .Values.kind }}\n{{ end }}"}, want: "2 extensions/v1beta1 : it takes {{ if .Values.a }}"},
		"chosen in its line": {files: []string{"templates/x.yaml", "apiVersion: {{ if .Values.a }}policy/v1beta1{{ else }}policy/v1{{ end }}\nkind: PodDisruptionBudget\n"},
			want: "1 policy/v1beta1 PodDisruptionBudget: it takes {{ if .Values.a }}"},
		"chosen in its line by the version": {files: []string{"templates/x.yaml",
			"apiVersion: {{ if .Capabilities.APIVersions.Has \"policy/v1\" }}policy/v1{{ else }}policy/v1beta1{{ end }}\nkind: PodDisruptionBudget\n"}},
		"chosen in its line, and made": {files: []string{"values.yaml", "a: true\n", "templates/x.yaml",
			"apiVersion: {{ if .Values.a }}policy/v1beta1{{ else }}policy/v1{{ end }}\nkind: PodDisruptionBudget\n"}},
		"JSON under a condition": {files: []string{"templates/x.yaml",
			"{{ if .Values.a }}\n{\n  \"kind\": \"PodDisruptionBudget\",\n  \"apiVersion\": \"policy/v1beta1\",\n  \"spec\": {\"kind\": \"X\"}\n}\n{{ end }}"},
			want: "4 policy/v1beta1 PodDisruptionBudget: it takes {{ if .Values.a }}"},
		"flow style beside what is made": {files: []string{"templates/x.yaml", "{apiVersion: policy/v1beta1, kind: PodDisruptionBudget}\n" +
			"{{ with .Values.a }}\n---\n{apiVersion: batch/v1beta1, kind: CronJob, metadata: {name: \"{{ . }}\"}}\n{{ end }}"},
			want: "4 batch/v1beta1 CronJob: it takes {{ with .Values.a }}"},
		"items of JSON": {files: []string{"templates/x.json",
			"{{ if .Values.a }}{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [\n{\"apiVersion\": \"policy/v1beta1\", \"kind\": \"PodSecurityPolicy\"}]}{{ end }}"},
			want: "2 policy/v1beta1 PodSecurityPolicy: it takes {{ if .Values.a }}"},
		"JSON in a text and in a reference": {files: []string{"templates/x.yaml", "{{ if .Values.a }}\napiVersion: v1\nkind: ConfigMap\n" +
			"spec: {scaleTargetRef: {apiVersion: extensions/v1beta1, kind: Deployment}}\ndata:\n  x: |\n" +
			"    {\"apiVersion\": \"policy/v1beta1\", \"kind\": \"PodSecurityPolicy\"}\n{{ end }}"}},
		"nothing old": {files: []string{"templates/x.yaml", "{{ if .Values.a }}\napiVersion: apps/v1\nkind: Deployment\n{{ end }}"}},
	} {
		t.Run(name, func(t *testing.T) {
			if c.version.IsZero() {
				c.version = upgrade.V1(37)
			}
			if got := strings.Join(unreached(t, c.version, c.values, c.files...), "\n"); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// TestLibrary takes dependencies from the tree, as folders and packed, by the version that is wanted.
func TestLibrary(t *testing.T) {
	chart := func(name, version string) *fstest.MapFile {
		return &fstest.MapFile{Data: fmt.Appendf(nil, "apiVersion: v2\nname: %s\nversion: %s\n", name, version)}
	}
	tree := fstest.MapFS{
		"a/common/Chart.yaml":        chart("common", "2.3.0"),
		"b/common-old/Chart.yaml":    chart("common", "1.9.0"),
		"c/common-3.0.1.tgz":         &fstest.MapFile{},
		"c/with-dash-1.0.0-rc.1.tgz": &fstest.MapFile{},
		"d/Chart.yaml":               &fstest.MapFile{Data: []byte("[")},
	}
	l := &helm.Library{Open: func(name string) (fs.File, error) { return tree.Open(name) }, Paths: []string{"."}}
	for ask, want := range map[[2]string]string{
		{"common", "2.x.x"}: "a/common", {"common", ""}: "c/common-3.0.1.tgz", {"common", "<2"}: "b/common-old",
		{"common", "^4"}: "", {"other", ""}: "",
		{"common", "no version"}: "", {"with-dash", ">=1.0.0-0"}: "c/with-dash-1.0.0-rc.1.tgz", {"with-dash", "1.x"}: "",
	} {
		if got, ok := l.Find(ask[0], ask[1]); got != want || ok != (want != "") {
			t.Errorf("%v: %q, want %q", ask, got, want)
		}
	}
}
