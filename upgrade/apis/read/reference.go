package read

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
)

// Role says what a reference is for.
type Role string

// The roles.
const (
	ScaleTarget Role = "scaleTargetRef" // what an autoscaler scales
	OwnedBy     Role = "ownerReferences"
	Grant       Role = "rules" // of a Role or ClusterRole: Versions is empty
	Webhook     Role = "webhooks"
	Policy      Role = "matchConstraints" // of an admission policy, or matchResources of its binding
	Param       Role = "paramKind"
)

// Reference is a place in an object that names another API.
type Reference struct {
	Object   Object // that holds it; the position is that of the reference
	Role     Role
	Group    string   // "" for the core group
	Versions []string // any of them; empty for all
	Kind     string   // of ScaleTarget, OwnedBy and Param
	Resource string   // of rules, the plural
	Beside   []string // of rules: all groups of the same rule
}

// CompareReferences orders references by place, then by what they name.
func CompareReferences(a, b Reference) int {
	return cmp.Or(Compare(a.Object, b.Object), cmp.Compare(a.Role, b.Role), cmp.Compare(a.Group, b.Group),
		slices.Compare(a.Versions, b.Versions), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Resource, b.Resource))
}

// mayRefer reports whether a document may hold a reference.
func mayRefer(doc []byte) bool {
	for _, word := range [...]string{"scaleTargetRef", "ownerReferences", "apiGroups", "paramKind"} {
		if bytes.Contains(doc, []byte(word)) {
			return true
		}
	}
	return false
}

// references reads the references of a document. What does not parse has been reported before.
func references(file string, doc []byte, line int) []Reference {
	if len(doc) > maxParsed {
		return nil
	}
	docs, _ := yamlx.Parse(file, doc, line)
	r := referrer{parser: parser{file: file}}
	for _, d := range docs {
		r.object(d.Root, 0)
	}
	return r.found
}

// referrer walks objects for what they refer to.
type referrer struct {
	parser
	holder Object
	found  []Reference
}

// object reads an object, or those of a list.
func (r *referrer) object(n *yaml.Node, depth int) {
	n = target(n)
	if n == nil || depth > maxDepth {
		return
	}
	if n.Kind == yaml.SequenceNode {
		for _, c := range n.Content {
			r.object(c, depth+1)
		}
		return
	}
	meta := r.get(n, "metadata")
	r.holder = Object{Source: File, APIVersion: r.text(n, "apiVersion"), Kind: r.text(n, "kind"), Name: r.text(meta, "name"), Namespace: r.text(meta, "namespace")}
	for _, owner := range r.items(r.get(meta, "ownerReferences")) {
		r.kind(OwnedBy, owner)
	}
	spec := r.get(n, "spec")
	r.kind(ScaleTarget, r.get(spec, "scaleTargetRef"))
	switch r.holder.Kind {
	case "Role", "ClusterRole":
		r.rules(Grant, r.get(n, "rules"))
	case "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration":
		for _, hook := range r.items(r.get(n, "webhooks")) {
			r.rules(Webhook, r.get(hook, "rules"))
		}
	case "ValidatingAdmissionPolicy", "MutatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "MutatingAdmissionPolicyBinding":
		r.rules(Policy, r.get(r.get(spec, "matchConstraints"), "resourceRules"))
		r.rules(Policy, r.get(r.get(spec, "matchResources"), "resourceRules"))
		r.kind(Param, r.get(spec, "paramKind"))
	}
	if items := r.get(n, "items"); items != nil && items.Kind == yaml.SequenceNode {
		r.object(items, depth+1)
	}
}

// kind notes a reference that has an apiVersion and a kind.
func (r *referrer) kind(role Role, n *yaml.Node) {
	at := r.get(n, "apiVersion")
	kind := r.text(n, "kind")
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
func (r *referrer) rules(role Role, list *yaml.Node) {
	for _, rule := range r.items(list) {
		var versions []string
		for _, v := range r.items(r.get(rule, "apiVersions")) {
			if v.Kind != yaml.ScalarNode || v.Value == "*" {
				versions = nil
				break
			}
			versions = append(versions, v.Value)
		}
		groups := r.items(r.get(rule, "apiGroups"))
		var beside []string
		for _, g := range groups {
			beside = append(beside, g.Value)
		}
		for _, group := range groups {
			for _, resource := range r.items(r.get(rule, "resources")) {
				if name, _, _ := strings.Cut(resource.Value, "/"); len(r.found) < maxItems {
					r.add(Reference{Role: role, Group: group.Value, Versions: versions, Resource: name, Beside: beside}, group)
				}
			}
		}
	}
}

func (r *referrer) add(ref Reference, at *yaml.Node) {
	ref.Object = r.holder
	ref.Object.Position = diag.Position{File: r.file, Line: at.Line, Column: at.Column}
	r.found = append(r.found, ref)
}

func (r *referrer) get(n *yaml.Node, name string) *yaml.Node {
	return target(r.field(target(n), name, 0))
}

func (r *referrer) text(n *yaml.Node, name string) string { return string(text(r.get(n, name))) }

func (r *referrer) items(n *yaml.Node) []*yaml.Node {
	if n = target(n); n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	out := make([]*yaml.Node, 0, len(n.Content))
	for _, c := range n.Content {
		if c = target(c); c != nil {
			out = append(out, c)
		}
	}
	return out
}
