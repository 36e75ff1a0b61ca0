package arch_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// Every import is in the table, and every row and arrow of the table is used.
func TestArrows(t *testing.T) {
	arrows, found := readTable(t, "arrows.txt"), packages(t)
	for _, p := range checkArrows(arrows, found) {
		t.Error(p)
	}
}

// Heavy libraries, and the packages of Go that touch the process, stay where they are allowed; and what is allowed is used.
func TestFences(t *testing.T) {
	fences, found := readTable(t, "fences.txt"), packages(t)
	for _, p := range checkFences(fences, found) {
		t.Error(p)
	}
}

func checkArrows(arrows table, found map[string][]string) []string {
	var out []string
	common := arrows["common"]
	used := map[string]bool{}
	for pkg, imports := range found {
		allowed, known := arrows[pkg]
		if !known {
			out = append(out, "package "+pkg+" is not in the drawing: add it to internal/arch/arrows.txt and to docs/ARCHITECTURE.md")
		}
		for _, imp := range imports {
			inner, ours := cutModule(imp)
			if !ours || slices.Contains(common, inner) {
				continue
			}
			i := slices.IndexFunc(allowed, func(p string) bool { return matches(p, inner) })
			if i < 0 {
				out = append(out, pkg+" imports "+inner+", which internal/arch/arrows.txt does not allow")
				continue
			}
			used[pkg+" "+allowed[i]] = true
		}
	}
	for pkg, allowed := range arrows {
		if pkg == "common" || pkg == "tests" {
			continue
		}
		if _, exists := found[pkg]; !exists {
			out = append(out, "internal/arch/arrows.txt has a row for "+pkg+", which does not exist")
		}
		for _, p := range allowed {
			if !used[pkg+" "+p] {
				out = append(out, "internal/arch/arrows.txt allows "+pkg+" to import "+p+", which it does not: remove the arrow")
			}
		}
	}
	slices.Sort(out)
	return out
}

func checkFences(fences table, found map[string][]string) []string {
	var out []string
	used := map[string]bool{}
	for library, allowed := range fences {
		exact, isExact := strings.CutSuffix(library, "$")
		for pkg, imports := range found {
			for _, imp := range imports {
				if isExact && imp != exact || !strings.HasPrefix(imp, exact) {
					continue
				}
				i := slices.IndexFunc(allowed, func(p string) bool { return matches(p, pkg) })
				if i < 0 {
					out = append(out, pkg+" imports "+imp+", which internal/arch/fences.txt allows only in: "+strings.Join(allowed, ", "))
					continue
				}
				used[library+" "+allowed[i]] = true
			}
		}
		for _, p := range allowed {
			if !used[library+" "+p] {
				out = append(out, "internal/arch/fences.txt allows "+p+" to import "+library+", which it does not: remove it")
			}
		}
	}
	slices.Sort(out)
	return out
}

// matches says whether a pattern takes a package.
func matches(pattern, pkg string) bool {
	prefix, tree := strings.CutSuffix(pattern, "/...")
	return pattern == pkg || tree && (pkg == prefix || strings.HasPrefix(pkg, prefix+"/"))
}

// The checks themselves: each kind of break is told.
func TestBreaksAreTold(t *testing.T) {
	mod := module(t) + "/"
	found := map[string][]string{
		"a":       {mod + "b", mod + "deep/er", "lib/x"},
		"b":       {mod + "word"},
		"deep/er": nil,
		"word":    nil,
		"new":     {mod + "a"},
	}
	for name, c := range map[string]struct {
		got  []string
		want []string
	}{
		"arrows": {checkArrows(table{"common": {"word"}, "a": {"b", "deep/..."}, "b": {"a"}, "deep/er": nil, "word": nil,
			"gone": nil}, found), []string{
			"package new is not in the drawing", "new imports a, which", "allows b to import a, which it does not", "has a row for gone",
		}},
		"fences": {checkFences(table{"lib/": {"b"}, "lib$": {"a"}, "lib/x$": {"a"}}, found), []string{
			"a imports lib/x", "allows b to import lib/, ", "allows a to import lib$, ",
		}},
	} {
		for _, want := range c.want {
			if !slices.ContainsFunc(c.got, func(s string) bool { return strings.Contains(s, want) }) {
				t.Errorf("%s: nothing says %q: %q", name, want, c.got)
			}
		}
		if len(c.got) != len(c.want) {
			t.Errorf("%s: %d problems, want %d: %q", name, len(c.got), len(c.want), c.got)
		}
	}
}

// A package that no program and no test leads to is dead.
func TestEveryPackageIsReached(t *testing.T) {
	found := packages(t)
	seen := map[string]bool{}
	var visit func(string)
	visit = func(pkg string) {
		if seen[pkg] {
			return
		}
		seen[pkg] = true
		for _, imp := range found[pkg] {
			if inner, ours := cutModule(imp); ours {
				visit(inner)
			}
		}
	}
	arrows := readTable(t, "arrows.txt")
	for pkg := range found {
		if pkg == "." || strings.HasPrefix(pkg, "cmd/") && !strings.HasPrefix(pkg, "cmd/internal/") || strings.HasSuffix(pkg, "/gen") ||
			strings.Contains(pkg, "/gen/") {
			visit(pkg)
		}
	}
	for _, pkg := range slices.Sorted(maps.Keys(found)) {
		if tests := slices.Contains(arrows["tests"], pkg); seen[pkg] == tests {
			t.Errorf("package %s: used by programs %v, by tests alone %v", pkg, seen[pkg], tests)
		}
	}
}
