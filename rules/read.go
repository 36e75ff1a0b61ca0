package rules

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
)

// The IDs of what Read finds. Syntax errors and unknown fields have the IDs of the packages diag and strict.
const (
	FindingNotRules   = "rules/not-rules"       // the input holds nothing that has rules
	FindingVersion    = "rules/unknown-version" // a rule object in a version that nobody has defined
	FindingTemplate   = "rules/template"        // Helm or Go templating that was not rendered
	FindingRule       = "rules/invalid"         // a rule or group that Prometheus refuses
	FindingText       = "rules/template-text"   // a label or an annotation that is no template of Prometheus's
	FindingDocument   = "rules/second-document" // groups that Prometheus does not read, as they are in the second document of a file
	FindingPromQL     = "rules/promql"          // an expression that does not parse
	FindingExperiment = "rules/experimental"    // an expression that parses only with a feature flag
	FindingGroupTwice = "rules/duplicate-group" // two groups of one name in one file or object
	FindingRuleTwice  = "rules/duplicate-rule"  // two rules of one name with the same labels in one group
)

// File is one source of groups: a plain rule file or one PrometheusRule or VMRule object. A file that holds three objects gives three
// Files.
type File struct {
	Name   string            // of the file it stands in
	Kind   string            // "PrometheusRule" or "VMRule"; "" for a plain rule file
	Object string            // namespace/name of the object, "" for a plain rule file
	Labels map[string]string // of the object
	Groups []Group
	// Namespace is that of a ruler, as a file of mimirtool names it; "" for none.
	Namespace string
}

// Read finds every rule in an input: plain rule files (a "groups:" list), also as values of a ConfigMap, PrometheusRule objects, lists of
// them, and the many documents that a rendered chart has, of which those without rules are passed over. Groups and rules that
// Prometheus would refuse are findings at file:line:col; rules without a usable name or expression are left out of the
// result, and the rest of the input is still read.
func Read(name string, data []byte) ([]File, []diag.Finding) {
	r := &reader{name: name}
	r.read(data)
	if !r.seen && len(r.findings) == 0 {
		r.findings = append(r.findings, r.without())
	}
	return r.files, r.findings
}

func (r *reader) read(data []byte) {
	docs, findings := yamlx.Documents(r.name, data)
	r.text, r.findings = newText(data), findings
	for i, doc := range docs {
		r.later = i > 0 || emptyFirst.Match(data)
		r.source = doc.Source
		r.document(doc.Root, 0)
	}
	r.explainTemplates()
}

// without says that an input has no rules. Nothing at all, and objects of Kubernetes of other kinds, are no mistake.
func (r *reader) without() diag.Finding {
	f := diag.Finding{ID: FindingNotRules, Severity: diag.Info, Position: diag.Position{File: r.name}, Message: "holds nothing"}
	switch {
	case r.foreign:
		f.Severity, f.Message = diag.Error, "holds no rules: want a \"groups:\" list or PrometheusRule objects"
	case len(r.kinds) > 0:
		slices.Sort(r.kinds)
		f.Message = "holds no rules, but " + strings.Join(slices.Compact(r.kinds), ", ") + ": passed over"
	}
	return f
}

// Bounds against lists that contain themselves or each other through aliases.
const (
	maxLists   = 4
	maxObjects = 100_000
)

type reader struct {
	name     string
	text     text
	source   *yamlx.Source // of the document that is being read
	objects  int
	later    bool     // the document is not the first
	seen     bool     // whether anything that can hold rules was found, even if it holds none
	foreign  bool     // whether there is something that is neither rules nor an object of Kubernetes
	kinds    []string // of the other objects
	files    []File
	findings []diag.Finding
}

func (r *reader) fail(at diag.Position, id string, severity diag.Severity, format string, args ...any) {
	r.findings = append(r.findings, diag.Finding{ID: id, Severity: severity, Position: at, Message: fmt.Sprintf(format, args...)})
}

