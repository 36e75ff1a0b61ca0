// Package manifest finds the Kubernetes objects in files: multi-document YAML, JSON, NDJSON and lists of any kind.
//
// The way through it: Reader.Read walks paths → splits each file at its document markers, holding one document at a
// time → a document of plain YAML is read line by line; any other is parsed → objects with positions, and a finding for
// whatever could not be read. It knows no schema and judges no API: which objects are kept is the caller's choice.
package read

import (
	"cmp"
	"strings"

	"treadmill/internal/diag"
	"treadmill/upgrade"
)

// Template is the ID of a finding that says that a document is an unrendered template, so that its objects are not known.
const Template = "input/template"

// Nothing is the ID of a finding that says that the whole input holds no object, which is seldom what was meant.
const Nothing = "input/nothing"

// Link is the ID of a finding that says that a link to a folder was not followed.
const Link = "input/link"

// Duplicate is the ID of a finding that says that a key which names the object is written twice; the last one counts.
const Duplicate = "input/duplicate"

// Source says where an object was seen.
type Source string

// The sources.
const (
	File      Source = "file"
	Helm      Source = "helm"
	Kustomize Source = "kustomize"
	Live      Source = "live"
	Release   Source = "release"
	Metrics   Source = "metrics"
	Audit     Source = "audit"
)

// Object names one object. Its position is that of the value of apiVersion, or, for an item of a typed list that leaves
// it out, of the item. APIVersion is as in the manifest: "apps/v1", or "v1" for the core group.
type Object struct {
	Source     Source
	APIVersion string
	Kind       string
	Namespace  string
	Name       string
	Owner      string        // in words, who wrote, made or called it where that is known: "field manager kubectl", "chart web"
	GitOps     bool          // the owner is a GitOps object
	Before     upgrade.Minor // a chart makes it so for this older version, and not for the one to go to
	diag.Position
}

// Compare orders objects by place, then by name: a total order.
func Compare(a, b Object) int {
	return cmp.Or(
		cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
		cmp.Compare(a.APIVersion, b.APIVersion), cmp.Compare(a.Kind, b.Kind),
		cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Source, b.Source),
		cmp.Compare(a.Owner, b.Owner), a.Before.Compare(b.Before))
}

// raw is an object as a reader of one syntax saw it, before lists are expanded. Texts point into the document.
type raw struct {
	apiVersion, kind, name, namespace []byte
	line, column                      int    // of the value of apiVersion, or of the object
	parent                            int    // the list that the object is an item of; -1 for none
	items, meta                       bool   // it has the key
	odd                               string // the key that should name the object and is no text
}

func (r *raw) oddUnless(ok bool, key string) {
	if !ok {
		r.odd = key
	}
}

// listed are the raws of one document: parents come before their items.
type listed []raw

// resolve calls yield for every object: items of typed lists take what they leave out from their list, and lists
// themselves are no objects.
func (l listed) resolve(yield func(r *raw)) {
	for i := range l {
		r := &l[i]
		if r.parent >= 0 {
			list := &l[r.parent]
			if kind, typed := strings.CutSuffix(string(list.kind), "List"); typed && kind != "" {
				if len(r.apiVersion) == 0 {
					r.apiVersion = list.apiVersion
				}
				if len(r.kind) == 0 {
					r.kind = []byte(kind)
				}
			}
		}
		if len(r.apiVersion) > 0 && len(r.kind) > 0 && !r.isList() {
			yield(r)
		}
	}
}

func (r *raw) isList() bool {
	return string(r.kind) == "List" || r.items && strings.HasSuffix(string(r.kind), "List")
}
