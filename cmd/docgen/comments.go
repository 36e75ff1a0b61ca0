package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
)

// comments are what the source says of the fields of structs, read package by package.
type comments struct {
	root string                       // of the module
	read map[string]map[string]string // package → Type.Field → comment
}

// field is the comment on a field of a struct of this module; "" where there is none.
func (c comments) field(t reflect.Type, name string) string {
	_, inner, ours := strings.Cut(t.PkgPath(), "/")
	if !ours || strings.Contains(t.PkgPath(), ".") {
		return ""
	}
	if c.read[inner] == nil {
		c.read[inner] = fieldComments(filepath.Join(c.root, filepath.FromSlash(inner)))
	}
	return c.read[inner][t.Name()+"."+name]
}

// fieldComments collects the comments on fields in a folder.
func fieldComments(dir string) map[string]string {
	out := map[string]string{}
	files, _ := filepath.Glob(filepath.Join(dir, "*.go")) // it fails for a bad pattern only
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil || strings.HasSuffix(name, "_test.go") {
			continue // what does not parse does not compile
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if t, ok := n.(*ast.TypeSpec); ok {
				if s, ok := t.Type.(*ast.StructType); ok {
					addComments(out, t.Name.Name, s)
				}
			}
			return true
		})
	}
	return out
}

func addComments(into map[string]string, typeName string, s *ast.StructType) {
	for _, f := range s.Fields.List {
		text := strings.TrimSpace(f.Comment.Text())
		if text == "" {
			text = strings.TrimSpace(f.Doc.Text())
		}
		for _, name := range f.Names {
			into[typeName+"."+name.Name] = strings.Join(strings.Fields(text), " ")
		}
	}
}