// document reads one YAML document: an object, a list of objects or a plain rule file.
func (r *reader) document(n *yaml.Node, depth int) {
	if r.objects++; depth > maxLists || r.objects > maxObjects {
		if depth == maxLists+1 || r.objects == maxObjects+1 {
			r.fail(yamlx.Position(r.name, n), diag.Syntax, diag.Error, "lists nest deeper than %d levels or hold more than %d objects",
				maxLists, maxObjects)
		}
		return
	}
	kind, version := yamlx.Text(n, "kind"), yamlx.Text(n, "apiVersion")
	switch {
	case empty(n):
	case n.Kind != yaml.MappingNode:
		r.fail(yamlx.Position(r.name, n), FindingNotRules, diag.Error, "want a map with \"groups:\" or a PrometheusRule object")
	case kind == "" && version == "":
		r.plain(n)
	case kind == "PrometheusRule":
		r.seen = true
		if version != "monitoring.coreos.com/v1" {
			r.fail(yamlx.Position(r.name, yamlx.Child(n, "kind")), FindingVersion, diag.Error,
				"PrometheusRule in version %q is not known: want monitoring.coreos.com/v1", version)
			return
		}
		r.object(n, kind)
	case kind == "VMRule" && strings.HasPrefix(version, "operator.victoriametrics.com/"):
		r.victoria(n)
	case strings.HasSuffix(kind, "List"):
		r.kinds = append(r.kinds, kind)
		if items := yamlx.Child(n, "items"); items != nil && items.Kind == yaml.SequenceNode {
			for _, item := range items.Content {
				r.document(yamlx.Resolve(item), depth+1)
			}
		}
	default:
		r.foreign = r.foreign || kind == "" || version == ""
		r.kinds = append(r.kinds, kind)
		r.otherKind(n, kind)
	}
}

// empty reports whether a document holds nothing.
func empty(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Tag == "!!null" || n.Kind == yaml.MappingNode && len(n.Content) == 0
}

func (r *reader) plain(n *yaml.Node) {
	if yamlx.Child(n, "groups") == nil {
		r.foreign = true
		r.almost(n)
	} else {
		r.seen = true
		var spec struct {
			Groups    []groupSpec `yaml:"groups"`
			Namespace string      `yaml:"namespace"`
		}
		r.findings = append(r.findings, yamlx.Decode(r.part(n), &spec)...)
		groups := r.groups(spec.Groups)
		if r.later && spec.Namespace == "" { // mimirtool reads one document a namespace
			r.fail(yamlx.Position(r.name, n), FindingDocument, diag.Error,
				"Prometheus reads only the first document of a rule file, so these groups are never loaded: put them under the groups of the first, or into a file of their own")
			return
		}
		r.files = append(r.files, File{Name: r.name, Groups: groups, Namespace: spec.Namespace})
	}
}

// almost tells of a file whose groups stand under a mistyped name, which nobody should take for a file without rules.
func (r *reader) almost(n *yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		list := yamlx.Resolve(n.Content[i+1])
		if list.Kind == yaml.SequenceNode && len(list.Content) > 0 && yamlx.Child(yamlx.Resolve(list.Content[0]), "rules") != nil {
			r.seen = true
			r.fail(yamlx.Position(r.name, n.Content[i]), "input/unknown-field", diag.Error,
				"there is no field %q; groups of rules stand under \"groups\"", n.Content[i].Value)
		}
	}
}

// otherKind reads the rules that a ConfigMap holds, and tells of another object that holds groups of rules and is not a PrometheusRule.
func (r *reader) otherKind(n *yaml.Node, kind string) {
	if kind == "ConfigMap" {
		r.configMap(n)
		return
	}
	groups := yamlx.Child(yamlx.Child(n, "spec"), "groups")
	if groups == nil || groups.Kind != yaml.SequenceNode || len(groups.Content) == 0 ||
		yamlx.Child(yamlx.Resolve(groups.Content[0]), "rules") == nil {
		return
	}
	r.seen = true
	r.fail(yamlx.Position(r.name, yamlx.Child(n, "kind")), FindingVersion, diag.Warning,
		"the rules of a %s are not read: want a PrometheusRule of monitoring.coreos.com/v1, or a plain file of groups", kind)
}

func (r *reader) object(n *yaml.Node, kind string) {
	meta, spec := yamlx.Child(n, "metadata"), yamlx.Child(n, "spec")
	if spec == nil {
		r.fail(yamlx.Position(r.name, n), "input/required", diag.Error, "document: \"spec\" is missing")
		return
	}
	object := strings.TrimPrefix(yamlx.Text(meta, "namespace")+"/"+yamlx.Text(meta, "name"), "/")
	var groups struct {
		Groups []groupSpec `yaml:"groups"`
	}
	r.findings = append(r.findings, yamlx.Decode(r.part(spec), &groups)...)
	r.files = append(
		r.files,
		File{
			Name:   r.name,
			Kind:   kind,
			Object: object,
			Labels: yamlx.Words(yamlx.Child(meta, "labels")),
			Groups: r.groups(groups.Groups),
		},
	)
}

// part is a part of the document that is being read.
func (r *reader) part(n *yaml.Node) yamlx.Document {
	return yamlx.Document{File: r.name, Root: n, Source: r.source}
}
