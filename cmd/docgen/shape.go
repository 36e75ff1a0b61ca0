package main

import (
	"encoding"
	"encoding/json"
	"fmt"
	"path"
	"reflect"
	"strings"
	"time"

	"treadmill/internal/diag"
)

// shaper makes JSON Schemas of what encoding/json writes of Go types. Named structs become definitions, so that they may hold each other.
type shaper struct {
	comments comments
	defs     map[string]any
	named    map[string]reflect.Type // of the definitions
}

// document is the schema of a command's output, which is of one of the types.
func (s *shaper) document(title string, shapes []any) map[string]any {
	var forms []any
	for _, shape := range shapes {
		forms = append(forms, s.schema(reflect.TypeOf(shape)))
	}
	out := map[string]any{"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, "$defs": s.defs}
	if len(forms) == 1 {
		out["$ref"] = forms[0].(map[string]any)["$ref"]
	} else {
		out["anyOf"] = forms
	}
	return out
}

// schema is what is written of one type.
func (s *shaper) schema(t reflect.Type) map[string]any {
	switch {
	case t.Kind() == reflect.Pointer:
		return map[string]any{"anyOf": []any{s.schema(t.Elem()), map[string]any{"type": "null"}}}
	case t == reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	case t == reflect.TypeFor[diag.Severity]():
		return map[string]any{"enum": []any{"info", "warning", "error"}}
	case t == reflect.TypeFor[json.Number](), t.Implements(reflect.TypeFor[json.Marshaler]()): // ours write exact numbers
		return map[string]any{"type": "number"}
	case t.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		return map[string]any{"type": "string"}
	}
	switch t.Kind() {
	case reflect.Struct:
		return s.object(t)
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": s.schema(t.Elem())}
	case reflect.Slice, reflect.Array:
		return map[string]any{"type": "array", "items": s.schema(t.Elem())}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Float32, reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Interface:
		return map[string]any{}
	default:
		return map[string]any{"type": "integer"}
	}
}

// object is the schema of a struct: a reference to its definition, where it has a name.
func (s *shaper) object(t reflect.Type) map[string]any {
	name := path.Base(t.PkgPath()) + "." + t.Name()
	ref := map[string]any{"$ref": "#/$defs/" + name}
	if first, known := s.named[name]; known && t.Name() != "" {
		if first != t {
			panic(fmt.Sprintf("%v and %v have one name: %s", first, t, name)) // a test makes all schemas
		}
		return ref
	}
	object := map[string]any{"type": "object"}
	if t.Name() != "" {
		s.defs[name], s.named[name] = object, t
	}
	properties, required := map[string]any{}, []any{}
	s.fields(t, properties, &required)
	object["properties"] = properties
	if len(required) > 0 {
		object["required"] = required
	}
	if t.Name() == "" {
		return object
	}
	return ref
}

// fields adds the fields of a struct, and those of embedded ones, as encoding/json does.
func (s *shaper) fields(t reflect.Type, into map[string]any, required *[]any) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-", !f.IsExported() && !f.Anonymous:
			continue
		case f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct:
			s.fields(f.Type, into, required)
			continue
		case name == "":
			name = f.Name
		}
		optional, kind := strings.Contains(options, "omit"), f.Type
		if optional && kind.Kind() == reflect.Pointer { // it is left out where it would be null
			kind = kind.Elem()
		}
		schema := s.schema(kind)
		if name == "version" && kind.Kind() == reflect.Int {
			schema = map[string]any{"const": 1}
		}
		if d := s.comments.field(t, f.Name); d != "" {
			schema["description"] = d
		}
		if into[name] = schema; !optional {
			*required = append(*required, name)
		}
	}
}
