// Package gitops reads what Argo CD and Flux are told to deploy from a repository, and with which values.
//
// The way through it: []Declared (documents that may hold an Application, a HelmRelease or a Flux Kustomization) → Read →
// []Source: folders of a repository, each with the values, the name and the namespace that its owner gives to it. It reads
// no file and renders nothing; which of the folders are at hand is for the caller to see. What lies elsewhere by its nature,
// such as a chart of a Helm repository, is a Source too, with a word for it in Outside.
//
// The fields are those of argoproj.io/v1alpha1 (https://argo-cd.readthedocs.io/en/stable/operator-manual/application-specification/),
// helm.toolkit.fluxcd.io/v2 and kustomize.toolkit.fluxcd.io/v1 (https://fluxcd.io/flux/components/), read on 2026-11-23; older
// versions of these groups have the same names.
package gitops

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
)

// Object is the ID of a finding that says that a GitOps object is not what it should be.
const Object = "gitops/object"

// Rank says how a declaration was made. Of the declarations that are from one place only those of the highest rank count:
// a manifest that an overlay patches is not deployed as it is written.
type Rank uint8

// The ranks, in rising order.
const (
	Written  Rank = iota // in a file
	Built                // by a kustomization, from a file in its folder
	Overlaid             // by a kustomization, from a file of another one
	Deployed             // by another GitOps object
)

// Declared is a text in which GitOps objects may stand.
type Declared struct {
	Text          []byte
	diag.Position // of its first line; or, if Fixed, of every object in it
	Fixed         bool
	Rank          Rank
}

// Tool says how a folder becomes objects.
type Tool uint8

// The tools. Any lets the folder decide: by Chart.yaml, by a kustomization, else as plain manifests.
const (
	Any Tool = iota
	Helm
	Kustomize
	Plain
)

// Source is one folder that a GitOps object deploys.
type Source struct {
	diag.Position        // of the object
	Owner         string // the object in words: "Argo CD Application argocd/web"
	Repository    string // URL or name of what the path is in; "" when it is not known
	Path          string // of the folder in it, with slashes and without a leading one
	Outside       string // why it cannot be in the tree, in words; "" if it can
	Plugin        bool   // a plugin of Argo CD makes its manifests, out of a folder that need not be what it looks like
	Chart         string // of a Helm repository, which may be at hand all the same; "" for none
	Version       string // of the chart: what is wanted
	Tool          Tool
	Release       string // of a chart; "" for the chart's name
	Namespace     string // into which it goes; "" when it is not said
	Layers        []Layer
	Instead       []string // values files instead of the chart's own
	APIs          []string // that a chart shall see besides those of the version
	Overlay       string   // YAML of fields for a kustomization above the folder; "" for none
	Patched       bool     // what a chart makes is patched afterwards
	Recurse       bool     // plain manifests: with the folders in the folder
	Include       string   // plain manifests: a pattern that paths in the folder must match
	Exclude       string   // and one that they must not
	Substitute    bool     // variables are replaced in what comes out: by From in Layers, and Vars above them
	Vars          map[string]string
}

// Layer is a part of the values of a chart; the later ones stand above the earlier. One of Values, File, From and Set is set.
type Layer struct {
	Values   string // in YAML
	File     string // below the root of the repository
	From     From
	Set      string // one value as in helm's --set; with Text it is a string whatever it looks like
	Text     bool
	Optional bool // it may be missing
}

// From is a key of a ConfigMap or a Secret.
type From struct {
	Kind, Namespace, Name string
	Key                   string // "" for all keys
	Target                string // the value that it becomes; "" for values in YAML
}

// String names the object that is meant.
func (f From) String() string {
	return strings.TrimSuffix(f.Kind+" "+strings.TrimPrefix(f.Namespace+"/"+f.Name, "/"), " ")
}

// Mentions reports whether a document may hold a GitOps object.
func Mentions(doc []byte) bool {
	return bytes.Contains(doc, []byte(".toolkit.fluxcd.io/")) || bytes.Contains(doc, []byte("argoproj.io/"))
}

// declared is one object of a GitOps tool.
type declared struct {
	header
	diag.Position
	node *yaml.Node
	rank Rank
}

type header struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string `yaml:"kind"`
	Metadata   struct {
		Name      string `yaml:"name"`
		Namespace string `yaml:"namespace"`
	} `yaml:"metadata"`
}

