package main

import (
	"fmt"
	"strings"
	"testing"
)

func written(rows []row) string {
	var out []string
	for _, r := range rows {
		text := r.version + " " + r.kubernetes
		if r.semantics != "" {
			text += " " + r.semantics
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

// TestParse holds each way to read a document to one of that form.
func TestParse(t *testing.T) {
	for name, c := range map[string]struct {
		spec          spec
		version, text string
		want          string
	}{
		"lines": {spec{Read: "lines", Of: "Tool", Column: "Kubernetes"}, "", `
Intro | with a bar

| Tool version | Notes | Kubernetes versions |
|--------------|:-----:|---------------------|
| main         |       | 1.39                |
| v2.1.3       | x     | v1.37, v1.36, v1.35 |
| 2.1.0        | x     | v1.36               |
| 2.0.x        | x     | 1.30 → 1.34         |
| 1.9          | x     |                     |

| Tool | Kubernetes |
|--|--|
| 9.9 | 1.99 |
`, "2.1 1.35-1.37; 2.0 1.30-1.34"},
		"lines without bars at the ends, least versions": {spec{Read: "lines", Of: "Server", Column: "Supported", Semantics: "minimum"}, "", `
Server | API | Supported Kubernetes version
-------|-----|-----------------------------
0.9.x  | v1  | 1.34+
0.5.x  | v1  | *1.8+
`, "0.9 1.34+; 0.5 1.8+"},
		"one version stands for the two before": {spec{Read: "lines", Of: "Tool", Column: "Kubernetes", Before: 2}, "",
			"| Tool | Kubernetes |\n|---|---|\n| v0.36 | v1.36 |\n", "0.36 1.34-1.36"},
		"by Kubernetes": {spec{Read: "kubernetes", Of: "Kubernetes", Column: "runtime"}, "v2.4.2", `
| Kubernetes Version | runtime version | API |
|---|---|---|
| 1.34 | 2.1.3+, 2.0.6+, 1.7.28+ | v1 |
| 1.35 | 2.2.0+, 2.1.5+, 1.7.28+ | v1 |
`, "1.7.28 -1.35; 2.0.6 -1.34; 2.1.3 -1.34; 2.1.5 -1.35; 2.2 -1.35"},
		"by Kubernetes, on its side": {spec{Read: "kubernetes", Of: "Kubernetes Release", Column: "Plugin", Later: true}, "v1.19.2", `
| Kubernetes Release | 1.33     | 1.32     | 1.31     |
| ------------------ | -------- | -------- | -------- |
| Plugin Version     | v1.17.1+ | v1.17.1+ | v1.16.4+ |
`, "1.16.4 -1.31; 1.17.1 -1.33; 1.18 -1.33 expected; 1.19 -1.33 expected"},
		"columns": {spec{Read: "columns", Of: "Core", Column: "v1."}, "", `
| | v9.9 |
|---|---|
| Kubernetes v1.10 | ✓ |

### Core

|                  | v1.12, _old_ | v1.13        |
|------------------|--------------|--------------|
| Kubernetes v1.30 | ✓ (only workload) |         |
| Kubernetes v1.31 | ✓            |              |
| Kubernetes v1.32 | ✓            | ✓            |
| Kubernetes v1.33 | ✓ >= v1.12.8 | ✓            |
| Kubernetes v1.34 |              | ✓ >= v1.13.6 |
`, "1.12 1.31-1.32; 1.12.8 1.31-1.33; 1.13 1.32-1.33; 1.13.6 1.32-1.34"},
		"pairs": {spec{Read: "pairs"}, "", "name: x\ncompatibility:\n- {appVersion: 1.0.x, minK8sVersion: 1.25, maxK8sVersion: \"1.30\"}\n" +
			"- {appVersion: 1.0.5, minK8sVersion: 1.25, maxK8sVersion: 1.31}\n- {appVersion: 1.0.5, minK8sVersion: 1.25, maxK8sVersion: 1.31}\n",
			"1.0 1.25-1.30; 1.0.5 1.25-1.31"},
		"matrix":                           {spec{Read: "matrix", Match: `versions: \[([^]]*)\]`}, "v3.23.1", "on: push\nversions: [\"1.31.6\", \"1.33.2\"]\nother: 1.99\nversions: [1.32.0]\n", "3.23 1.31-1.33"},
		"matrix of numbers without points": {spec{Read: "matrix", Match: `K8S_(1\d+)=`}, "v1.21.2", "K8S_133=x\nK8S_136=y\n", "1.21 1.33-1.36"},
		"minimum":                          {spec{Read: "minimum", Semantics: "minimum", Match: `kubeVersion: ">= ?(1\.\d+)`}, "v0.40.0", "kubeVersion: \">=1.16.0-0\"\n", "0.40 1.16+"},
	} {
		rows, err := parse(c.spec, c.version, c.text)
		if got := written(rows); err != nil || got != c.want {
			t.Errorf("%s: %s (%v), want %s", name, got, err, c.want)
		}
	}
}

// TestParseFailsLoudly: a document without the table that the spec names is an error, never a document without releases.
func TestParseFailsLoudly(t *testing.T) {
	for _, way := range []string{"lines", "kubernetes", "columns", "no-such"} {
		rows, err := parse(spec{Read: way, Of: "Tool", Column: "Kubernetes"}, "v1.0.0", "# Moved\n\nSee https://example.com\n\n| A | B |\n|---|---|\n| 1.0 | 1.30 |\n")
		if err == nil {
			t.Errorf("%s: %v and no error", way, rows)
		}
	}
	if rows, err := parse(spec{Read: "matrix", Match: `k8s: (1\.\d+)`}, "v1.0.0", "kubernetes: 1.30"); err != nil || len(rows) != 0 {
		t.Errorf("a matrix that matches nothing: %v, %v", rows, err) // which read refuses
	}
}

func TestDifference(t *testing.T) {
	old := "addon: a\n  - {version: \"1.0\", kubernetes: \"1.30\"}\n  - {version: \"1.1\", kubernetes: \"1.31\"}\n"
	now := "addon: a\n  - {version: \"1.1\", kubernetes: \"1.32\"}\n  - {version: \"1.0\", kubernetes: \"1.30\"}\n"
	want := "- a - {version: \"1.1\", kubernetes: \"1.31\"}\n+ a - {version: \"1.1\", kubernetes: \"1.32\"}\n"
	if got := difference(old, now); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := difference(now, now); got != "" {
		t.Errorf("no difference is %q", got)
	}
	if got := fmt.Sprintln(compare("1.10", "1.9"), compare("1.0", "1.0.5"), trimZero("2.1.0"), trimZero("2.10")); got != "1 -1 2.1 2.10\n" {
		t.Error(got)
	}
}
