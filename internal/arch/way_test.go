package arch_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestWayOfAManifest keeps the picture of ARCHITECTURE.md true: no stage imports one that stands deeper in it, and no stage is
// left out.
func TestWayOfAManifest(t *testing.T) {
	page, err := os.ReadFile(filepath.FromSlash("../../docs/ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, picture, ok := strings.Cut(string(page), "**The way of a manifest.**")
	_, picture, _ = strings.Cut(picture, "```\n")
	picture, _, _ = strings.Cut(picture, "```\n")
	if !ok || picture == "" {
		t.Fatal("docs/ARCHITECTURE.md shows no way of a manifest")
	}
	found := packages(t)
	depth := map[string]int{}
	for line := range strings.Lines(picture) {
		name := strings.Fields(line)[0]
		pkg := stage(found, name)
		if pkg == "" {
			t.Errorf("%s is no stage below upgrade/apis", name)
		}
		depth[pkg] = strings.Index(line, name)
	}
	shared := []string{
		"upgrade/apis/object",
		"upgrade/apis/lifecycle",
		"upgrade/apis/crd",
		"upgrade/apis/render/release",
		"upgrade/apis/render/helm/values",
	}
	for pkg, imports := range found {
		at, shown := depth[pkg]
		if !shown && strings.HasPrefix(pkg, "upgrade/apis") && !strings.HasSuffix(pkg, "/gen") && !slices.Contains(shared, pkg) {
			t.Errorf("%s stands in no picture of docs/ARCHITECTURE.md", pkg)
		}
		for _, imp := range imports {
			inner, ours := cutModule(imp)
			if below, ok := depth[inner]; shown && ours && ok && below > at && pkg != "upgrade/apis" {
				t.Errorf("%s imports %s, which comes later on the way of a manifest", pkg, inner)
			}
		}
	}
}

// stage is the package of a stage.
func stage(found map[string][]string, name string) string {
	for _, pkg := range []string{"upgrade/" + name, "upgrade/apis/" + name, "upgrade/apis/render/" + name} {
		if _, ok := found[pkg]; ok {
			return pkg
		}
	}
	return ""
}
