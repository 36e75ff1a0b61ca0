// Package dump finds what dumps of clusters tell beyond the objects themselves: the releases that Helm has stored, and who wrote an object
// through which API version. An object that comes from a server says in apiVersion how it was asked for, and not who uses it so.
//
// The way through it: a document → In → []Object and []Release, each with its place. It judges nothing.
package dump

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/upgrade/apis/object"
	"treadmill/upgrade/apis/read"
	"treadmill/upgrade/apis/render/release"
)

// Writer is who wrote an object through an API version, with the place where the version stands.
type Writer struct {
	Manager, APIVersion string
	diag.Position
}

// Object is an object that comes from a server.
type Object struct {
	object.Object
	Writers     []Writer // by its managed fields
	LastApplied string   // the API version in the annotation of kubectl apply
}

// Release is a release that Helm has stored in a secret or a config map.
type Release struct {
	diag.Position // of the object that holds it
	release.Release
	Err error // why it cannot be read
}

// May reports whether a text may hold what In finds, so that it is worth parsing.
func May(doc []byte) bool {
	return bytes.Contains(doc, []byte("resourceVersion")) || bytes.Contains(doc, []byte("release.v1")) || bytes.Contains(doc, []byte("TILLER"))
}

// In reads what a document tells. What does not parse has been reported before.
func In(d read.Document) ([]Object, []Release) {
	if len(d.Text) > read.MaxParsed {
		return nil, nil
	}
	docs, _ := yamlx.Parse(d.File, d.Text, d.Line)
	r := reader{file: d.File}
	for _, doc := range docs {
		r.node(doc.Root, 0)
	}
	return r.objects, r.releases
}

type reader struct {
	file     string
	objects  []Object
	releases []Release
}

// node takes an object, or those of a list.
func (r *reader) node(n *yaml.Node, depth int) {
	n = yamlx.Resolve(n)
	if n == nil || depth > read.MaxDepth {
		return
	}
	if items := yamlx.Child(n, "items"); items != nil {
		n = items
	}
	if n.Kind == yaml.SequenceNode {
		for _, c := range n.Content {
			r.node(c, depth+1)
		}
		return
	}
	at, meta := yamlx.Child(n, "apiVersion"), yamlx.Child(n, "metadata")
	if at == nil || meta == nil {
		return
	}
	o := Object{Object: object.Object{Source: object.File, APIVersion: at.Value, Kind: yamlx.Text(n, "kind"), Name: yamlx.Text(meta, "name"),
		Namespace: yamlx.Text(meta, "namespace"), Position: r.place(at)}}
	r.release(n, meta, o.Object)
	if yamlx.Text(meta, "uid") == "" || yamlx.Text(meta, "resourceVersion") == "" {
		return
	}
	if fields := yamlx.Child(meta, "managedFields"); fields != nil && fields.Kind == yaml.SequenceNode {
		for _, f := range fields.Content {
			if v := yamlx.Child(f, "apiVersion"); v != nil {
				o.Writers = append(o.Writers, Writer{yamlx.Text(f, "manager"), v.Value, r.place(v)})
			}
		}
	}
	if a := yamlx.Child(meta, "annotations"); a != nil {
		o.LastApplied = versionIn(yamlx.Text(a, "kubectl.kubernetes.io/last-applied-configuration"))
	}
	r.objects = append(r.objects, o)
}

func (r *reader) place(n *yaml.Node) diag.Position {
	return diag.Position{File: r.file, Line: n.Line, Column: n.Column}
}

// versionIn is the API version of a manifest in JSON.
func versionIn(text string) string {
	var manifest struct {
		APIVersion string `json:"apiVersion"`
	}
	if json.Unmarshal([]byte(text), &manifest) != nil {
		return ""
	}
	return manifest.APIVersion
}

// storedPrefix begins the names of the objects that releases are stored in, and storedType is the type of the secrets among them.
const (
	storedPrefix = "sh.helm.release.v1."
	storedType   = "helm.sh/release.v1"
)

