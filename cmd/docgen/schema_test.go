package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/windows"
)

// jsonOf is YAML as JSON has it: days stay text.
func jsonOf(v any) any {
	switch v := v.(type) {
	case time.Time:
		return v.Format(time.DateOnly)
	case map[string]any:
		for k := range v {
			v[k] = jsonOf(v[k])
		}
	case map[any]any:
		out := map[string]any{}
		for k, x := range v {
			out[fmt.Sprint(k)] = jsonOf(x)
		}
		return out
	case []any:
		for i := range v {
			v[i] = jsonOf(v[i])
		}
	}
	return v
}

// What is published takes all that is embedded, and agrees with the reader about what else it takes.
func TestSchemasAgreeWithTheReaders(t *testing.T) {
	dir := t.TempDir()
	if err := writeSchemas(dir); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		schema string
		read   func(data []byte) []diag.Finding
		good   string // the file that is changed
		change []string
	}{
		{"windows", func(data []byte) []diag.Finding { _, fs := windows.Read("x.yaml", data); return fs }, "eks.yaml",
			[]string{"provider: eks|providr: eks", "status: actual|status: sure", "date: 2021-05-18|date: soon", "perClusterHour: 0.50|perClusterHour: cheap", "nodeSkew: 3|nodeSkew: three", "minor: 1.20, |", "currency: USD|currency: dollars"}},
		{"addons", func(data []byte) []diag.Finding { _, fs := addons.Read("x.yaml", data); return fs }, "calico.yaml",
			[]string{"addon: |addn: ", "semantics: tested|semantics: sure", "confidence: high|confidence: total", "kubernetes: \"1.29|kubernetes: \"x.29", "version: 1\n|version: 2\n"}},
	} {
		compiler := jsonschema.NewCompiler()
		name := c.schema + ".json"
		made, _ := os.ReadFile(filepath.Join(dir, name))
		if published, err := os.ReadFile("../../docs/schema/" + name); err != nil || !bytes.Equal(made, published) {
			t.Errorf("docs/schema/%s is not what docgen writes: %v", name, err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(made))
		if err != nil {
			t.Fatal(err)
		}
		if err := compiler.AddResource(name, doc); err != nil {
			t.Fatal(err)
		}
		schema := compiler.MustCompile(name)
		valid := func(text string) error {
			var v any
			if err := yaml.Unmarshal([]byte(text), &v); err != nil {
				t.Fatal(err)
			}
			return schema.Validate(jsonOf(v))
		}
		files, _ := filepath.Glob("../../upgrade/" + c.schema + "/data/*.yaml")
		if len(files) < 5 {
			t.Fatalf("only %d files of %s", len(files), c.schema)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err == nil {
				err = valid(string(text))
			}
			if err != nil {
				t.Errorf("%s: %v", file, err)
			}
			if filepath.Base(file) != c.good {
				continue
			}
			for _, change := range c.change {
				from, to, _ := strings.Cut(change, "|")
				bad := strings.Replace(string(text), from, to, 1)
				if bad == string(text) || valid(bad) == nil || !diag.Any(c.read([]byte(bad)), diag.Error) {
					t.Errorf("%s with %q: changed %v, schema %v, reader %v", c.good, change, bad != string(text), valid(bad), c.read([]byte(bad)))
				}
			}
		}
	}
}
