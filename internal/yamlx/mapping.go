package yamlx

import (
	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
)

// pairs yields the keys and values of a map: merge keys resolved (a key written here wins), keys written twice reported.
func (d *decoder) pairs(n *yaml.Node) func(yield func(k, v *yaml.Node) bool) {
	return func(yield func(k, v *yaml.Node) bool) { d.walkPairs(n, map[string]*yaml.Node{}, 0, yield) }
}

func (d *decoder) walkPairs(n *yaml.Node, seen map[string]*yaml.Node, depth int, yield func(k, v *yaml.Node) bool) bool {
	var merges []*yaml.Node
	for k, v := range Pairs(n) {
		if k.ShortTag() == "!!merge" {
			merges = append(merges, v)
			continue
		}
		if first, twice := seen[k.Value]; twice {
			if depth == 0 {
				d.fail(k, "input/duplicate", "%q is written twice; the first is in line %d", k.Value, first.Line)
			}
			continue
		}
		seen[k.Value] = k
		if !yield(k, v) {
			return false
		}
	}
	for _, m := range merges {
		for _, from := range mergeSources(m) {
			if d.aliased++; d.exhausted(m) {
				return false
			}
			if depth > 32 || from.Kind != yaml.MappingNode {
				d.fail(m, diag.Syntax, "a merge key wants a map, or a list of maps")
			} else if !d.walkPairs(from, seen, depth+1, yield) {
				return false
			}
		}
	}
	return true
}

func mergeSources(m *yaml.Node) []*yaml.Node {
	for m.Kind == yaml.AliasNode {
		m = m.Alias
	}
	if m.Kind != yaml.SequenceNode {
		return []*yaml.Node{m}
	}
	out := make([]*yaml.Node, len(m.Content))
	for i, c := range m.Content {
		for out[i] = c; out[i].Kind == yaml.AliasNode; {
			out[i] = out[i].Alias
		}
	}
	return out
}
