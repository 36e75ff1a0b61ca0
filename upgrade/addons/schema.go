package addons

import (
	"reflect"

	"treadmill/internal/yamlx"
	"treadmill/upgrade/windows"
)

// Schema is the JSON Schema of a document of one add-on: its fields and the form of their values. What only the whole of it says (sources
// that exist, releases in order) it does not know.
func Schema() map[string]any {
	s := yamlx.Schema(reflect.TypeFor[document](), textSchema, func(reflect.Type, string) string { return "" })
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = "Treadmill releases of one add-on"
	s["properties"].(map[string]any)["version"] = map[string]any{"const": 1, "description": "of this format"}
	return s
}

func textSchema(t reflect.Type) map[string]any {
	switch t {
	case reflect.TypeFor[Range]():
		const minor = `1\.\d{1,3}`
		return map[string]any{"type": []any{"string", "number"}, "pattern": `^(` + minor + `(\+|-` + minor + `)?|-` + minor + `)$`}
	case reflect.TypeFor[Semantics]():
		return map[string]any{"enum": names(semanticsNames[:])}
	case reflect.TypeFor[Confidence]():
		return map[string]any{"enum": names(confidenceNames[:])}
	default:
		return windows.TextSchema(t)
	}
}

func names(words []string) []any {
	var out []any
	for _, w := range words {
		out = append(out, w)
	}
	return out
}
