package fleet_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"treadmill/internal/diag"
	"treadmill/upgrade/fleet"
)

func publishedSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile("../../docs/schema/fleet.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("fleet.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("fleet.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// plain is YAML as JSON has it: days stay text.
func plain(n *yaml.Node) any {
	switch {
	case n.Kind == yaml.DocumentNode:
		return plain(n.Content[0])
	case n.Kind == yaml.AliasNode:
		return plain(n.Alias)
	case n.Kind == yaml.MappingNode:
		out := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			out[n.Content[i].Value] = plain(n.Content[i+1])
		}
		return out
	case n.Kind == yaml.SequenceNode:
		out := []any{}
		for _, c := range n.Content {
			out = append(out, plain(c))
		}
		return out
	case n.ShortTag() == "!!timestamp":
		return n.Value
	}
	var v any
	_ = n.Decode(&v) // scalars decode
	return v
}

// accepts says what the schema and the decoder make of a fleet; the decoder only by what it finds in single values.
func accepts(t fataler, s *jsonschema.Schema, text string) (decoder string, schema error) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	_, findings := fleet.Read("fleet.yaml", []byte(text), none)
	for _, f := range findings {
		if f.Severity == diag.Error && (strings.HasPrefix(f.ID, "input/") && f.ID != diag.Unread || f.ID == "fleet/version") {
			decoder += f.String() + "\n"
		}
	}
	return decoder, s.Validate(plain(&doc))
}

type fataler interface {
	Fatalf(format string, args ...any)
}

func TestTheSchemaAndTheDecoderAgree(t *testing.T) {
	s := publishedSchema(t)
	for _, name := range []string{"fleet.yaml", "stores.yaml", "frozen.yaml"} {
		text, err := os.ReadFile("../../testdata/example/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if decoder, schema := accepts(t, s, string(text)); schema != nil || decoder != "" {
			t.Errorf("%s: schema %v, decoder %s", name, schema, decoder)
		}
	}
	values := map[string][]string{
		"target": {
			"latest",
			"latest-1",
			"latest-10",
			"supported",
			"1.36",
			`"1.36"`,
			"newest",
			"[]",
		}, "margin": {"30d", "0", "30", "2w", "soon", "{}", "1y"},
		"environments": {
			"[dev, prod]",
			"dev",
			"[[a]]",
			"[1]",
		}, "soak": {"{prod: 3d}", "{prod: x}", "[]"}, "capacity": {"{perTeamPerWeek: 3}", "{perTeamPerWeek: many}", "{perTeam: 3}",
			"{perTeamPerWeek: 1.5}"},
		"freezes": {
			"[{from: 2026-12-15, to: 2027-01-06}]",
			"[{from: today, to: 2027-01-06}]",
			"[{rrule: \"FREQ=DAILY\", duration: 5d, clusters: {team: x, labels: {a: b}}}]",
			"[{name: x, when: y}]",
			"{}",
		},
		"windows": {
			"[{days: [Tue, friday], from: \"09:00\", to: \"24:00\", timezone: UTC}]",
			"[{from: \"9:00\", to: \"10:00\", timezone: UTC}]",
			"[{from: \"09:00\"}]",
			"[{days: [Someday], from: \"09:00\", to: \"10:00\"}]",
		},
		"costs": {
			"{campaign: 1500, hop: 0.5, currency: USD}",
			"{hop: -3}",
			"{hop: cheap}",
			"{hop: \"12.50\"}",
			"{hop: 99999999999}",
		}, "extendedSupport": {"{allowed: true, perClusterHour: 0.50}", "{allowed: maybe}", "{allowed: \"true\"}"},
		"budget": {"{reserve: 10%, keep: 0.25}", "{reserve: 101%}", "{keep: some}", "{keep: 2}"}, "colour": {"red"},
	}
	clusters := []string{
		"{name: a, provider: eks, version: 1.35}",
		"{provider: eks, version: 1.35}",
		"{name: a, provider: eks, version: x}",
		"{name: \"a{n}\", count: 2, provider: eks, version: v1.35.1}",
		"{name: a, provider: eks, version: 1.35, nodes: [{name: n}]}",
		"{name: a, provider: eks, version: 1.35, nodes: [{name: n, version: 1.34}], addons: [{name: x, version: 1.2}], labels: {a: 1}, slos: [x], team: null}",
		"{name: a, provider: eks, version: 1.35, count: some}",
		"[]",
		"{name: a, provider: eks, version: 1.35, enviroment: x}",
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom([]string{"version: 1\n", "version: 1\n", "version: 1\n", "version: 2\n", ""}).Draw(t, "version")
		if keys := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"target", "margin", "environments", "soak", "capacity", "freezes",
			"windows", "costs", "extendedSupport", "budget", "colour"}), 0, 2, rapid.ID).Draw(t, "keys"); len(keys) > 0 {
			text += "policy:\n"
			for _, k := range keys {
				text += "  " + k + ": " + rapid.SampledFrom(values[k]).Draw(t, k) + "\n"
			}
		}
		text += "clusters: [" + strings.Join(rapid.SliceOfN(rapid.SampledFrom(clusters), 0, 2).Draw(t, "clusters"), ", ") + "]\n"
		decoder, schema := accepts(t, s, text)
		if (schema != nil) != (decoder != "") {
			t.Fatalf("%s\nschema: %v\ndecoder: %s", text, schema, decoder)
		}
	})
}
