package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/slo/policy"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/windows"
)

func writeSchemas(dir string) error {
	for name, schema := range map[string]map[string]any{"windows.json": windows.Schema(), "addons.json": addons.Schema(),
		"budget-policy.json": policy.Schema()} {
		if err := os.WriteFile(filepath.Join(dir, name), schemaText(schema), 0o644); err != nil { // a published document
			return err
		}
	}
	return nil
}

// shapePages makes the schema of the output of each command. root is the folder of the module, whose comments describe fields.
func shapePages(tree *cobra.Command, a *app.App, root string) map[string]string {
	pages := map[string]string{}
	known := comments{root: root, read: map[string]map[string]string{}}
	for _, c := range commands(tree) {
		if shapes := a.Shapes(c); len(shapes) > 0 {
			s := shaper{comments: known, defs: map[string]any{}, named: map[string]reflect.Type{}}
			name := strings.ReplaceAll(strings.TrimPrefix(c.CommandPath(), "treadmill "), " ", "-")
			pages[name+".json"] = string(schemaText(s.document(c.CommandPath()+" -o json", shapes)))
		}
	}
	return pages
}

func schemaText(schema map[string]any) []byte {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(schema); err != nil {
		panic(err) // a schema is of maps, lists and words
	}
	return text.Bytes()
}