// errTiller is why releases of Helm 2 are not read.
var errTiller = errors.New("it is one of Helm 2, which is not read: helm 2to3 convert makes one of Helm 3 of it")

// stores reports whether an object holds a release, and of Helm 2.
func stores(n, meta *yaml.Node, o object.Object) (release, old bool) {
	if o.APIVersion != "v1" || o.Kind != "Secret" && o.Kind != "ConfigMap" {
		return false, false
	}
	old = yamlx.Text(yamlx.Child(meta, "labels"), "OWNER") == "TILLER"
	return old || strings.HasPrefix(o.Name, storedPrefix) || yamlx.Text(n, "type") == storedType, old
}

// release takes the release that a secret or a config map holds.
func (r *reader) release(n, meta *yaml.Node, o object.Object) {
	holds, old := stores(n, meta, o)
	if !holds {
		return
	}
	text := yamlx.Text(yamlx.Child(n, "stringData"), "release")
	if text == "" {
		text = yamlx.Text(yamlx.Child(n, "data"), "release")
		if data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), "")); err == nil && o.Kind == "Secret" {
			text = string(data)
		}
	}
	stored := Release{Position: o.Position}
	if old {
		stored.Err = errTiller
	} else if text == "" {
		stored.Err = errors.New("there is no text in its key release")
	} else {
		stored.Release, stored.Err = release.Decode([]byte(text))
	}
	if stored.Name == "" {
		stored.Name = strings.TrimPrefix(o.Name, storedPrefix)
	}
	if stored.Namespace == "" {
		stored.Namespace = o.Namespace
	}
	if status := yamlx.Text(yamlx.Child(meta, "labels"), "status"); stored.Status == "" {
		stored.Status = status
	}
	r.releases = append(r.releases, stored)
}

// Latest chooses one revision of each release, as a server's are chosen: the newest that is deployed, or else the newest. A release that
// was uninstalled with its history kept has none.
func Latest(all []Release) []Release {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b Release) int {
		deployed := map[bool]int{true: 0, false: 1}
		if n := strings.Compare(a.Namespace+"\x00"+a.Name, b.Namespace+"\x00"+b.Name); n != 0 {
			return n
		}
		if n := deployed[a.Status == "deployed"] - deployed[b.Status == "deployed"]; n != 0 {
			return n
		}
		if a.Revision != b.Revision {
			return b.Revision - a.Revision
		}
		return diag.Compare(diag.Finding{Position: a.Position}, diag.Finding{Position: b.Position})
	})
	all = slices.CompactFunc(all, func(a, b Release) bool { return a.Namespace == b.Namespace && a.Name == b.Name })
	return slices.DeleteFunc(all, func(r Release) bool { return r.Status == "uninstalled" })
}

// Objects are those of the manifest that a release has applied; they stand where the release is stored. Why any cannot be read is told
// with them.
func (r Release) Objects(want func(apiVersion, kind []byte) bool) (kept []object.Object, seen int, lost []diag.Finding) {
	if r.Err != nil {
		return nil, 0, []diag.Finding{diag.Errorf(diag.Unread, r.Position,
			"the release of Helm in it cannot be read, so that its objects are not known: %v", r.Err)}
	}
	var p read.Parser
	for d := range read.Text(r.File, bytes.NewReader(r.Manifest)) {
		found, problems := p.Read(d)
		for _, f := range append(d.Findings, problems...) {
			f.Position = r.Position
			lost = append(lost, f)
		}
		for h := range found.Objects() {
			if seen++; want == nil || want(h.APIVersion, h.Kind) {
				kept = append(kept, object.Object{Source: object.Release, APIVersion: string(h.APIVersion), Kind: string(h.Kind),
					Namespace: string(h.Namespace), Name: string(h.Name), Owner: r.Describe(), Position: r.Position})
			}
		}
	}
	return kept, seen, lost
}
