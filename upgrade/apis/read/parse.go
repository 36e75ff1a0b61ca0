package read

import (
	"bytes"
	"slices"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
)

// Template is the ID of a finding that says that a document is an unrendered template, so that its objects are not known.
const Template = "input/template"

// Duplicate is the ID of a finding that says that a key of an object is written twice; the last one counts.
const Duplicate = "input/duplicate"

// MaxItems bounds the objects of one document, which aliases may repeat, and MaxDepth how deep lists may nest.
const (
	MaxItems    = 1_000_000
	maxRepeated = 100_000 // where there are aliases
	MaxDepth    = 32
)

// parser reads the documents that plain does not.
type parser struct {
	file     string
	source   *yamlx.Source
	text     []byte // of the document, and the number of its first line
	first    int
	objects  Heads
	findings []diag.Finding
	again    int // how many keys were found to be written twice
	full     bool
	aliased  bool // an alias was met
}

func (p *parser) fail(id string, at diag.Position, format string, args ...any) {
	at.File = p.file
	p.findings = append(p.findings, diag.Errorf(id, at, format, args...))
}

// document parses one document that starts at a line.
func (p *parser) document(doc []byte, line int) {
	trimmed := bytes.TrimLeft(doc, " \t\r\n")
	if bytes.HasPrefix(trimmed, []byte("//")) || bytes.HasPrefix(trimmed, []byte("/*")) {
		if plain, ok := uncommented(doc); ok && mayHold(doc, false) {
			asJSON := parser{file: p.file}
			if asJSON.json(plain, line); len(asJSON.findings) == 0 && asJSON.objects.any() {
				p.objects = append(p.objects, asJSON.objects...)
				return
			}
		}
	}
	if len(trimmed) == 0 || trimmed[0] != '{' && trimmed[0] != '[' {
		p.yaml(doc, line)
		return
	}
	// What starts like JSON may be YAML in flow style, or a template. What is neither is JSON with an error.
	asJSON := parser{file: p.file}
	switch asJSON.json(doc, line); {
	case len(asJSON.findings) > 0:
		asYAML := parser{file: p.file}
		asYAML.yaml(doc, line)
		if len(asJSON.objects) == 0 || !slices.ContainsFunc(asYAML.findings, func(f diag.Finding) bool { return f.ID == diag.Syntax }) {
			asJSON = asYAML
		}
	case !asJSON.objects.any() && mayEmbed(doc):
		asJSON = parser{file: p.file}
		asJSON.yaml(doc, line)
	}
	p.objects, p.findings = append(p.objects, asJSON.objects...), append(p.findings, asJSON.findings...)
	p.types()
}

// yaml parses a document of YAML.
func (p *parser) yaml(doc []byte, line int) {
	if len(doc) > MaxParsed {
		p.fail(diag.Unread, diag.Position{Line: line}, "the document has %d MiB and is not plain YAML; such documents are read up to %d MiB",
			len(doc)>>20, MaxParsed>>20)
		return
	}
	p.text, p.first = doc, line
	docs, problems := yamlx.Parse(p.file, doc, line)
	if len(problems) > 0 && p.template(doc, line) {
		problems = nil
	}
	p.findings = append(p.findings, problems...)
	for _, d := range docs {
		p.source = d.Source
		if isTemplate(d.Root, 0) && p.template(doc, line) {
			return
		}
		p.node(d.Root, -1, 0)
		if p.objects.any() {
			p.twice(d.Root, 0)
		} else if mayEmbed(doc) {
			p.embedded(d.Root, 0)
		}
	}
	p.types()
}

// types reports objects that have an apiVersion and a kind of which one is no text.
func (p *parser) types() {
	for i := range p.objects {
		if o := &p.objects[i]; o.odd != "" && len(o.APIVersion)+len(o.Kind) > 0 {
			p.fail("input/type", diag.Position{Line: o.Line, Column: o.Column}, "%s: want text", o.odd)
			o.odd = ""
		}
	}
}

// template reports a document that is a template, and what it names that the reader may care about.
func (p *parser) template(doc []byte, line int) bool {
	at := -1
	for _, opening := range []string{"{{", "{%", "%{", "<%"} { // of Go and Jinja, of Terraform, of ERB
		if at = bytes.Index(doc, []byte(opening)); at >= 0 {
			break
		}
	}
	if at < 0 {
		return false
	}
	place := diag.Place(p.file, doc, at)
	place.Line += line - 1
	p.fail(Template, place, "%s", templateMessage)
	return true
}

// IsTemplate reports whether a document that parses is an unrendered template all the same.
func IsTemplate(root *yaml.Node) bool { return isTemplate(root, 0) }

// isTemplate reports whether a tree has a map whose key is a map: "{{ x }}" means that to YAML, and no manifest has it.
func isTemplate(n *yaml.Node, depth int) bool {
	if depth > 200 || n.Kind == yaml.AliasNode {
		return false
	}
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 && c.Kind == yaml.MappingNode || isTemplate(c, depth+1) {
			return true
		}
	}
	return false
}

// node reads an object, or the objects of a sequence.
func (p *parser) node(n *yaml.Node, parent, depth int) {
	p.aliased = p.aliased || n != nil && n.Kind == yaml.AliasNode
	n = yamlx.Resolve(n)
	if n == nil || p.full {
		return
	}
	if depth > MaxDepth {
		p.full = true
		p.fail(diag.Syntax, diag.Position{Line: n.Line, Column: n.Column}, "lists nest deeper than %d levels", MaxDepth)
		return
	}
	if n.Kind == yaml.SequenceNode {
		for _, c := range n.Content {
			p.node(c, parent, depth+1)
		}
		return
	}
	if n.Kind != yaml.MappingNode {
		return
	}
	most := MaxItems
	if p.aliased {
		most = maxRepeated
	}
	if len(p.objects) >= most {
		p.full = true
		p.fail(diag.Syntax, diag.Position{Line: n.Line, Column: n.Column},
			"the document has more than %d objects, counting what aliases repeat", most)
		return
	}
	o := Head{parent: parent, Line: n.Line, Column: n.Column}
	if v := yamlx.Child(n, "apiVersion"); v != nil {
		o.APIVersion, o.Line, o.Column = text(v), v.Line, v.Column
		o.Wide = max(0, p.source.Node("", v).EndColumn-v.Column)
		o.oddUnless(v.Kind == yaml.ScalarNode, "apiVersion")
	}
	if v := yamlx.Child(n, "kind"); v != nil {
		o.Kind = text(v)
		o.oddUnless(v.Kind == yaml.ScalarNode, "kind")
	}
	if m := yamlx.Resolve(yamlx.Child(n, "metadata")); m != nil {
		o.Name, o.Namespace = text(yamlx.Child(m, "name")), text(yamlx.Child(m, "namespace"))
	}
	list := yamlx.Resolve(yamlx.Child(n, "items"))
	o.items = list != nil
	p.objects = append(p.objects, o)
	if list != nil && list.Kind == yaml.SequenceNode {
		p.node(list, len(p.objects)-1, depth+1)
	}
	if string(o.Kind) == OpenShiftTemplate {
		if list := yamlx.Resolve(yamlx.Child(n, "objects")); list != nil && list.Kind == yaml.SequenceNode {
			p.node(list, -1, depth+1)
		}
	}
}

func text(n *yaml.Node) []byte {
	if n == nil || n.Kind != yaml.ScalarNode {
		return nil
	}
	return []byte(n.Value)
}
