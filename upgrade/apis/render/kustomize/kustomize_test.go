package kustomize_test

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"treadmill/upgrade/apis/render/kustomize"
)

// tree opens files out of names and texts in turn.
func tree(pairs ...string) func(string) (fs.File, error) {
	m := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return func(name string) (fs.File, error) { return m.Open(name) }
}

const job = "apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: %s}\n"

// shown writes what was built.
func shown(made []kustomize.Object) string {
	var out []string
	for _, o := range made {
		out = append(out, fmt.Sprintf("%s %s %s from %q %v", o.APIVersion, strings.TrimPrefix(o.Namespace+"/"+o.Name, "/"), o.Kind,
			o.Path, len(o.Text) > 0))
	}
	return strings.Join(out, "\n")
}

func TestBuild(t *testing.T) {
	for name, c := range map[string]struct {
		open func(string) (fs.File, error)
		dir  string
		want string
	}{
		"an overlay of a base": {tree("base/kustomization.yaml", "resources: [job.yaml]", "base/job.yaml", fmt.Sprintf(job, "a"),
			"prod/kustomization.yml", "namePrefix: prod-\nnamespace: shop\nresources: [../base]\nbuildMetadata: [managedByLabel]"), "prod",
			`batch/v1beta1 shop/prod-a CronJob from "base/job.yaml" false`},
		"JSON, and a file without an ending": {tree("k/Kustomization", `{"resources": ["job"]}`, "k/job", fmt.Sprintf(job, "a")), "k",
			`batch/v1beta1 a CronJob from "k/job" false`},
		"what is generated has no file": {tree("k/kustomization.yaml",
			"configMapGenerator: [{name: c, literals: [\"a=https://example.com\"], options: {disableNameSuffixHash: true}}]"), "k",
			`v1 c ConfigMap from "" true`},
		"a component is nothing by itself": {tree("k/kustomization.yaml",
			"kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nresources: [gone.yaml]", "k/gone.yaml", ""), "k", ""},
		"a patch changes an API version": {tree("k/kustomization.yaml",
			"resources: [job.yaml]\npatches: [{target: {kind: CronJob}, patch: '[{\"op\": \"replace\", \"path\": \"/apiVersion\", \"value\": \"batch/v1\"}]'}]",
			"k/job.yaml", fmt.Sprintf(job, "a")), "k", `batch/v1 a CronJob from "k/job.yaml" false`},
	} {
		t.Run(name, func(t *testing.T) {
			text := func(o kustomize.Object) bool { return o.Kind == "ConfigMap" }
			made, _, err := kustomize.Build(t.Context(), kustomize.Options{Open: c.open, Dir: c.dir, Text: text})
			if got := shown(made); err != nil || got != c.want {
				t.Errorf("%v\n%s\nwant\n%s", err, got, c.want)
			}
		})
	}
}

// TestBuildStaysHere gives it kustomizations that name what lies elsewhere: nothing is built, and nothing is fetched.
func TestBuildStaysHere(t *testing.T) {
	for _, text := range []string{
		"resources: [https://127.0.0.1:1/x.yaml]", "resources: ['git@example.com:a/b.git']", "bases: ['github.com/a/b?ref=x']",
		"components: ['ssh://git@example.com/x']", "crds: [https://127.0.0.1:1/x]", "openapi: {path: 'https://127.0.0.1:1/x'}",
		"patches: [{path: 'https://127.0.0.1:1/x.yaml'}]", "replacements: [{path: 'https://127.0.0.1:1/x.yaml'}]", "configurations: [gone.yaml]",
		"configMapGenerator: [{name: c, files: ['https://127.0.0.1:1/x']}]",
		"generators: [\"apiVersion: builtin\\nkind: ConfigMapGenerator\\nmetadata: {name: c}\\nfiles: [https://127.0.0.1:1/x]\\n\"]",
	} {
		made, _, err := kustomize.Build(t.Context(), kustomize.Options{Open: tree("k/kustomization.yaml", text), Dir: "k"})
		var remote *kustomize.Remote
		if !errors.As(err, &remote) || remote.File != "k/kustomization.yaml" || len(made) > 0 {
			t.Errorf("%s: %v %v", text, err, made)
		}
	}
}