// is reports whether the object has a kind of a group, in whatever version.
func (h header) is(group, kind string) bool {
	return h.Kind == kind && strings.HasPrefix(h.APIVersion, group+"/")
}

// name is the object as people write it.
func (h header) name() string {
	return strings.TrimPrefix(h.Metadata.Namespace+"/"+h.Metadata.Name, "/")
}

// Read finds the sources of all GitOps objects in texts, in a total order. What does not parse as YAML is left out, as it has been
// reported where it was read. at is the tree that generators look through, nil for none.
func Read(texts []Declared, at *Repository) ([]Source, []diag.Finding) {
	r := reader{at: at}
	for _, t := range texts {
		r.text(t)
	}
	r.objects = highest(r.objects)
	for _, o := range r.objects {
		r.object(o)
	}
	slices.SortFunc(r.sources, func(a, b Source) int {
		return cmp.Or(cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Path, b.Path), cmp.Compare(a.Key(), b.Key()))
	})
	r.sources = slices.CompactFunc(r.sources, func(a, b Source) bool { return a.Key() == b.Key() })
	return r.sources, diag.Sort(slices.Compact(diag.Sort(r.findings)))
}

// Key tells sources apart.
func (s Source) Key() string { return fmt.Sprintf("%#v", s) }

type reader struct {
	objects  []declared
	sources  []Source
	findings []diag.Finding
	at       *Repository
}

// text finds the objects of a text.
func (r *reader) text(t Declared) {
	docs, _ := yamlx.Parse(t.File, t.Text, max(1, t.Line))
	for _, d := range docs {
		r.nodes(d.Root, t, 0)
	}
}

// nodes takes an object, or those of a list.
func (r *reader) nodes(n *yaml.Node, t Declared, depth int) {
	if n == nil || depth > 20 {
		return
	}
	var list struct {
		Items yaml.Node `yaml:"items"`
	}
	if n.Kind == yaml.MappingNode && n.Decode(&list) == nil && list.Items.Kind == yaml.SequenceNode {
		n = &list.Items
	}
	if n.Kind == yaml.SequenceNode {
		for _, c := range n.Content {
			r.nodes(c, t, depth+1)
		}
		return
	}
	o := declared{Position: t.Position, node: n, rank: t.Rank}
	o.EndLine, o.EndColumn = 0, 0 // what is built knows the end and what is written does not
	if n.Kind != yaml.MappingNode || n.Decode(&o.header) != nil {
		return
	}
	if !t.Fixed {
		o.Position = diag.Position{File: t.File, Line: n.Line, Column: n.Column}
		if v := yamlx.Child(n, "apiVersion"); v != nil {
			o.Line, o.Column = v.Line, v.Column
		}
	}
	r.objects = append(r.objects, o)
}

// highest keeps of the objects of one place and kind those of the highest rank.
func highest(objects []declared) []declared {
	best := map[diag.Position]Rank{}
	for _, o := range objects {
		if o.Line > 0 {
			best[o.Position] = max(best[o.Position], o.rank)
		}
	}
	return slices.DeleteFunc(objects, func(o declared) bool { return o.rank < best[o.Position] })
}

// object takes one object by its kind.
func (r *reader) object(o declared) {
	switch {
	case o.is("argoproj.io", "Application"):
		r.application(o)
	case o.is("argoproj.io", "ApplicationSet"):
		r.applicationSet(o)
	case o.is("helm.toolkit.fluxcd.io", "HelmRelease"):
		r.helmRelease(o)
	case o.is("kustomize.toolkit.fluxcd.io", "Kustomization"):
		r.kustomization(o)
	}
}

// decode fills into from an object; what has another type than it should is a finding.
func (r *reader) decode(o declared, into any) bool {
	err := o.node.Decode(into)
	if err == nil {
		return true
	}
	problem := strings.TrimPrefix(strings.Join(strings.Fields(err.Error()), " "), "yaml: unmarshal errors: ")
	r.findings = append(r.findings, diag.Finding{ID: Object, Severity: diag.Error, Position: o.Position,
		Message: fmt.Sprintf("%s %q is not what it should be, so that what it deploys is not known: %s", o.Kind, o.Metadata.Name, problem)})
	return false
}
