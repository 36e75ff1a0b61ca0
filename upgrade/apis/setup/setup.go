// Package setup finds in manifests how the components of Kubernetes are set up: the flags and feature gates that kubeadm, Cluster API, k3s,
// configuration files and the pods of a control plane give them.
//
// The way through it: a document → In → []Set, each with its place. Which release takes what is not known here. It does not read what is
// text in a manifest, such as files that cloud-init writes.
package setup

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/upgrade/apis/object"
	"treadmill/upgrade/apis/read"
	"treadmill/upgrade/component"
)

// Set is a flag, a feature gate or an admission plugin that a component is given.
type Set struct {
	Object    object.Object // that gives it; the position is that of the flag or gate
	Component string
	Flag      string         // without dashes; "" for a gate or a plugin
	Gate      component.Gate // its name is "" for a flag or a plugin
	Plugin    string         // that a flag names; "" for a flag or a gate
}

// May reports whether a text may set up a component, so that it is worth parsing.
func May(doc []byte) bool {
	for _, word := range [...]string{"xtraArgs", "featureGates", "-arg:", "kube-", "kubelet"} {
		if bytes.Contains(doc, []byte(word)) {
			return true
		}
	}
	return false
}

// In reads what a document sets. What does not parse has been reported before.
func In(d read.Document) []Set {
	if len(d.Text) > read.MaxParsed {
		return nil
	}
	docs, _ := yamlx.Parse(d.File, d.Text, d.Line)
	var r reader
	for _, doc := range docs {
		r.root(doc.Root, d.File, 0)
	}
	return r.found
}

type reader struct {
	holder object.Object
	found  []Set
}

// root reads an object, or those of a list.
func (r *reader) root(n *yaml.Node, file string, depth int) {
	n = yamlx.Resolve(n)
	if n == nil || depth > read.MaxDepth {
		return
	}
	if items := yamlx.Child(n, "items"); items != nil && items.Kind == yaml.SequenceNode {
		n = items
	}
	if n.Kind == yaml.SequenceNode {
		for _, c := range n.Content {
			r.root(c, file, depth+1)
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
		Position:   diag.Position{File: file},
	}
	switch r.holder.Kind {
	case "KubeletConfiguration":
		r.gates("kubelet", yamlx.Child(n, "featureGates"))
	case "KubeProxyConfiguration":
		r.gates("kube-proxy", yamlx.Child(n, "featureGates"))
	default:
		r.node(n, "", 0)
	}
}

// kubeadm names the components as kubeadm does.
var kubeadm = map[string]string{
	"apiServer":         "kube-apiserver",
	"controllerManager": "kube-controller-manager",
	"scheduler":         "kube-scheduler",
}

// node looks for what sets up a component anywhere in a value that is the value of a key.
func (r *reader) node(n *yaml.Node, key string, depth int) {
	n = yamlx.Resolve(n)
	if n == nil || depth > 100 {
		return
	}
	if n.Kind == yaml.SequenceNode {
		for _, c := range n.Content {
			r.node(c, key, depth+1)
		}
		return
	}
	if n.Kind != yaml.MappingNode {
		return
	}
	if name := runs(n); name != "" {
		r.line(name, yamlx.Child(n, "command"))
		r.line(name, yamlx.Child(n, "args"))
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i].Value, yamlx.Resolve(n.Content[i+1])
		switch name, arg := strings.CutSuffix(k, "-arg"); {
		case k == "kubeletExtraArgs":
			r.extra("kubelet", v)
		case k == "extraArgs" && kubeadm[key] != "":
			r.extra(kubeadm[key], v)
		case arg && known(name): // of k3s and RKE2
			r.line(name, v)
		default:
			r.node(v, k, depth+1)
		}
	}
}

// runs is the component that a container runs, "" for any other.
func runs(n *yaml.Node) string {
	image := yamlx.Text(n, "image")
	if image == "" {
		return ""
	}
	if command := yamlx.Items(yamlx.Child(n, "command")); len(command) > 0 {
		if name := path.Base(command[0].Value); known(name) {
			return name
		}
		return ""
	}
	name, _, _ := strings.Cut(path.Base(image), ":")
	if name, _, _ = strings.Cut(name, "@"); known(name) {
		return name
	}
	return ""
}

func known(name string) bool {
	for _, c := range component.Components() {
		if c == name {
			return true
		}
	}
	return false
}

// extra reads flags as kubeadm takes them: a mapping, or since v1beta4 a list of names and values.
func (r *reader) extra(name string, n *yaml.Node) {
	for _, item := range yamlx.Items(n) {
		if at := yamlx.Child(item, "name"); at != nil {
			r.flag(name, at, at.Value, yamlx.Text(item, "value"))
		}
	}
	if n != nil && n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if v := yamlx.Resolve(n.Content[i+1]); v != nil {
				r.flag(name, n.Content[i], n.Content[i].Value, v.Value)
			}
		}
	}
}

// line reads a command line.
func (r *reader) line(name string, list *yaml.Node) {
	items := yamlx.Items(list)
	for i, item := range items {
		text := item.Value
		flag, value, _ := strings.Cut(text, "=")
		if dashed := strings.HasPrefix(text, "--"); !dashed && !strings.Contains(text, "=") {
			continue
		}
		if value == "" && i+1 < len(items) && slices.Contains([]string{"--feature-gates", "--enable-admission-plugins", "--disable-admission-plugins"}, flag) {
			value = items[i+1].Value
		}
		r.flag(name, item, strings.TrimLeft(flag, "-"), value)
	}
}

// flag notes a flag and the plugins that it names, or the gates that it sets.
func (r *reader) flag(name string, at *yaml.Node, flag, value string) {
	o := r.holder
	o.Line, o.Column = at.Line, at.Column
	if flag != "feature-gates" {
		r.found = append(r.found, Set{Object: o, Component: name, Flag: flag})
		for _, p := range component.Plugins(name, flag, value) {
			r.found = append(r.found, Set{Object: o, Component: name, Plugin: p})
		}
		return
	}
	for _, g := range component.FlagGates(name, []string{"--feature-gates=" + value}) {
		r.found = append(r.found, Set{Object: o, Component: name, Gate: g})
	}
}

// gates notes the gates of a configuration file.
func (r *reader) gates(name string, n *yaml.Node) {
	if n = yamlx.Resolve(n); n == nil || n.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		at := n.Content[i]
		o := r.holder
		o.Line, o.Column = at.Line, at.Column
		var on bool
		if n.Content[i+1].Decode(&on) == nil {
			r.found = append(
				r.found,
				Set{Object: o, Component: name, Gate: component.Gate{Name: at.Value, Component: name, Enabled: on, Flag: true}},
			)
		}
	}
}
