package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"

	"treadmill/upgrade/addons"
	"treadmill/upgrade/windows"
)

func writeSchemas(dir string) error {
	for name, schema := range map[string]map[string]any{"windows.json": windows.Schema(), "addons.json": addons.Schema()} {
		var text bytes.Buffer
		e := json.NewEncoder(&text)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		if err := e.Encode(schema); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), text.Bytes(), 0o644); err != nil { // a published document
			return err
		}
	}
	return nil
}
