package main

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"treadmill/internal/gomodule"
)

// site is one place that makes a warning, or a table's entry that does: the texts in it, which tell it from others.
type site struct{ file, function, text string }

func compare(a, b site) int {
	return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.function, b.function), cmp.Compare(a.text, b.text))
}

// about reports whether the name of a function or a variable has to do with warnings about objects.
func about(name string) bool {
	return strings.Contains(strings.ToLower(name), "warn") || strings.HasPrefix(name, "deprecated")
}

// read finds the sites of a release of k8s.io/kubernetes, with the strings in them, by which they are known in other releases.
func read(m gomodule.Module) (map[site]string, error) {
	found := map[site]string{}
	for _, dir := range []string{"pkg/api", "pkg/registry", "pkg/apis"} {
		err := filepath.WalkDir(filepath.Join(m.Dir, filepath.FromSlash(dir)), func(path string, d fs.DirEntry, err error) error {
			name := filepath.Base(path)
			if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "zz_") {
				return err
			}
			below, err := filepath.Rel(m.Dir, path)
			if err != nil {
				return err
			}
			return readFile(path, filepath.ToSlash(below), found)
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

func readFile(path, name string, found map[site]string) error {
	src, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(src), "arning") && !strings.Contains(string(src), "deprecatedNodeLabels") {
		return err
	}
	f, err := parser.ParseFile(token.NewFileSet(), path, src, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			tables(name, d, found)
		case *ast.FuncDecl:
			function(name, d, found)
		}
	}
	return nil
}

// tables takes the entries of tables of what is deprecated.
func tables(file string, d *ast.GenDecl, found map[site]string) {
	for _, s := range d.Specs {
		v, ok := s.(*ast.ValueSpec)
		if !ok || len(v.Values) != 1 || !about(v.Names[0].Name) {
			continue
		}
		if c, ok := v.Values[0].(*ast.CompositeLit); ok {
			for _, e := range c.Elts {
				found[site{file, v.Names[0].Name, texts(e)}] = literals(e)
			}
		}
	}
}

// function takes what a function appends to its warnings, returns as such, or tells the client at once. Warnings about an
// update or a status are not about a manifest that is applied to an empty cluster, but functions that they call may be.
func function(file string, d *ast.FuncDecl, found map[site]string) {
	if d.Body == nil {
		return
	}
	warns := about(d.Name.Name)
	name := d.Name.Name
	if d.Recv != nil {
		if star, ok := d.Recv.List[0].Type.(*ast.StarExpr); ok {
			name = texts(star.X) + "." + name
		} else {
			name = texts(d.Recv.List[0].Type) + "." + name
		}
	}
	ast.Inspect(d.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			called := texts(n.Fun)
			switch {
			case called == "append" && warns && len(n.Args) > 1 && strings.Contains(texts(n.Args[0]), "arning"):
				for _, a := range n.Args[1:] {
					found[site{file, name, texts(a)}] = literals(a)
				}
			case strings.HasSuffix(called, "AddWarning"):
				found[site{file, name, texts(n)}] = literals(n)
			}
		case *ast.ReturnStmt:
			if !warns || len(n.Results) != 1 {
				break
			}
			switch text := texts(n.Results[0]); text {
			case "nil", "true", "warnings":
			default:
				found[site{file, name, "return " + text}] = literals(n.Results[0])
			}
		}
		return true
	})
}

// texts joins the names and the strings in an expression, in their order: what a person would tell it by.
func texts(n ast.Node) string { return join(n, true) }

// literals joins the strings in an expression, or its names if it has none.
func literals(n ast.Node) string {
	if s := join(n, false); s != "" {
		return s
	}
	return join(n, true)
}

func join(n ast.Node, names bool) string {
	var out []string
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if names {
				out = append(out, n.Name)
			}
		case *ast.BasicLit:
			if s, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING {
				out = append(out, strings.Join(strings.Fields(s), " "))
			}
		}
		return true
	})
	return strings.Join(out, " ")
}
