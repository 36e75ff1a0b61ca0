// Package object has the words that all stages of a scan share: an object, where it was seen, and the order of objects.
//
// It reads nothing and judges nothing.
package object

import (
	"cmp"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/upgrade"
)

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
	Unreached  string        // in words, what it takes for a chart to make it, which it does not with the values that it has
	Before     upgrade.Minor // a chart makes it so for this older version, and not for the one to go to
	diag.Position
}

// Compare orders objects by place, then by name: a total order.
func Compare(a, b Object) int {
	return cmp.Or(
		cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
		cmp.Compare(a.APIVersion, b.APIVersion), cmp.Compare(a.Kind, b.Kind),
		cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Source, b.Source),
		cmp.Compare(a.Owner, b.Owner), a.Before.Compare(b.Before), cmp.Compare(a.Unreached, b.Unreached))
}

// Merge makes one object of what kustomizations make from one place: the object in the file, if that was read, with its
// owners. The objects are in order.
func Merge(objects []Object) []Object {
	out := objects[:0]
	for i := 0; i < len(objects); {
		n := i + 1
		for n < len(objects) && samePlace(objects[n], objects[i]) {
			n++
		}
		out = append(out, mergeSame(objects[i:n])...)
		i = n
	}
	return out
}

func samePlace(a, b Object) bool {
	return a.Position == b.Position && a.APIVersion == b.APIVersion && a.Kind == b.Kind
}

// mergeSame merges objects of one place and API.
func mergeSame(same []Object) []Object {
	var owners []string
	var first, deployed []Object
	for _, o := range same {
		if o.GitOps {
			deployed = append(deployed, o)
			continue
		}
		if o.Source != Kustomize || o.Line == 0 {
			first = append(first, o)
			continue
		}
		owners = append(owners, strings.TrimPrefix(o.Owner, "kustomization "))
	}
	if len(owners) == 0 {
		return same
	}
	if len(first) == 0 {
		i := slices.IndexFunc(same, func(o Object) bool { return !o.GitOps })
		first = slices.Clone(same[i : i+1])
	}
	first[0].Owner = "kustomization " + strings.Join(slices.Compact(slices.Sorted(slices.Values(owners))), ", ")
	return append(first, deployed...)
}
