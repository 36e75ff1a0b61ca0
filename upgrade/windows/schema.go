package windows

import (
	"reflect"

	"treadmill/internal/yamlx"
	"treadmill/upgrade"
)

// Schema is the JSON Schema of a document of support dates: its fields and the form of their values. What only the whole of it says
// (sources that exist, ends after begins) it does not know.
func Schema() map[string]any {
	s := yamlx.Schema(reflect.TypeFor[document](), TextSchema, func(reflect.Type, string) string { return "" })
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = "Treadmill support dates of one provider"
	s["properties"].(map[string]any)["version"] = map[string]any{"const": 1, "description": "of this format"}
	return s
}

// TextSchema is the form of the values of such documents that read their own text, and of those that they share with others.
func TextSchema(t reflect.Type) map[string]any {
	scalar := func(pattern string) map[string]any {
		return map[string]any{"type": []any{"string", "number"}, "pattern": pattern}
	}
	switch t {
	case reflect.TypeFor[upgrade.Minor]():
		return scalar(`^v?1\.\d{1,3}(\.\d+)?([-+][0-9A-Za-z.+-]+)?$`)
	case reflect.TypeFor[Day]():
		return scalar(`^(2[01]\d\d-\d\d-\d\d)?$`)
	case reflect.TypeFor[decimal]():
		return scalar(`^\d{1,9}(\.\d{1,9})?$`)
	case reflect.TypeFor[currency]():
		return scalar(`^[A-Z]{3}$`)
	case reflect.TypeFor[Status]():
		return map[string]any{"enum": words(statusNames[:])}
	default:
		return map[string]any{"type": []any{"string", "number"}}
	}
}

func words(names []string) []any {
	var out []any
	for _, n := range names {
		out = append(out, n)
	}
	return out
}
