package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"treadmill/internal/diag/catalogue"
)

// TestFindingsAreDocumented compares the finding IDs in the source, which are literals of the form area/word, with those
// in the catalogue, both ways.
func TestFindingsAreDocumented(t *testing.T) {
	ids, err := catalogue.IDs()
	if err != nil {
		t.Fatal(err)
	}
	used := findingIDs(t)
	for id, where := range used {
		if !slices.Contains(ids, id) {
			t.Errorf("%s: finding %s is not in internal/diag/catalogue/data", where, id)
		}
	}
	for _, id := range ids {
		if used[id] == "" {
			t.Errorf("internal/diag/catalogue/data has %s, which nothing finds", id)
		}
	}
}

// tabled adds the IDs that a table of rules has in its fifth column.
func tabled(file string, out map[string]string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		if c := strings.Split(line, "\t"); len(c) > 4 && strings.Contains(c[4], "/") {
			out[c[4]] = file
		}
	}
	return nil
}

// findingIDs maps every literal that looks like a finding ID to its place, tests and generators left out.
func findingIDs(t *testing.T) map[string]string {
	t.Helper()
	shape := regexp.MustCompile(`^[a-z]+/[a-z][a-z0-9-]*$`)
	notIDs := regexp.MustCompile(`^(application|text|image|kubernetes|testdata|openslo|origin|prometheus|treadmill)/`)
	out := map[string]string{}
	root := filepath.FromSlash("../..")
	for _, dir := range []string{"cmd", "upgrade", "slo", "rules", "internal"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(file string, d fs.DirEntry, err error) error {
			if os.IsNotExist(err) {
				return nil
			}
			if err != nil {
				return err
			}
			if d.IsDir() && (d.Name() == "gen" || d.Name() == "testdata" || d.Name() == "tools" || d.Name() == "docgen") {
				return filepath.SkipDir
			}
			if filepath.Base(file) == "rules.tsv" {
				return tabled(file, out)
			}
			if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
				return nil
			}
			set := token.NewFileSet()
			parsed, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(parsed, func(n ast.Node) bool {
				if _, ok := n.(*ast.ImportSpec); ok {
					return false
				}
				if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					text, err := strconv.Unquote(lit.Value)
					if err == nil && shape.MatchString(text) && !notIDs.MatchString(text) {
						out[text] = set.Position(lit.Pos()).String()
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}
