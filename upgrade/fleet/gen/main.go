// Command gen writes docs/schema/fleet.json, the JSON Schema of the fleet file, from the Go types that read it and the comments on
// their fields.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"

	"treadmill/upgrade/fleet"
)

func main() {
	out := flag.String("out", "fleet.json", "file to write")
	flag.Parse()
	if err := run(*out); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(out string) error {
	comments, err := read([]string{"fleet.go", "freeze.go", "expand.go", "scope.go", "read.go"})
	if err != nil {
		return err
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(fleet.Schema(func(typeName, field string) string { return comments[typeName+"."+field] })); err != nil {
		return err
	}
	return os.WriteFile(out, text.Bytes(), 0o644) // a published document
}

// read collects the comments on fields by type and field.
func read(files []string) (map[string]string, error) {
	out := map[string]string{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if t, ok := n.(*ast.TypeSpec); ok {
				if s, ok := t.Type.(*ast.StructType); ok {
					for _, f := range s.Fields.List {
						for _, field := range f.Names {
							out[t.Name.Name+"."+field.Name] = strings.TrimSpace(f.Comment.Text())
						}
					}
				}
			}
			return true
		})
	}
	return out, nil
}
