// Package crd has what a definition of a custom resource says of the life of its versions.
//
// The way through it: a document → In → []Definition. It judges nothing.
package crd

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/upgrade/apis/object"
	"treadmill/upgrade/apis/read"
)

// Definition is what is read of a CustomResourceDefinition.
type Definition struct {
	Source        object.Source `json:"-" yaml:"-"`
	diag.Position `json:"-" yaml:"-"`
	Built         bool `json:"-" yaml:"-"` // by a kustomization, from what stands at the position
	Metadata      struct {
		Name string `json:"name" yaml:"name"`
	} `json:"metadata" yaml:"metadata"`
	Spec struct {
		Group string `json:"group" yaml:"group"`
		Names struct {
			Kind   string `json:"kind" yaml:"kind"`
			Plural string `json:"plural" yaml:"plural"`
		} `json:"names" yaml:"names"`
		Version  string    `json:"version" yaml:"version"` // in v1beta1, where it has but one
		Versions []Version `json:"versions" yaml:"versions"`
	} `json:"spec" yaml:"spec"`
	Status struct {
		StoredVersions []string `json:"storedVersions" yaml:"storedVersions"`
	} `json:"status" yaml:"status"`
}

// Version is one version of a definition.
type Version struct {
	Name       string `json:"name" yaml:"name"`
	Served     bool   `json:"served" yaml:"served"`
	Storage    bool   `json:"storage" yaml:"storage"`
	Deprecated bool   `json:"deprecated" yaml:"deprecated"`
	Warning    string `json:"deprecationWarning" yaml:"deprecationWarning"`
}

// Version finds a version by its name.
func (d Definition) Version(name string) (Version, bool) {
	i := slices.IndexFunc(d.Spec.Versions, func(v Version) bool { return v.Name == name })
	if i < 0 {
		return Version{}, false
	}
	return d.Spec.Versions[i], true
}

// Order sorts definitions by place, then name, then what they say. What kustomizations build takes the place of what they were given, and
// once where several build the same.
func Order(defs []Definition) []Definition {
	key := func(d Definition) diag.Finding { return diag.Finding{Position: d.Position, Message: d.Metadata.Name} }
	built := map[diag.Finding]bool{}
	for _, d := range defs {
		if d.Built {
			built[key(d)] = true
		}
	}
	defs = slices.DeleteFunc(defs, func(d Definition) bool { return !d.Built && built[key(d)] })
	slices.SortFunc(defs, func(a, b Definition) int {
		if c := diag.Compare(key(a), key(b)); c != 0 {
			return c
		}
		return cmp.Compare(fmt.Sprint(a.Spec, a.Status), fmt.Sprint(b.Spec, b.Status))
	})
	return slices.CompactFunc(defs, func(a, b Definition) bool { return a.Built && reflect.DeepEqual(a, b) })
}

// Kind is the kind of a definition.
const Kind = "CustomResourceDefinition"

// In reads the definitions of a document, which has one. What does not parse has been reported before.
func In(d read.Document) []Definition {
	if len(d.Text) > read.MaxParsed {
		return nil
	}
	docs, _ := yamlx.Parse(d.File, d.Text, d.Line)
	var out []Definition
	for _, doc := range docs {
		out = nodes(out, doc.Root, d.File, 0)
	}
	return out
}

// nodes takes an object, or those of a list.
func nodes(out []Definition, n *yaml.Node, file string, depth int) []Definition {
	n = yamlx.Resolve(n)
	if n == nil || depth > read.MaxDepth {
		return out
	}
	if items := yamlx.Child(n, "items"); items != nil {
		n = items
	}
	if n.Kind == yaml.SequenceNode {
		for _, c := range n.Content {
			out = nodes(out, c, file, depth+1)
		}
		return out
	}
	at := yamlx.Child(n, "apiVersion")
	d := Definition{Source: object.File}
	if at == nil || yamlx.Text(n, "kind") != Kind || n.Decode(&d) != nil {
		return out
	}
	d.Position = diag.Position{File: file, Line: at.Line, Column: at.Column}
	if len(d.Spec.Versions) == 0 && d.Spec.Version != "" {
		d.Spec.Versions = []Version{{Name: d.Spec.Version, Served: true, Storage: true}}
	}
	return append(out, d)
}
