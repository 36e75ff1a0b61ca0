package read

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/upgrade/apis/object"
)

// Required is the ID of a finding that says that an object lacks one of the keys that name its API.
const Required = "input/required"

// custom is an API version that no other tool than one for Kubernetes writes: its group is a domain.
var custom = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)+/v[0-9]+((alpha|beta)[0-9]+)?$`)

// Halves finds objects that lack the apiVersion or the kind, or have it in keys of another case, so that no API server takes them. Other
// tools have such keys too: only what has a name in its metadata is an object, and half an API of which known says that it is one of
// Kubernetes. The other half is "" then.
func Halves(d Document, heads Heads, known func(apiVersion, kind string) bool) (out []diag.Finding) {
	if d.Template || d.Made != nil && d.Made.Source != object.Helm {
		return nil
	}
	var roots []yamlx.Document
	for i := range heads {
		h := &heads[i]
		if h.parent >= 0 {
			h.inherit(&heads[h.parent])
		}
		if len(h.Name) == 0 || h.odd != "" || h.isList() || len(h.APIVersion) > 0 && len(h.Kind) > 0 {
			continue
		}
		if roots == nil {
			roots, _ = yamlx.Parse(d.File, d.Text, d.Line)
		}
		if f, ok := h.half(roots, known); ok {
			if f.File = d.File; d.Made != nil {
				f.Severity = diag.Warning // some values may give it
			}
			out = append(out, f)
		}
	}
	return out
}

// half is the finding about an object that lacks a half of its API.
func (h *Head) half(roots []yamlx.Document, known func(apiVersion, kind string) bool) (diag.Finding, bool) {
	var object *yaml.Node
	for _, d := range roots {
		if object = h.in(d.Root, 0); object != nil {
			break
		}
	}
	version, kind := string(h.APIVersion), string(h.Kind)
	versionKey, kindKey := cased(object, "apiVersion", &version), cased(object, "kind", &kind)
	switch {
	case kind != "" && known("", kind):
	case version != "" && (known(version, "") || custom.MatchString(version)) && (kind == "" || kindKey != nil || versionKey != nil):
	default:
		return diag.Finding{}, false
	}
	f := diag.Finding{ID: Required, Severity: diag.Error, Position: diag.Position{Line: h.Line, Column: h.Column}}
	var said []string
	for _, part := range []struct {
		name string
		has  []byte
		key  *yaml.Node
	}{{"apiVersion", h.APIVersion, versionKey}, {"kind", h.Kind, kindKey}} {
		switch {
		case len(part.has) > 0:
		case part.key != nil:
			said = append(said, `"`+part.key.Value+`" is not "`+part.name+`", as keys have a case`)
			f.Line, f.Column = part.key.Line, part.key.Column
		default:
			said = append(said, `"`+part.name+`" is missing or empty`)
		}
	}
	tail := ": no API server takes the object, and its API is not known"
	if len(h.APIVersion) == 0 && versionKey == nil && kindKey == nil {
		f.Severity, tail = diag.Warning, ": no API server takes the object, though Kustomize may take it as a patch, and its API is not known"
	}
	f.Message = strings.TrimSpace(kind+` "`+string(h.Name)+`"`) + ": " + strings.Join(said, ", and ") + tail
	return f, true
}

// in finds the map of an object in a tree, by the place of the object.
func (h *Head) in(n *yaml.Node, depth int) *yaml.Node {
	if depth > MaxDepth || n == nil {
		return nil
	}
	if at := func(n *yaml.Node) bool { return n.Line == h.Line && n.Column == h.Column }; n.Kind == yaml.MappingNode &&
		(at(n) || slices.ContainsFunc(n.Content, at)) {
		return n
	}
	for _, c := range n.Content {
		if found := h.in(c, depth+1); found != nil {
			return found
		}
	}
	return nil
}

// cased finds a key that differs from the name of a missing one in its case alone, and the text behind it.
func cased(object *yaml.Node, name string, value *string) (key *yaml.Node) {
	if *value != "" || object == nil {
		return nil
	}
	for k, v := range yamlx.Pairs(object) {
		if k.Value != name && strings.EqualFold(k.Value, name) && len(text(v)) > 0 {
			key, *value = k, v.Value
		}
	}
	return key
}
