package yamlx

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
)

// At is a value with the place where it was written, and the text of a scalar there. A value that was left out has neither.
type At[T any] struct {
	V    T
	Pos  diag.Position
	Text string
}

// Set reports whether the value was written.
func (a At[T]) Set() bool { return a.Pos.Line > 0 }

// maxAliased bounds how many values one document may repeat through aliases, and maxDepth how deep values may nest:
// an alias may even stand inside its own anchor.
const (
	maxAliased = 100_000
	maxDepth   = 200
)

// Decode fills the value that into points to from a document and returns every problem it finds, in the order of the file.
//
// Struct fields take their names from `yaml:"name"` tags; fields without one are left alone, and an untagged field
// Pos of type diag.Position receives the place of the struct. A tag `yaml:"name,required"` makes a missing field a
// finding, and `yaml:",inline"` lifts the fields of an embedded struct. A single value instead of a struct is its field with the tag
// `yaml:"name,short"`. At[T] keeps the place of a single field. Types
// with UnmarshalText receive the text of the scalar as it was written, so numbers stay exact; a *yaml.Node field receives the node.
// Fields that the type does not have are findings.
func Decode(doc Document, into any) []diag.Finding {
	d := &decoder{file: doc.File, source: doc.Source}
	d.value(doc.Root, reflect.ValueOf(into).Elem(), "")
	return d.findings
}

type decoder struct {
	file     string
	source   *Source
	aliases  int // how many aliases the walk stands in
	aliased  int // how many values were reached through aliases
	depth    int
	stopped  bool
	findings []diag.Finding
}

// Position is the place of a node in a file.
func Position(file string, n *yaml.Node) diag.Position {
	return diag.Position{File: file, Line: n.Line, Column: n.Column}
}

func (d *decoder) fail(n *yaml.Node, id, format string, args ...any) {
	d.findings = append(d.findings, diag.Finding{ID: id, Severity: diag.Error,
		Position: d.source.Node(d.file, n), Message: fmt.Sprintf(format, args...)})
}

var (
	textType = reflect.TypeFor[encoding.TextUnmarshaler]()
	posType  = reflect.TypeFor[diag.Position]()
	nodeType = reflect.TypeFor[*yaml.Node]()
)

func (d *decoder) value(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind == yaml.AliasNode {
		d.aliases++
		defer func() { d.aliases-- }()
		n = n.Alias
	}
	d.depth++
	defer func() { d.depth-- }()
	if d.exhausted(n) {
		return
	}
	switch {
	case v.Type() == nodeType:
		v.Set(reflect.ValueOf(n))
	case isAt(v.Type()):
		d.value(n, v.FieldByName("V"), path)
		v.FieldByName("Text").SetString(n.Value)
		v.FieldByName("Pos").Set(reflect.ValueOf(d.source.Node(d.file, n)))
	case isNull(n):
		return // "field:" with nothing after it says no more than leaving it out
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(n, v.Elem(), path)
	case v.CanAddr() && v.Addr().Type().Implements(textType):
		d.text(n, v, path)
	default:
		d.kind(n, v, path)
	}
}

// exhausted reports whether a document wants more than its bounds, and says so once.
func (d *decoder) exhausted(n *yaml.Node) bool {
	if d.aliases > 0 {
		d.aliased++
	}
	switch {
	case d.stopped:
	case d.aliased > maxAliased:
		d.stopped = true
		d.fail(n, diag.Syntax, "aliases expand to more than %d values; write them out or remove the nesting", maxAliased)
	case d.depth > maxDepth:
		d.stopped = true
		d.fail(n, diag.Syntax, "values nest deeper than %d levels, or an alias stands inside its own anchor", maxDepth)
	}
	return d.stopped
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

func isAt(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.PkgPath() == reflect.TypeFor[At[int]]().PkgPath() && strings.HasPrefix(t.Name(), "At[")
}

func (d *decoder) text(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.ScalarNode {
		d.fail(n, "input/type", "%s: want a single value, found %s", name(path), nodeName(n))
		return
	}
	if err := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(n.Value)); err != nil {
		d.fail(n, "input/value", "%s: %v", name(path), err)
	}
}

func (d *decoder) kind(n *yaml.Node, v reflect.Value, path string) {
	want := map[reflect.Kind]string{reflect.Struct: "a map", reflect.Map: "a map", reflect.Slice: "a list", reflect.Bool: "true or false",
		reflect.String: "text", reflect.Int: "a whole number", reflect.Float64: "a number"}[v.Kind()]
	var ok bool
	switch v.Kind() {
	case reflect.Struct:
		if i, has := short(v.Type()); has && n.Kind == yaml.ScalarNode {
			d.value(n, v.Field(i), path)
			return
		}
		if ok = n.Kind == yaml.MappingNode; ok {
			d.structure(n, v, path)
		}
	case reflect.Map:
		if ok = n.Kind == yaml.MappingNode; ok {
			d.mapping(n, v, path)
		}
	case reflect.Slice:
		if ok = n.Kind == yaml.SequenceNode; ok {
			d.sequence(n, v, path)
		}
	default:
		if ok = n.Kind == yaml.ScalarNode; ok {
			ok = d.scalar(n, v, path)
		}
	}
	if !ok {
		d.fail(n, "input/type", "%s: want %s, found %s", name(path), want, nodeName(n))
	}
}

// scalar fills a basic kind. Text accepts any scalar as it was written, so that `version: 1.30` is not 1.3.
func (d *decoder) scalar(n *yaml.Node, v reflect.Value, path string) bool {
	switch v.Kind() {
	case reflect.String:
		v.SetString(n.Value)
	case reflect.Bool:
		b, err := strconv.ParseBool(n.Value)
		if err != nil || n.ShortTag() != "!!bool" {
			return false
		}
		v.SetBool(b)
	case reflect.Int:
		i, err := strconv.Atoi(n.Value)
		if err != nil {
			return false
		}
		v.SetInt(int64(i))
	case reflect.Float64:
		f, err := strconv.ParseFloat(n.Value, 64)
		if err != nil {
			return false
		}
		v.SetFloat(f)
	default:
		panic(fmt.Sprintf("strict: %s has a kind that is not decoded: %s", path, v.Type()))
	}
	return true
}

func (d *decoder) sequence(n *yaml.Node, v reflect.Value, path string) {
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, c := range n.Content {
		d.value(c, v.Index(i), fmt.Sprintf("%s[%d]", path, i))
	}
}

func (d *decoder) mapping(n *yaml.Node, v reflect.Value, path string) {
	v.Set(reflect.MakeMap(v.Type()))
	for key, value := range d.pairs(n) {
		k := reflect.New(v.Type().Key()).Elem()
		d.value(key, k, path)
		e := reflect.New(v.Type().Elem()).Elem()
		d.value(value, e, join(path, key.Value))
		v.SetMapIndex(k, e)
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func name(path string) string {
	if path == "" {
		return "document"
	}
	return path
}

// nodeName says what a node is, in the words of the messages.
func nodeName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a map"
	case yaml.SequenceNode:
		return "a list"
	default:
		if len(n.Value) > 40 {
			return strconv.Quote(n.Value[:40]) + "…"
		}
		return strconv.Quote(n.Value)
	}
}
