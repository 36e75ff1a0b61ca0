package read

import (
	"cmp"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/upgrade/apis/warn"
)

// Use is what an object has that the API server warns of, such as an annotation or a kind of volume. The position of the
// object is that of the name.
type Use struct {
	Object  Object
	Warning warn.Warning
}

// CompareUses orders uses by place, then by what is said of them.
func CompareUses(a, b Use) int {
	return cmp.Or(Compare(a.Object, b.Object), warn.Compare(a.Warning, b.Warning))
}

// mayUse reports whether a document with these objects is worth a look for what is warned of.
func mayUse(doc []byte, found listed, table *warn.Table) bool {
	if table == nil {
		return false
	}
	var asked []string
	for i := range found {
		kind := string(found[i].kind)
		if kind == "" && found[i].parent >= 0 {
			kind = strings.TrimSuffix(string(found[found[i].parent].kind), "List")
		}
		if warn.MayName(kind, found[i].name) {
			return true
		}
		if len(asked) < maxKinds && !contains(asked, kind) {
			asked = append(asked, kind)
			if table.May(kind, doc) {
				return true
			}
		}
	}
	return len(asked) == maxKinds
}

// maxKinds bounds the kinds of one document that are looked for one by one.
const maxKinds = 100

func contains(all []string, s string) bool {
	for _, a := range all {
		if a == s {
			return true
		}
	}
	return false
}

// uses reads what the objects of a document have that is warned of. What does not parse has been reported before.
func uses(file string, doc []byte, line int, table *warn.Table) []Use {
	if len(doc) > maxParsed {
		return nil
	}
	docs, _ := yamlx.Parse(file, doc, line)
	u := user{referrer: referrer{parser: parser{file: file}}, table: table}
	for _, d := range docs {
		u.objects(d.Root, "", 0)
	}
	return u.used
}

// user walks objects for what is warned of.
type user struct {
	referrer
	table *warn.Table
	used  []Use
}

// objects takes an object, or those of a list; kind is that of the items of a typed list.
func (u *user) objects(n *yaml.Node, kind string, depth int) {
	n = target(n)
	if n == nil || depth > maxDepth || len(u.used) > maxItems {
		return
	}
	if n.Kind == yaml.SequenceNode {
		for _, c := range n.Content {
			u.objects(c, kind, depth+1)
		}
		return
	}
	if own := u.text(n, "kind"); own != "" {
		kind = own
	}
	if items := u.get(n, "items"); items != nil && items.Kind == yaml.SequenceNode {
		of, _ := strings.CutSuffix(kind, "List")
		u.objects(items, of, depth+1)
		return
	}
	meta := u.get(n, "metadata")
	o := Object{Source: File, APIVersion: u.text(n, "apiVersion"), Kind: kind, Name: u.text(meta, "name"), Namespace: u.text(meta, "namespace")}
	for _, w := range u.table.Object(n, kind) {
		o.Position = diag.Position{File: u.file, Line: w.Line, Column: w.Column}
		u.used = append(u.used, Use{Object: o, Warning: w})
	}
}
