package read

import (
	"bytes"
	"slices"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
)

// Embedded is the ID of a finding that says that objects which a file of another tool gives to the API are put together when that tool
// runs, so that they are not known.
const Embedded = "input/embedded"

// Definition lists the keys under which a module of Ansible is given objects; ok is false for what is no module that takes them.
// The names are those of the collections kubernetes.core, community.kubernetes, community.okd and redhat.openshift
// (https://docs.ansible.com/ansible/latest/collections/kubernetes/core/k8s_module.html, read on 2026-12-01).
func Definition(module string) (keys []string, ok bool) {
	switch module {
	case "k8s", "kubernetes.core.k8s", "community.kubernetes.k8s", "community.okd.k8s", "redhat.openshift.k8s":
		return []string{"definition", "resource_definition", "inline"}, true
	case "kubernetes_manifest":
		return []string{"manifest"}, true
	}
	return nil, false
}

// mayEmbed reports whether a document that is no object may hold some for a tool that gives them to the API. It is quick and errs to yes.
func mayEmbed(doc []byte) bool {
	has := func(word string) bool { return bytes.Contains(doc, []byte(word)) }
	return len(doc) <= MaxParsed && (has("k8s") && (has("definition") || has("inline") || has("api_version")) || has("kubernetes_manifest"))
}

// embedded reads the objects that tasks of Ansible and resources of Terraform in JSON have in them.
func (p *parser) embedded(n *yaml.Node, depth int) {
	if n == nil || n.Kind == yaml.AliasNode || depth > 200 {
		return
	}
	if n.Kind != yaml.MappingNode {
		for _, c := range n.Content {
			p.embedded(c, depth+1)
		}
		return
	}
	for k, v := range yamlx.Pairs(n) {
		if keys, ok := Definition(k.Value); ok {
			p.given(yamlx.Resolve(v), keys, 0)
			continue
		}
		p.embedded(v, depth+1)
	}
}

// given reads what one module or resource is given.
func (p *parser) given(n *yaml.Node, keys []string, depth int) {
	if n == nil || depth > 4 {
		return
	}
	if keys[0] == "manifest" && yamlx.Child(n, keys[0]) == nil { // names of resources, and lists of them, stand between
		for _, c := range n.Content {
			p.given(yamlx.Resolve(c), keys, depth+1)
		}
		return
	}
	for _, key := range keys {
		p.definition(yamlx.Resolve(yamlx.Child(n, key)))
	}
	version, kind := yamlx.Child(n, "api_version"), yamlx.Child(n, "kind")
	if version == nil || kind == nil || slices.ContainsFunc(keys, func(k string) bool { return yamlx.Child(n, k) != nil }) {
		return
	}
	p.take(Head{parent: -1, APIVersion: text(version), Kind: text(kind), Name: text(yamlx.Child(n, "name")),
		Namespace: text(yamlx.Child(n, "namespace")), Line: version.Line, Column: version.Column}, version)
}

// definition reads objects, or the text of some.
func (p *parser) definition(n *yaml.Node) {
	if n == nil {
		return
	}
	if n.Kind != yaml.ScalarNode {
		sub := parser{file: p.file, source: p.source}
		sub.node(n, -1, 0)
		for h := range sub.objects.Objects() {
			p.take(*h, n)
		}
		return
	}
	if n.ShortTag() == "!!null" {
		return
	}
	sub := parser{file: p.file}
	sub.yaml([]byte(n.Value), n.Line+1)
	if len(sub.findings) > 0 || !sub.objects.any() {
		p.unseen(n)
		return
	}
	for h := range sub.objects.Objects() {
		if n.Style&yaml.LiteralStyle == 0 {
			h.Line, h.Column, h.Wide = n.Line, n.Column, 0
		} else {
			h.Column += p.indentation(n.Line + 1)
		}
		p.take(*h, n)
	}
}

// take takes the head of an object, unless its API is filled in later.
func (p *parser) take(h Head, at *yaml.Node) {
	if filled(h.APIVersion) || filled(h.Kind) {
		p.unseen(at)
		return
	}
	h.parent = -1
	p.objects = append(p.objects, h)
}

func (p *parser) unseen(at *yaml.Node) {
	p.findings = append(p.findings, unseen(diag.Position{File: p.file, Line: at.Line, Column: at.Column}))
}

func unseen(at diag.Position) diag.Finding {
	return diag.Finding{ID: Embedded, Severity: diag.Info, Position: at,
		Message: "what is given to the API here is put together when the tool runs: it is not seen"}
}

// filled reports whether a text has something to be filled in.
func filled(s []byte) bool {
	return bytes.Contains(s, []byte("{{")) || bytes.Contains(s, []byte("${")) || bytes.Contains(s, []byte("%{"))
}

// indentation counts the blanks before the first text at or below a line.
func (p *parser) indentation(line int) int {
	for text := range bytes.Lines(p.text) {
		if line--; line >= p.first {
			continue
		}
		if rest := bytes.TrimLeft(text, " "); len(bytes.TrimSpace(rest)) > 0 {
			return len(text) - len(rest)
		}
	}
	return 0
}