// TestBuildRefuses gives it what cannot be built, or never ends.
// TestBuildLeavesChartsOut: what they make is not known, and the rest is built.
func TestBuildLeavesChartsOut(t *testing.T) {
	open := tree("k/kustomization.yaml", "resources: [../l, j]\nhelmCharts: [{name: x, repo: 'https://127.0.0.1:1/'}]",
		"k/j", fmt.Sprintf(job, "a"),
		"l/kustomization.yaml", "helmCharts: [{name: other}]")
	made, charts, err := kustomize.Build(t.Context(), kustomize.Options{Open: open, Dir: "k"})
	want := []kustomize.Chart{{File: "k/kustomization.yaml", Name: "x", Repository: "https://127.0.0.1:1"},
		{File: "l/kustomization.yaml", Name: "other"}}
	if err != nil || len(made) != 1 || !slices.Equal(slices.Compact(charts), want) {
		t.Errorf("%v, %v, %v", made, charts, err)
	}
}

func TestBuildRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		open func(string) (fs.File, error)
		want string
	}{
		"none":     {tree("k/x.yaml", ""), "has no kustomization"},
		"a circle": {tree("k/kustomization.yaml", "resources: [../l]", "l/kustomization.yaml", "resources: [../k]"), "in a circle"},
		"no YAML":  {tree("k/kustomization.yaml", "resources: ["), "did not find"},
		"a field":  {tree("k/kustomization.yaml", "recources: [x.yaml]"), "recources"},
		"no patch": {tree("k/kustomization.yaml", "resources: [j]\npatches: [{path: gone.yaml}]", "k/j", fmt.Sprintf(job, "a")), "gone.yaml"},
		"a plugin": {tree("k/kustomization.yaml", "transformers: [p.yaml]", "k/p.yaml",
			"apiVersion: x/v1\nkind: Exec\nmetadata: {name: x, annotations: {config.kubernetes.io/function: 'exec: {path: /bin/true}'}}"), ""},
		"many files": {tree("k/kustomization.yaml", "resources: [j]", "k/j", strings.Repeat("x", 65<<20)), "more than 64 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			made, _, err := kustomize.Build(t.Context(), kustomize.Options{Open: c.open, Dir: "k"})
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "/w/w") || len(made) > 0 {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

// TestOverlay puts a kustomization above one: a name, and a component that is found from the folder below.
func TestOverlay(t *testing.T) {
	open := tree("k/jobs/kustomization.yaml", "resources: [job.yaml]", "k/jobs/job.yaml", fmt.Sprintf(job, "a"),
		"k/part/kustomization.yaml", "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nresources: [b.yaml]",
		"k/part/b.yaml", fmt.Sprintf(job, "b"))
	made, _, err := kustomize.Build(t.Context(), kustomize.Options{Open: open, Dir: "k/jobs",
		Overlay: "namePrefix: x-\ncomponents: [../part]\n"})
	if got := shown(made); err != nil ||
		got != "batch/v1beta1 x-a CronJob from \"k/jobs/job.yaml\" false\nbatch/v1beta1 x-b CronJob from \"k/part/b.yaml\" false" {
		t.Errorf("%v\n%s", err, got)
	}
}

// TestOverlayOfTheCurrentFolder: a folder that has no name from above is built too, and its files keep their names.
func TestOverlayOfTheCurrentFolder(t *testing.T) {
	open := tree("kustomization.yaml", "resources: [sub, job.yaml]", "job.yaml", fmt.Sprintf(job, "a"),
		"sub/kustomization.yaml", "resources: [b.yaml]", "sub/b.yaml", fmt.Sprintf(job, "b"))
	made, _, err := kustomize.Build(t.Context(), kustomize.Options{Open: open, Dir: ".", Overlay: "nameSuffix: -x\n"})
	want := "batch/v1beta1 b-x CronJob from \"sub/b.yaml\" false\nbatch/v1beta1 a-x CronJob from \"job.yaml\" false"
	if got := shown(made); err != nil || got != want {
		t.Errorf("%v\n%s", err, got)
	}
}
