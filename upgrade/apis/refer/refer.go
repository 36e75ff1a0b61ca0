// Package refer finds what objects refer to by its API: what an autoscaler scales, owners, and the rules of roles, webhooks
// and admission policies.
//
// The way through it: a document → In → []Reference, each with its place. Whether what is named still exists is not known here.
package refer

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/upgrade/apis/object"
	"treadmill/upgrade/apis/read"
)

// Role says what a reference is for.
type Role string

// The roles.
const (
	ScaleTarget Role = "scaleTargetRef" // what an autoscaler scales
	Sized       Role = "targetRef"      // what a VerticalPodAutoscaler sizes
	OwnedBy     Role = "ownerReferences"
	Grant       Role = "rules" // of a Role or ClusterRole: Versions is empty
	Webhook     Role = "webhooks"
	Policy      Role = "matchConstraints" // of an admission policy, or matchResources of its binding
	Param       Role = "paramKind"
)

// Reference is a place in an object that names another API.
type Reference struct {
	Object   object.Object // that holds it; the position is that of the reference
	Role     Role
	Group    string   // "" for the core group
	Versions []string // any of them; empty for all
	Kind     string   // of ScaleTarget, Sized, OwnedBy and Param
	Resource string   // of rules, the plural
	Beside   []string // of rules: all groups of the same rule
}

// Compare orders references by place, then by what they name.
func Compare(a, b Reference) int {
	return cmp.Or(object.Compare(a.Object, b.Object), cmp.Compare(a.Role, b.Role), cmp.Compare(a.Group, b.Group),
		slices.Compare(a.Versions, b.Versions), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Resource, b.Resource))
}

// May reports whether a text may hold a reference, so that it is worth parsing.
func May(doc []byte) bool {
	for _, word := range [...]string{"scaleTargetRef", "targetRef", "ownerReferences", "apiGroups", "paramKind"} {
		if bytes.Contains(doc, []byte(word)) {
			return true
		}
	}
	return false
}

// In reads the references of a document. What does not parse has been reported before.
func In(d read.Document) []Reference {
	if len(d.Text) > read.MaxParsed {
		return nil
	}
	docs, _ := yamlx.Parse(d.File, d.Text, d.Line)
	r := reader{file: d.File, seen: map[*yaml.Node]bool{}}
	for _, d := range docs {
		r.object(d.Root, 0)
	}
	return r.found
}

// reader walks objects for what they refer to.
type reader struct {
	file   string
	holder object.Object
	found  []Reference
	seen   map[*yaml.Node]bool // what aliases repeat
}

// object reads an object, or those of a list.
func (r *reader) object(n *yaml.Node, depth int) {
	n = yamlx.Resolve(n)
	if n == nil || depth > read.MaxDepth || r.seen[n] {
		return
	}
	r.seen[n] = true
	if n.Kind == yaml.SequenceNode {
		for _, c := range n.Content {
			r.object(c, depth+1)
		}
		return
	}
	meta := yamlx.Child(n, "metadata")
	r.holder = object.Object{
		Source:     object.File,
		APIVersion: yamlx.Text(n, "apiVersion"),
		Kind:       yamlx.Text(n, "kind"),
		Name:       yamlx.Text(meta, "name"),
		Namespace:  yamlx.Text(meta, "namespace"),
	}
	for _, owner := range yamlx.Items(yamlx.Child(meta, "ownerReferences")) {
		r.kind(OwnedBy, owner)
	}
	spec := yamlx.Child(n, "spec")
	r.kind(ScaleTarget, yamlx.Child(spec, "scaleTargetRef"))
	switch r.holder.Kind {
	case "VerticalPodAutoscaler":
		r.kind(Sized, yamlx.Child(spec, "targetRef"))
	case "Role", "ClusterRole":
		r.rules(Grant, yamlx.Child(n, "rules"))
	case "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration":
		for _, hook := range yamlx.Items(yamlx.Child(n, "webhooks")) {
			r.rules(Webhook, yamlx.Child(hook, "rules"))
		}
	case "ValidatingAdmissionPolicy", "MutatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "MutatingAdmissionPolicyBinding":
		r.rules(Policy, yamlx.Child(yamlx.Child(spec, "matchConstraints"), "resourceRules"))
		r.rules(Policy, yamlx.Child(yamlx.Child(spec, "matchResources"), "resourceRules"))
		r.kind(Param, yamlx.Child(spec, "paramKind"))
	}
	if items := yamlx.Child(n, "items"); items != nil && items.Kind == yaml.SequenceNode {
		r.object(items, depth+1)
	}
}

// kind notes a reference that has an apiVersion and a kind.
func (r *reader) kind(role Role, n *yaml.Node) {
	at := yamlx.Child(n, "apiVersion")
	kind := yamlx.Text(n, "kind")
	if at == nil || at.Kind != yaml.ScalarNode || kind == "" {
		return
	}
	group, version, ok := strings.Cut(at.Value, "/")
	if !ok {
		group, version = "", at.Value
	}
	r.add(Reference{Role: role, Group: group, Versions: []string{version}, Kind: kind}, at)
}

// rules notes each pair of a group and a resource in rules.
func (r *reader) rules(role Role, list *yaml.Node) {
	for _, rule := range yamlx.Items(list) {
		var versions []string
		for _, v := range yamlx.Items(yamlx.Child(rule, "apiVersions")) {
			if v.Kind != yaml.ScalarNode || v.Value == "*" {
				versions = nil
				break
			}
			versions = append(versions, v.Value)
		}
		groups := yamlx.Items(yamlx.Child(rule, "apiGroups"))
		var beside []string
		for _, g := range groups {
			beside = append(beside, g.Value)
		}
		for _, group := range groups {
			for _, resource := range yamlx.Items(yamlx.Child(rule, "resources")) {
				if name, _, _ := strings.Cut(resource.Value, "/"); len(r.found) < read.MaxItems {
					r.add(Reference{Role: role, Group: group.Value, Versions: versions, Resource: name, Beside: beside}, group)
				}
			}
		}
	}
}

func (r *reader) add(ref Reference, at *yaml.Node) {
	ref.Object = r.holder
	ref.Object.Position = diag.Position{File: r.file, Line: at.Line, Column: at.Column}
	r.found = append(r.found, ref)
}
