package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"treadmill/cmd/internal/cli"
	"treadmill/internal/diag"
	"treadmill/slo/policy"
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
		files  string // good ones
		read   func(data []byte) []diag.Finding
		good   string // the file that is changed
		change []string
	}{
		{"windows", "upgrade/windows/data/*.yaml", func(data []byte) []diag.Finding {
			_,
				fs := windows.Read("x.yaml", data)
			return fs
		}, "eks.yaml",
			[]string{"provider: eks|providr: eks", "status: actual|status: sure", "date: 2021-05-18|date: soon",
				"perClusterHour: 0.50|perClusterHour: cheap", "nodeSkew: 3|nodeSkew: three", "minor: 1.20, |", "currency: USD|currency: dollars"}},
		{"addons", "upgrade/addons/data/*.yaml", func(data []byte) []diag.Finding {
			_,
				fs := addons.Read("x.yaml", data)
			return fs
		}, "calico.yaml",
			[]string{"addon: |addn: ", "semantics: tested|semantics: sure", "confidence: high|confidence: total",
				"kubernetes: \"1.29|kubernetes: \"x.29", "version: 1\n|version: 2\n"}},
		{"budget-policy", "testdata/example/budget-policy.yaml", func(data []byte) []diag.Finding {
			_,
				fs := policy.Read("x.yaml", data)
			return fs
		}, "budget-policy.yaml",
			[]string{"bands:|bandes:", "below: 0%|below: none", "period: 28d|period: month", "[releases, upgrades]|[deploys]",
				"until: 2026-11-25|until: soon", "spends: 20%|spends: much", "reason: security|why: security"}},
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
		files, _ := filepath.Glob("../../" + c.files)
		if len(files) == 0 {
			t.Fatalf("there are no files of %s", c.schema)
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

// What is published of the outputs is what the types say, of every command that does work.
func TestShapesArePublished(t *testing.T) {
	tree, a := cli.Tree(nowhere())
	pages := shapePages(tree, a, filepath.Join("..", ".."))
	for _, c := range commands(tree) {
		name := strings.ReplaceAll(strings.TrimPrefix(c.CommandPath(), "treadmill "), " ", "-") + ".json"
		if c.HasAvailableSubCommands() || c.Name() == "help" {
			continue
		}
		if pages[name] == "" {
			t.Errorf("%s has no schema: say with App.Returns what it writes", c.CommandPath())
		}
	}
	published, err := filepath.Glob("../../docs/schema/out/*.json")
	if err != nil || len(published) != len(pages) {
		t.Errorf("%d schemas are published, want %d: run make generate (%v)", len(published), len(pages), err)
	}
	for name, text := range pages {
		if got, err := os.ReadFile(filepath.Join("..", "..", "docs", "schema", "out", name)); err != nil || string(got) != text {
			t.Errorf("docs/schema/out/%s is not what the types say: run make generate (%v)", name, err)
		}
	}
}

// Each kind of type has the schema of what encoding/json writes of it.
func TestShapeOfTypes(t *testing.T) {
	type part struct {
		Name string `json:"name"` // as people call it
	}
	type sample struct {
		part
		At    time.Time         `json:"at"`
		Share float64           `json:"share,omitempty"`
		None  *part             `json:"none"`
		Left  *part             `json:"left,omitempty"`
		Words map[string][]bool `json:"words"`
		Gone  int               `json:"-"`
		Level diag.Severity     `json:"level"`
	}
	s := shaper{
		comments: comments{root: "../..", read: map[string]map[string]string{}},
		defs:     map[string]any{},
		named:    map[string]reflect.Type{},
	}
	text := schemaText(s.document("a sample", []any{sample{}}))
	compiler := jsonschema.NewCompiler()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err == nil {
		err = compiler.AddResource("sample.json", doc)
	}
	if err != nil {
		t.Fatal(err)
	}
	schema := compiler.MustCompile("sample.json")
	good := `{"name":"x","at":"2026-11-23T00:00:00Z","none":null,"words":{"a":[true]},"level":"info"}`
	for change, valid := range map[string]bool{
		"|": true, `"none":null|"none":{"name":"y"}`: true, `"level":"info"|"level":"info","left":{"name":"y"}`: true, `"level":"info"|"level":"info","share":0.5`: true,
		`"name":"x"|"name":1`: false, `"name":"x",|`: false, `"words":{"a":[true]}|"words":null`: false, `"level":"info"|"level":"loud"`: false,
		`[true]|[1]`: false, `"level":"info"|"level":"info","left":null`: false, `"at":"2026-11-23T00:00:00Z",|`: false,
	} {
		from, to, _ := strings.Cut(change, "|")
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.Replace(good, from, to, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); (err == nil) != valid {
			t.Errorf("%s: %v, want valid %v", change, err, valid)
		}
	}
}
