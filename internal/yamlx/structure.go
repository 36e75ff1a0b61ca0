package yamlx

import (
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

type field struct {
	name     string
	required bool
	value    reflect.Value
}

func (d *decoder) structure(n *yaml.Node, v reflect.Value, path string) {
	fields := fieldsOf(v, d.file, n)
	seen := map[string]bool{}
	for key, value := range d.pairs(n) {
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == key.Value })
		if i < 0 {
			d.unknown(key, fields, path)
			continue
		}
		seen[key.Value] = !isNull(value)
		d.value(value, fields[i].value, join(path, key.Value))
	}
	for _, f := range fields {
		if f.required && !seen[f.name] {
			d.fail(n, "input/required", "%s: %q is missing%s", name(path), f.name, f.first(path))
		}
	}
}

// first is what to write where a document does not say the version of its format: all formats are in their first.
func (f field) first(path string) string {
	switch f.value.Interface().(type) {
	case int, At[int]:
		if path == "" && f.name == "version" {
			return `; begin with the line "version: 1"`
		}
	}
	return ""
}

func fieldsOf(v reflect.Value, file string, n *yaml.Node) []field {
	var out []field
	for i := range v.NumField() {
		t := v.Type().Field(i)
		tag, tagged := t.Tag.Lookup("yaml")
		tagName, options, _ := strings.Cut(tag, ",")
		switch {
		case !tagged && t.Name == "Pos" && t.Type == posType:
			v.Field(i).Set(reflect.ValueOf(Position(file, n)))
		case options == "inline":
			out = append(out, fieldsOf(v.Field(i), file, n)...)
		case tagged && tagName != "-" && tagName != "":
			out = append(out, field{tagName, options == "required" || options == "short", v.Field(i)})
		}
	}
	return out
}

func (d *decoder) unknown(key *yaml.Node, fields []field, path string) {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	d.fail(key, "input/unknown-field", "%s: there is no field %q; %s", name(path), key.Value,
		DidYouMean(key.Value, names, "want one of "+strings.Join(names, ", ")))
}

// short is the field of a struct that a single value stands for.
func short(t reflect.Type) (index int, ok bool) {
	for i := range t.NumField() {
		if _, options, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ","); options == "short" {
			return i, true
		}
	}
	return 0, false
}
