package yamlx

import (
	"reflect"
	"strings"
)

// Schema is the JSON Schema (2020-12) of what Decode takes for a type, as far as its types say: fields, which must be there, and kinds.
// Text gives the schema of types that read their own text, and describe what a field of a struct means; "" for none.
func Schema(t reflect.Type, text func(reflect.Type) map[string]any, describe func(t reflect.Type, field string) string) map[string]any {
	switch {
	case isAt(t):
		v, _ := t.FieldByName("V")
		return Schema(v.Type, text, describe)
	case t.Kind() == reflect.Pointer:
		return Schema(t.Elem(), text, describe)
	case reflect.PointerTo(t).Implements(textType):
		return text(t)
	}
	switch t.Kind() {
	case reflect.Struct:
		s := map[string]any{"type": "object", "additionalProperties": false}
		properties, required := map[string]any{}, []any{}
		addFields(t, text, describe, properties, &required)
		s["properties"] = properties
		if len(required) > 0 {
			s["required"] = required
		}
		if i, ok := short(t); ok {
			return map[string]any{"anyOf": []any{Schema(t.Field(i).Type, text, describe), s}}
		}
		return s
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": Schema(t.Elem(), text, describe)}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": Schema(t.Elem(), text, describe)}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int:
		return map[string]any{"type": "integer"}
	case reflect.Float64:
		return map[string]any{"type": "number"}
	default: // text takes any scalar as it was written
		return map[string]any{"type": []any{"string", "number", "boolean"}}
	}
}

// addFields adds the fields of a struct, those of embedded ones too. A field that need not be there may be empty.
func addFields(t reflect.Type, text func(reflect.Type) map[string]any, describe func(reflect.Type, string) string,
	into map[string]any, required *[]any) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if options == "inline" {
			addFields(f.Type, text, describe, into, required)
			continue
		}
		if name == "" || name == "-" {
			continue
		}
		s := Schema(f.Type, text, describe)
		if options == "required" || options == "short" {
			*required = append(*required, name)
		} else {
			s = map[string]any{"anyOf": []any{s, map[string]any{"type": "null"}}}
		}
		if d := describe(t, f.Name); d != "" {
			s["description"] = d
		}
		into[name] = s
	}
}
