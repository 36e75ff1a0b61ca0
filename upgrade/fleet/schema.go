package fleet

import (
	"reflect"

	"treadmill/internal/yamlx"
	"treadmill/upgrade"
	"treadmill/upgrade/calendar"
)

//go:generate go run ./gen -out ../../docs/schema/fleet.json

// Schema is the JSON Schema of a fleet file: its fields and the form of their values. What only the whole file says (names that exist,
// orders without circles, versions that are sold) it does not know. Describe gives what a field of a type means.
func Schema(describe func(typeName, field string) string) map[string]any {
	s := yamlx.Schema(reflect.TypeFor[document](), textSchema, func(t reflect.Type, field string) string { return describe(t.Name(), field) })
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = "Treadmill fleet file"
	s["properties"].(map[string]any)["version"] = map[string]any{"const": Version, "description": "of this format"}
	return s
}

// textSchema is the form of values that read their own text.
func textSchema(t reflect.Type) map[string]any {
	scalar := func(pattern string, types ...any) map[string]any {
		return map[string]any{"type": append(types, "string"), "pattern": pattern}
	}
	const version = `v?1\.\d{1,3}(\.\d+)?([-+][0-9A-Za-z.+-]+)?`
	switch t {
	case reflect.TypeFor[upgrade.Minor]():
		return scalar("^"+version+"$", "number")
	case reflect.TypeFor[Target]():
		return scalar(`^(latest(-[0-9])?|supported|`+version+`)$`, "number")
	case reflect.TypeFor[Duration]():
		return map[string]any{"anyOf": []any{scalar(`^(0|\d{1,9}[mhdw])$`), map[string]any{"const": 0}}}
	case reflect.TypeFor[Money]():
		return map[string]any{
			"anyOf": []any{scalar(`^\d{1,9}(\.\d{1,6})?$`), map[string]any{"type": "number", "minimum": 0, "exclusiveMaximum": 1_000_000_000}},
		}
	case reflect.TypeFor[upgrade.Share]():
		return map[string]any{
			"anyOf": []any{scalar(`^(100|\d{1,2}(\.\d+)?)%$|^(0(\.\d+)?|1)$`), map[string]any{"type": "number", "minimum": 0, "maximum": 1}},
		}
	case reflect.TypeFor[Unknown]():
		return map[string]any{"enum": []any{"warn", "block", "assume"}}
	case reflect.TypeFor[calendar.Clock]():
		return scalar(`^([01]\d|2[0-3]):[0-5]\d$|^24:00$`)
	case reflect.TypeFor[calendar.Weekday]():
		return scalar(`^([Mm]on|[Tt]ue(s)?|[Ww]ed(nes)?|[Tt]hu(rs)?|[Ff]ri|[Ss]at(ur)?|[Ss]un)(day)?$`)
	case reflect.TypeFor[calendar.Moment]():
		return scalar(`^(199\d|20\d\d|21\d\d)-\d\d-\d\d(T.+)?$`)
	default:
		return map[string]any{"type": []any{"string", "number"}}
	}
}
