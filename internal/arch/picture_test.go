package arch_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// blocks are the code blocks of a page, line by line.
func blocks(t *testing.T, page string) [][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(page)))
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for i, part := range strings.Split(string(text), "\n```") {
		if i%2 == 1 {
			out = append(out, strings.Split(strings.TrimPrefix(part, "\n"), "\n"))
		}
	}
	return out
}

// drawn are the folders of the tree in ARCHITECTURE. A line has one or more of them, then two spaces and what they are for; those that are
// indented are below the last folder of the nearest line above that is indented less.
func drawn(lines []string) []string {
	folder := regexp.MustCompile(`^[a-z][a-z0-9-]*(/[a-z0-9-]+)*/?$`)
	var out []string
	var above [8]string
	for _, line := range lines {
		words := strings.TrimLeft(line, " ")
		level := (len(line) - len(words)) / 2
		words, _, _ = strings.Cut(words, "   ")
		parent := ""
		for l := level - 1; l >= 0 && parent == ""; l-- {
			parent = above[l]
		}
		for _, w := range strings.Fields(words) {
			if !folder.MatchString(w) {
				break
			}
			above[level] = strings.TrimSuffix(strings.TrimPrefix(parent+"/"+strings.TrimSuffix(w, "/"), "/"), "/")
			out = append(out, above[level])
		}
		clear(above[level+1:])
	}
	return out
}

// The tree in ARCHITECTURE has every package, and no folder that is not there. Generators stand with their tables.
func TestTheTreeIsTheRealOne(t *testing.T) {
	tree := drawn(blocks(t, "docs/ARCHITECTURE.md")[0])
	for _, dir := range tree {
		if info, err := os.Stat(filepath.Join(root, filepath.FromSlash(dir))); err != nil || !info.IsDir() {
			t.Errorf("docs/ARCHITECTURE.md has %s, which is not there", dir)
		}
	}
	for pkg := range packages(t) {
		if pkg != "." && !slices.Contains(strings.Split(pkg, "/"), "gen") && !slices.Contains(tree, pkg) {
			t.Errorf("docs/ARCHITECTURE.md lacks %s", pkg)
		}
	}
}

// Each command has a way, and each step of it is an import.
func TestTheWaysOfJobsAreImports(t *testing.T) {
	found := packages(t)
	var named []string
	for _, line := range blocks(t, "docs/ARCHITECTURE.md")[1] {
		name, way, _ := strings.Cut(line, "  ")
		named = append(named, "treadmill "+name)
		from := ""
		for step := range strings.SplitSeq(strings.TrimSpace(way), " → ") {
			to := step
			if _, ok := found[to]; !ok {
				to = "cmd/internal/" + step
			}
			if from != "" && !slices.ContainsFunc(found[from], func(imp string) bool { inner, ours := cutModule(imp); return ours && inner == to }) {
				t.Errorf("%s: %s does not import %s", name, from, to)
			}
			from = to
		}
	}
	index, err := os.ReadFile(filepath.Join(root, "docs", "cli", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var commands []string
	for _, m := range regexp.MustCompile(`(?m)^\| \[([a-z -]+)\]`).FindAllStringSubmatch(string(index), -1) {
		commands = append(commands, m[1])
	}
	slices.Sort(named)
	slices.Sort(commands)
	if !slices.Equal(named, commands) {
		t.Errorf("the ways are of\n%q\nthe commands are\n%q", named, commands)
	}
}

func TestDrawnFolders(t *testing.T) {
	got := drawn(
		[]string{"cmd/x     says: no/thing", "up/   words", "  a/  b/    both", "    c/d/   deep", "  e/    last", "treadmill.go   a file"},
	)
	want := []string{"cmd/x", "up", "up/a", "up/b", "up/b/c/d", "up/e"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
