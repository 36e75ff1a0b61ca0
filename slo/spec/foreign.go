package spec

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/yamlx"
)

// Foreign reports whether a document is certainly no SLO spec, neither one of a known dialect nor one with a mistake in what names it: an
// object of another kind, or a file that has none of the fields of specs. A list is foreign when all that it holds is.
func Foreign(root *yaml.Node) bool { return foreign(root, map[*yaml.Node]bool{}) }

// foreign takes what it has seen, which aliases repeat, for foreign: the first time decides.
func foreign(root *yaml.Node, seen map[*yaml.Node]bool) bool {
	root = yamlx.Resolve(root)
	if seen[root] {
		return true
	}
	seen[root] = true
	items := root
	if root.Kind == yaml.MappingNode && strings.HasSuffix(yamlx.Text(root, "kind"), "List") {
		items = yamlx.Child(root, "items")
	}
	if items != nil && items.Kind == yaml.SequenceNode && len(items.Content) > 0 {
		return !slices.ContainsFunc(items.Content, func(item *yaml.Node) bool { return !foreign(item, seen) })
	}
	return dialect(root) == "" && !looksLikeSpec(root)
}

// looksLikeSpec reports whether a mapping has what names a spec in any dialect, or nearly so.
func looksLikeSpec(root *yaml.Node) bool {
	if root.Kind != yaml.MappingNode {
		return false
	}
	version, kind := strings.ToLower(yamlx.Text(root, "apiVersion")), strings.ToLower(yamlx.Text(root, "kind"))
	for _, group := range []string{"openslo", "sloth", "pyrra", "sre.google.com"} {
		if strings.Contains(version, group) ||
			yamlx.Nearest(strings.Split(version, "/")[0], []string{group, group + ".dev", group + ".slok.dev"}) != "" {
			return true
		}
	}
	if kind != "" {
		kinds := []string{"slo", "sli", "servicelevelobjective", "prometheusservicelevel", "alertwindows", "alertpolicy", "alertcondition"}
		return slices.Contains(kinds, kind) || len(kind) > 6 && yamlx.Nearest(kind, kinds) != ""
	}
	if version != "" {
		return false
	}
	for i := 0; i+1 < len(root.Content); i += 2 { // a spec of Sloth has no apiVersion
		if slices.Contains([]string{"slos", "slo", "sli", "objective", "objectives", "indicator"}, root.Content[i].Value) ||
			strings.HasPrefix(root.Content[i+1].Value, "prometheus/") {
			return true
		}
	}
	return false
}
