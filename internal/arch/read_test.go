package arch_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

var root = filepath.Join("..", "..")

// table is rows of "name: word word", "#" starts a comment.
type table map[string][]string

func readTable(t *testing.T, file string) table {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out := table{}
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, words, ok := strings.Cut(line, ":")
		if _, twice := out[name]; twice || !ok {
			t.Fatalf("%s: row %q has no colon, or is there twice", file, line)
		}
		out[name] = strings.Fields(words)
	}
	return out
}

// module is the path of ours in go.mod.
func module(t *testing.T) string {
	t.Helper()
	name, err := modulePath()
	if err != nil {
		t.Fatal(err)
	}
	return name
}

var modulePath = sync.OnceValues(func() (string, error) {
	text, err := os.ReadFile(filepath.Join(root, "go.mod"))
	line, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimSpace(strings.TrimPrefix(line, "module ")), err
})

// cutModule is the name that an import of ours has in the tables; the package at the root is ".".
func cutModule(imp string) (string, bool) {
	name, err := modulePath()
	if err != nil {
		return "", false
	}
	if imp == name {
		return ".", true
	}
	return strings.CutPrefix(imp, name+"/")
}

// packages maps every package of the module to what its files import, tests left out.
func packages(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if file != root && (strings.HasPrefix(name, ".") || name == "testdata" || file == filepath.Join(root, "internal", "tools")) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		imports, err := importsOf(file)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		pkg := path.Clean(filepath.ToSlash(rel))
		out[pkg] = append(out[pkg], imports...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 5 {
		t.Fatalf("found only %d packages below %s", len(out), root)
	}
	return out
}

func importsOf(file string) ([]string, error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, spec := range parsed.Imports {
		imp, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		out = append(out, imp)
	}
	return out, nil
}
