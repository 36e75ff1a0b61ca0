package kustomize_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"treadmill/upgrade/apis/render/kustomize"
)

// TestBuildsWhatKustomizeBuilds compares builds with those of Kustomize on the disk: whatever names folders have, whatever lists
// are empty, and whatever scalars are also names of folders.
func TestBuildsWhatKustomizeBuilds(t *testing.T) {
	object := func(name string) string {
		return fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\ndata: {a: b}\n", name)
	}
	for name, tree := range map[string]map[string]string{
		"odd names": {"kustomization.yaml": "resources: [a b, c+d/e@f, 'g~h,i(j)', ünï, 'k%l', 'm#n', 'o&p', q=r]",
			"a b/kustomization.yaml": "resources: ['x y.yaml']", "a b/x y.yaml": object("one"),
			"c+d/e@f/kustomization.yaml": "resources: [x@1.yaml]",
			"c+d/e@f/x@1.yaml":           object("two"), "g~h,i(j)/Kustomization": "resources: [x]", "g~h,i(j)/x": object("three"),
			"ünï/kustomization.yml": "resources: [ä.yaml]", "ünï/ä.yaml": object("four"),
			"k%l/kustomization.yaml": "resources: [x]", "k%l/x": object("five"),
			"m#n/kustomization.yaml": "resources: [x]", "m#n/x": object("six"), "o&p/kustomization.yaml": "resources: [x]", "o&p/x": object("seven"),
			"q=r/kustomization.yaml": "resources: [x]", "q=r/x": object("eight")},
		"empty lists": {"kustomization.yaml": "resources:\n- x.yaml\ncomponents:\n# none\nbases:\npatches:\ngenerators:\ntransformers: []\nvalidators:\ncrds:\nconfigurations:\n" +
			"images:\nreplicas:\nlabels:\ncommonLabels:\nconfigMapGenerator:\nsecretGenerator:\nbuildMetadata:\nvars:\nreplacements:\n",
			"x.yaml": object("one")},
		"names of folders": {"kustomization.yaml": "namespace: shop\nnamePrefix: shop\nnameSuffix: shop\nresources: [x.yaml]\nlabels: [{pairs: {shop: shop}}]\n" +
			"commonAnnotations: {shop: shop}\nimages: [{name: shop, newName: shop}]\n" +
			"configMapGenerator: [{name: shop, literals: [shop=shop]}]\npatches: [{target: {kind: ConfigMap, name: shop}, patch: '[]'}]\nmetadata: {name: shop}\n",
			"x.yaml": object("one"), "shop/other.yaml": object("two")},
		"a base above": {"kustomization.yaml": "resources: [down/a]", "down/a/kustomization.yaml": "resources: [../b, ../../side]",
			"down/b/kustomization.yaml": "resources: [x.yaml]",
			"down/b/x.yaml":             object("one"), "side/kustomization.yaml": "configMapGenerator: [{name: two, files: [k=f.txt, g.txt], envs: [e.env]}]",
			"side/f.txt": "f", "side/g.txt": "g", "side/e.env": "A=1\n"},
		"inline": {"kustomization.yaml": "resources: [x.yaml]\npatchesStrategicMerge: [\"apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: one}\\ndata: {c: d}\\n\"]", "x.yaml": object("one")},
		"as a file": {"kustomization.yaml": "resources: ['git@host.yaml', 'a:b.yaml', 'c?d.yaml']", "git@host.yaml": object("one"),
			"a:b.yaml": object("two"), "c?d.yaml": object("three")},
		"components": {"kustomization.yaml": "resources: [x.yaml]\ncomponents: [c]", "x.yaml": object("one"),
			"c/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamePrefix: p-\n"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "job@2", "my repo+1")
			for file, text := range tree {
				path := filepath.Join(dir, filepath.FromSlash(file))
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), dir)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, r := range want.Resources() {
				names = append(names, r.GetKind()+" "+r.GetNamespace()+"/"+r.GetName())
			}
			made, _, err := kustomize.Build(t.Context(), kustomize.Options{Open: func(name string) (fs.File,
				error) {
				return os.Open(name)
			}, Dir: dir})
			var got []string
			for _, o := range made {
				got = append(got, o.Kind+" "+o.Namespace+"/"+o.Name)
				if o.Path != "" && !strings.HasPrefix(o.Path, dir) {
					t.Errorf("%s is from %s", o.Name, o.Path)
				}
			}
			if err != nil || !slices.Equal(got, names) {
				t.Errorf("%v\ngot  %v\nwant %v", err, got, names)
			}
		})
	}
}

// TestBuildEnds: bases that double on each level are a million builds, of which no more are tried than may be.
func TestBuildEnds(t *testing.T) {
	var files []string
	for level := range 20 {
		for _, side := range []string{"l", "m"} {
			text := fmt.Sprintf("resources: [../l%d, ../m%d]\nnamePrefix: %s%d-\n", level+1, level+1, side, level)
			files = append(files, fmt.Sprintf("%s%d/kustomization.yaml", side, level), text)
		}
	}
	for _, side := range []string{"l", "m"} {
		files = append(files, side+"20/kustomization.yaml", "resources: [a.yaml]", side+"20/a.yaml", fmt.Sprintf(job, side))
	}
	made, _, err := kustomize.Build(t.Context(), kustomize.Options{Open: tree(files...), Dir: "l0", Timeout: time.Minute})
	if err == nil || len(made) > 0 || !strings.Contains(err.Error(), "20 more than 250 times") {
		t.Errorf("%d objects, %v", len(made), err)
	}
	if made, _, err = kustomize.Build(t.Context(), kustomize.Options{Open: tree(files...), Dir: "l0",
		Timeout: time.Millisecond}); err == nil ||
		len(made) > 0 {
		t.Errorf("%d objects, %v", len(made), err)
	}
}
