package policy

import (
	"reflect"

	"treadmill/internal/yamlx"
	"treadmill/slo"
)

// Schema is the JSON Schema of a policy: its fields and the form of their values. What only the whole of it says (bands apart, ends after
// begins) it does not know.
func Schema() map[string]any {
	s := yamlx.Schema(reflect.TypeFor[file](), textSchema, func(reflect.Type, string) string { return "" })
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = "Treadmill error-budget policy"
	s["properties"].(map[string]any)["version"] = map[string]any{"const": 1, "description": "of this format"}
	return s
}

func textSchema(t reflect.Type) map[string]any {
	scalar := func(pattern string) map[string]any {
		return map[string]any{"type": []any{"string", "number"}, "pattern": pattern}
	}
	switch t {
	case reflect.TypeFor[share]():
		return scalar(`^-?\d{1,9}(\.\d{1,9})?%?$`)
	case reflect.TypeFor[Action]():
		return map[string]any{"enum": []any{string(Upgrades), string(Releases)}}
	case reflect.TypeFor[moment]():
		return scalar(`^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[-+]\d\d:\d\d))?$`)
	case reflect.TypeFor[slo.Window]():
		return scalar(`^(\d+(w|d|h|m))+$`)
	default:
		return map[string]any{"type": "string"}
	}
}
