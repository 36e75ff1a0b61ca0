package yamlx

import (
	"iter"

	"go.yaml.in/yaml/v3"
)

// Pairs gives the keys of a map and their values as they are written, in order; nothing for what is no map. An alias of a map is the map.
func Pairs(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		n = Resolve(n)
		for i := 0; n != nil && n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// maxMerged bounds how deep maps are merged into each other.
const maxMerged = 32

// Find returns a key of a map and its value, with aliases followed; nil when there is none. A key that is written twice counts with its
// last value, and a map that is merged in comes after what is written.
func Find(n *yaml.Node, name string) (key, value *yaml.Node) {
	return find(n, name, 0, func(*yaml.Node) {})
}

// FindTwice is Find, and calls twice for each key of the name behind the first.
func FindTwice(n *yaml.Node, name string, twice func(key *yaml.Node)) (key, value *yaml.Node) {
	return find(n, name, 0, twice)
}

func find(n *yaml.Node, name string, depth int, twice func(key *yaml.Node)) (key, value *yaml.Node) {
	if depth > maxMerged {
		return nil, nil
	}
	merges := false
	for k, v := range Pairs(n) {
		merges = merges || k.ShortTag() == "!!merge"
		if k.Kind != yaml.ScalarNode || k.Value != name {
			continue
		}
		if key != nil {
			twice(k)
		}
		key, value = k, Resolve(v)
	}
	if key != nil || !merges {
		return key, value
	}
	for k, v := range Pairs(n) {
		if k.ShortTag() != "!!merge" {
			continue
		}
		for _, from := range mergeSources(v) {
			if key, value = find(from, name, depth+1, twice); key != nil {
				return key, value
			}
		}
	}
	return nil, nil
}

// Child is the value of a key of a map, as Find finds it; nil when there is none.
func Child(n *yaml.Node, name string) *yaml.Node {
	_, v := Find(n, name)
	return v
}

// Text is the text of the value of a key of a map; "" when there is none, or it is no scalar.
func Text(n *yaml.Node, name string) string {
	if c := Child(n, name); c != nil && c.Kind == yaml.ScalarNode {
		return c.Value
	}
	return ""
}

// Words is a map of texts, such as the labels of an object; what is no text in it is left out.
func Words(n *yaml.Node) map[string]string {
	out := map[string]string{}
	for k, v := range Pairs(n) {
		if v = Resolve(v); v != nil && v.Kind == yaml.ScalarNode {
			out[k.Value] = v.Value
		}
	}
	return out
}

// Items are the elements of a list, with aliases followed; none for what is no list.
func Items(n *yaml.Node) []*yaml.Node {
	if n = Resolve(n); n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	out := make([]*yaml.Node, 0, len(n.Content))
	for _, c := range n.Content {
		if c = Resolve(c); c != nil {
			out = append(out, c)
		}
	}
	return out
}

// Resolve follows aliases.
func Resolve(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}
