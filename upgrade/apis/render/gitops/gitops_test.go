package gitops_test

import (
	"fmt"
	"strings"
	"testing"

	"treadmill/internal/diag"
	"treadmill/upgrade/apis/render/gitops"
)

func ExampleRead() {
	sources, _ := gitops.Read([]gitops.Declared{{Position: diag.Position{File: "web.yaml", Line: 1}, Text: []byte(`
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web}
spec:
  destination: {namespace: shop}
  source: {repoURL: https://git.example.com/x.git, path: charts/web, helm: {valueFiles: [prod.yaml], parameters: [{name: a, value: "1,2"}]}}
`)}}, nil)
	for _, s := range sources {
		fmt.Println(s.Position, s.Owner, s.Path, s.Release, s.Namespace)
		for _, l := range s.Layers {
			fmt.Printf("file %q, set %q\n", l.File, l.Set)
		}
	}
	// Output:
	// web.yaml:2:13 Argo CD Application web charts/web web shop
	// file "charts/web/prod.yaml", set ""
	// file "", set "a=1\\,2"
}

// TestReadKeepsWhatIsDeployed gives it one object as it is written, as a base and an overlay build it: the overlay's counts.
func TestReadKeepsWhatIsDeployed(t *testing.T) {
	text := "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: x}\nspec: {chart: {spec: {chart: %s, sourceRef: {kind: GitRepository, name: g}}}}\n"
	at := diag.Position{File: "x.yaml", Line: 1, Column: 13}
	texts := []gitops.Declared{{Text: fmt.Appendf(nil, text, "written"), Position: diag.Position{File: "x.yaml", Line: 1}},
		{
			Text:     fmt.Appendf(nil, text, "built"),
			Position: at,
			Fixed:    true,
			Rank:     gitops.Built,
		}, {Text: fmt.Appendf(nil, text, "prod"), Position: at, Fixed: true, Rank: gitops.Overlaid},
		{Text: fmt.Appendf(nil, text, "test"), Position: at, Fixed: true, Rank: gitops.Overlaid}}
	var paths []string
	sources, findings := gitops.Read(texts, nil)
	for _, s := range sources {
		paths = append(paths, s.Path)
	}
	if fmt.Sprint(paths) != "[prod test]" || len(findings) > 0 {
		t.Errorf("%v, %v", paths, findings)
	}
}

func TestSubstitute(t *testing.T) {
	vars := map[string]string{"a": "1", "empty": ""}
	for text, want := range map[string]string{
		"x ${a}${a} y": "x 11 y", "${b}": "", "${b:=2}": "2", "${b:-2}": "2", "${a:=2}": "1", "${empty:=2}": "2", "$${a}": "${a}",
		"${a": "${a", "$a $ ${}": "$a $ ${}", "${a/b/c}": "1", "${b/x/y}": "${b/x/y}", "${1}": "${1}",
	} {
		if got := gitops.Substitute(text, vars); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func TestTakes(t *testing.T) {
	for _, c := range []struct {
		source gitops.Source
		name   string
		want   bool
	}{
		{gitops.Source{}, "a.yaml", true}, {gitops.Source{Include: "*.yml"}, "a.yaml", false},
		{gitops.Source{Include: "{*.yml,a.*}"}, "a.yaml", true},
		{gitops.Source{Exclude: "a.*"}, "a.yaml", false}, {gitops.Source{Include: "**/*.yaml"}, "a.yaml", false},
		{gitops.Source{Include: "**/*.yaml"}, "x/a.yaml", true}, {gitops.Source{Exclude: "{config.json,us/*}"}, "us/x/a.yaml", false},
		{gitops.Source{Exclude: "a.*"}, "x/a.yaml", true}, {gitops.Source{Include: "["}, "a.yaml", false},
	} {
		if got := c.source.Takes(c.name); got != c.want {
			t.Errorf("%+v takes %s: %v", c.source, c.name, got)
		}
	}
}

// TestData reads values, and never shows them in an error.
func TestData(t *testing.T) {
	text := []byte(
		"apiVersion: v1\nkind: Secret\nmetadata: {name: s-k2m9t4hb7f, namespace: n}\ndata: {a: aHVudGVyMg==}\nstringData: {b: plain}\n" +
			"---\napiVersion: v1\nkind: Secret\nmetadata: {name: bad}\ndata: {a: hunter2!}\n",
	)
	data, ok, err := gitops.Data(text, gitops.From{Kind: "Secret", Namespace: "n", Name: "s"})
	if !ok || err != nil || data["a"] != "hunter2" || data["b"] != "plain" {
		t.Errorf("%v %v %v", data, ok, err)
	}
	if _, ok, _ := gitops.Data(text, gitops.From{Kind: "Secret", Namespace: "other", Name: "s"}); ok {
		t.Error("found in another namespace")
	}
	if _, ok, err := gitops.Data(text, gitops.From{Kind: "Secret", Name: "bad"}); !ok || err == nil ||
		strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v %v", ok, err)
	}
}

// FuzzRead makes sure that whatever an object says, no source leads out of its repository.
func FuzzRead(f *testing.F) {
	f.Add(
		[]byte(
			"apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: {sources: [{path: ../../etc, helm: {valueFiles: [/a, ../../../b, $x/../c]}}]}\n",
		),
	)
	f.Add(
		[]byte(
			"apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec: {chart: {spec: {chart: ../x, sourceRef: {kind: GitRepository}, valuesFiles: [../y]}}}\n",
		),
	)
	f.Add(
		[]byte("apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec: {path: /a/../../b, postBuild: {substitute: {a: b}}}\n"),
	)
	f.Fuzz(func(t *testing.T, text []byte) {
		sources, _ := gitops.Read([]gitops.Declared{{Text: text}}, nil)
		for _, s := range sources {
			names := append([]string{s.Path}, s.Instead...)
			for _, l := range s.Layers {
				names = append(names, l.File)
			}
			for _, n := range names {
				if !strings.Contains(n, "://") &&
					(n == ".." || strings.HasPrefix(n, "../") || strings.HasPrefix(n, "/") || strings.Contains(n, "/../")) {
					t.Errorf("%q leads out", n)
				}
			}
		}
	})
}
