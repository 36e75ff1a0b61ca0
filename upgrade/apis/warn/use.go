package warn

import (
	"cmp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/upgrade/apis/object"
	"treadmill/upgrade/apis/read"
)

// Use is what an object has that the API server warns of, such as an annotation or a kind of volume. The position of the
// object is that of the name.
type Use struct {
	Object  object.Object
	Warning Warning
}

// CompareUses orders uses by place, then by what is said of them.
func CompareUses(a, b Use) int {
	return cmp.Or(object.Compare(a.Object, b.Object), Compare(a.Warning, b.Warning))
}

// MayIn reports whether a document with these objects is worth a look for what is warned of.
func (t *Table) MayIn(doc []byte, found read.Heads) bool {
	var asked []string
	for i := range found {
		kind := found.KindOf(i)
		if MayName(kind, found[i].Name) {
			return true
		}
		if len(asked) < maxKinds && !slices.Contains(asked, kind) {
			asked = append(asked, kind)
			if t.May(kind, doc) {
				return true
			}
		}
	}
	return len(asked) == maxKinds
}

// maxKinds bounds the kinds of one document that are looked for one by one.
const maxKinds = 100

// In reads what the objects of a document have that is warned of. What does not parse has been reported before.
func (t *Table) In(d read.Document) []Use {
	if len(d.Text) > read.MaxParsed {
		return nil
	}
	docs, _ := yamlx.Parse(d.File, d.Text, d.Line)
	u := user{file: d.File, table: t, seen: map[*yaml.Node]bool{}}
	for _, d := range docs {
		u.objects(d.Root, "", 0)
	}
	return u.used
}

// user walks objects for what is warned of.
type user struct {
	file  string
	table *Table
	used  []Use
	seen  map[*yaml.Node]bool // what aliases repeat
}

// objects takes an object, or those of a list; kind is that of the items of a typed list.
func (u *user) objects(n *yaml.Node, kind string, depth int) {
	n = yamlx.Resolve(n)
	if n == nil || depth > read.MaxDepth || len(u.used) > read.MaxItems || u.seen[n] {
		return
	}
	u.seen[n] = true
	if n.Kind == yaml.SequenceNode {
		for _, c := range n.Content {
			u.objects(c, kind, depth+1)
		}
		return
	}
	if own := yamlx.Text(n, "kind"); own != "" {
		kind = own
	}
	if items := yamlx.Child(n, "items"); items != nil && items.Kind == yaml.SequenceNode {
		of, _ := strings.CutSuffix(kind, "List")
		u.objects(items, of, depth+1)
		return
	}
	meta := yamlx.Child(n, "metadata")
	o := object.Object{Source: object.File, APIVersion: yamlx.Text(n, "apiVersion"), Kind: kind,
		Name: yamlx.Text(meta, "name"), Namespace: yamlx.Text(meta, "namespace")}
	for _, w := range u.table.Object(n, kind) {
		o.Position = diag.Position{File: u.file, Line: w.Line, Column: w.Column}
		u.used = append(u.used, Use{Object: o, Warning: w})
	}
}
