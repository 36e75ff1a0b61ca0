package manifest

import (
	"bytes"
	"cmp"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/internal/strict"
)

// Where a name is used in an object.
const (
	InAnnotation = "annotation"
	InLabel      = "label" // of a node, in a selector, an affinity or a topology key
	InVolume     = "volume"
	InField      = "field" // a field of the spec
)

// Use is a name that an object uses, such as an annotation or a kind of volume.
type Use struct {
	Object Object // the position is that of the name
	Where  string
	Name   string
}

// CompareUses orders uses by place, then by what they name.
func CompareUses(a, b Use) int {
	return cmp.Or(Compare(a.Object, b.Object), cmp.Compare(a.Where, b.Where), cmp.Compare(a.Name, b.Name))
}

// mayUse reports whether a document has one of the words.
func mayUse(doc []byte, words []string) bool {
	for _, w := range words {
		if bytes.Contains(doc, []byte(w)) {
			return true
		}
	}
	return false
}

// uses reads the names that the objects of a document use. What does not parse has been reported before.
func uses(file string, doc []byte, line int) []Use {
	if len(doc) > maxParsed {
		return nil
	}
	docs, _ := strict.Parse(file, doc, line)
	u := user{referrer: referrer{parser: parser{file: file}}}
	for _, d := range docs {
		u.objects(d.Root, 0)
	}
	return u.used
}

// user walks objects for the names that they use.
type user struct {
	referrer
	used []Use
}

func (u *user) objects(n *yaml.Node, depth int) {
	n = target(n)
	if n == nil || depth > maxDepth {
		return
	}
	if n.Kind == yaml.SequenceNode {
		for _, c := range n.Content {
			u.objects(c, depth+1)
		}
		return
	}
	if items := u.get(n, "items"); items != nil && items.Kind == yaml.SequenceNode {
		u.objects(items, depth+1)
		return
	}
	meta := u.get(n, "metadata")
	u.holder = Object{Source: File, APIVersion: u.text(n, "apiVersion"), Kind: u.text(n, "kind"), Name: u.text(meta, "name"), Namespace: u.text(meta, "namespace")}
	if u.holder.Kind == "Service" || u.holder.Kind == "PersistentVolume" {
		where := InField
		if u.holder.Kind == "PersistentVolume" {
			where = InVolume
		}
		u.keys(where, u.get(n, "spec"))
	}
	u.walk(n, 0)
}

// walk looks for the fields that hold names.
func (u *user) walk(n *yaml.Node, depth int) {
	n = target(n)
	if n == nil || depth > 30 || len(u.used) > maxItems {
		return
	}
	for i, c := range n.Content {
		if n.Kind != yaml.MappingNode {
			u.walk(c, depth+1)
			continue
		}
		if i%2 == 0 {
			continue
		}
		switch n.Content[i-1].Value {
		case "annotations":
			u.keys(InAnnotation, target(c))
		case "nodeSelector":
			u.keys(InLabel, target(c))
		case "topologyKey", "key":
			if c.Kind == yaml.ScalarNode {
				u.use(InLabel, c)
			}
		case "volumes":
			for _, v := range u.items(c) {
				u.keys(InVolume, v)
			}
		default:
			u.walk(c, depth+1)
		}
	}
}

// keys notes the keys of a map.
func (u *user) keys(where string, n *yaml.Node) {
	if n == nil || n.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		u.use(where, n.Content[i])
	}
}

func (u *user) use(where string, n *yaml.Node) {
	o := u.holder
	o.Position = diag.Position{File: u.file, Line: n.Line, Column: n.Column}
	u.used = append(u.used, Use{Object: o, Where: where, Name: n.Value})
}
