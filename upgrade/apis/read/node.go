package read

import "go.yaml.in/yaml/v3"

// Field returns the value of a key of a map, nil for none: its last if it is written twice. What is merged in comes after.
func Field(n *yaml.Node, name string) *yaml.Node {
	return Target(field(Target(n), name, 0, func(*yaml.Node) {}))
}

// Scalar is the text of a key of a map, "" for none.
func Scalar(n *yaml.Node, name string) string { return string(text(Field(n, name))) }

// Items are the elements of a sequence.
func Items(n *yaml.Node) []*yaml.Node {
	if n = Target(n); n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	out := make([]*yaml.Node, 0, len(n.Content))
	for _, c := range n.Content {
		if c = Target(c); c != nil {
			out = append(out, c)
		}
	}
	return out
}

// Target follows an alias.
func Target(n *yaml.Node) *yaml.Node {
	for range MaxDepth {
		if n == nil || n.Kind != yaml.AliasNode {
			return n
		}
		n = n.Alias
	}
	return nil
}

// field returns the value of a key, its last if it is written twice, which twice is told of; a map that is merged in comes
// after.
func field(n *yaml.Node, name string, depth int, twice func(key *yaml.Node)) (value *yaml.Node) {
	if n == nil || n.Kind != yaml.MappingNode || depth > MaxDepth {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Kind != yaml.ScalarNode || k.Value != name {
			continue
		}
		if value != nil {
			twice(k)
		}
		value = v
	}
	for i := 0; value == nil && i+1 < len(n.Content); i += 2 {
		if n.Content[i].ShortTag() == "!!merge" {
			value = merged(n.Content[i+1], name, depth, twice)
		}
	}
	return Target(value)
}

func merged(from *yaml.Node, name string, depth int, twice func(key *yaml.Node)) *yaml.Node {
	from = Target(from)
	if from == nil || from.Kind != yaml.SequenceNode {
		return field(from, name, depth+1, twice)
	}
	for _, c := range from.Content {
		if v := field(Target(c), name, depth+1, twice); v != nil {
			return v
		}
	}
	return nil
}

func text(n *yaml.Node) []byte {
	if n == nil || n.Kind != yaml.ScalarNode {
		return nil
	}
	return []byte(n.Value)
}
