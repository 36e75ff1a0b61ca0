package warn

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/upgrade/apis/read"
)

// value is a part of an object, with its path as the server writes it. Its node is nil for what is not there.
type value struct {
	node  *yaml.Node
	at    *yaml.Node // where to point at: the key of a map's entry
	path  string
	up    string // the path of what it is part of
	key   string // its own key
	index int    // of the list's element that it is part of
}

// set reports whether there is a value that is not null.
func (v value) set() bool {
	return v.node != nil && (v.node.Kind != yaml.ScalarNode || v.node.ShortTag() != "!!null")
}

// filled reports whether there is a value that is not empty.
func (v value) filled() bool {
	return v.set() && (v.node.Value != "" || len(v.node.Content) > 0)
}

// text is that of a scalar, "" for all else.
func (v value) text() string {
	if !v.set() || v.node.Kind != yaml.ScalarNode {
		return ""
	}
	return v.node.Value
}

// number is that of a scalar; ok is false for all else.
func (v value) number() (n int64, ok bool) {
	n, err := strconv.ParseInt(v.text(), 10, 64)
	return n, err == nil
}

// get returns the value of a key of a map.
func (v value) get(name string) value {
	path := name
	if v.path != "" {
		path = v.path + "." + name
	}
	return v.named(name, path)
}

// keyed is the same with a path as the server writes it for the keys that users choose.
func (v value) keyed(name string) value { return v.named(name, v.path+"["+name+"]") }

func (v value) named(name, path string) value {
	out := value{at: v.at, path: path, up: v.path, key: name, index: v.index}
	if key, n := find(v.node, name, 0); n != nil {
		out.node, out.at = read.Target(n), key
	}
	return out
}

// find looks a key up in a map, then in the maps that are merged into it.
func find(n *yaml.Node, name string, depth int) (key, v *yaml.Node) {
	if n = read.Target(n); n == nil || n.Kind != yaml.MappingNode || depth > 16 {
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if k := n.Content[i]; k.Kind == yaml.ScalarNode && k.Value == name {
			key, v = k, n.Content[i+1]
		}
	}
	for i := 0; v == nil && i+1 < len(n.Content); i += 2 {
		if n.Content[i].ShortTag() != "!!merge" {
			continue
		}
		from := read.Target(n.Content[i+1])
		if from == nil || from.Kind != yaml.SequenceNode {
			key, v = find(from, name, depth+1)
			continue
		}
		for _, c := range from.Content {
			if key, v = find(c, name, depth+1); v != nil {
				break
			}
		}
	}
	return key, v
}

// keys returns the values of a map, each under the path of its key; those that are merged in are left out.
func (v value) keys() []value {
	if v.node == nil || v.node.Kind != yaml.MappingNode {
		return nil
	}
	var out []value
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		k := v.node.Content[i]
		out = append(out, value{node: read.Target(v.node.Content[i+1]), at: k, path: v.path + "[" + k.Value + "]", up: v.path, key: k.Value})
	}
	return out
}

// items returns the elements of a list.
func (v value) items() []value {
	if v.node == nil || v.node.Kind != yaml.SequenceNode {
		return nil
	}
	var out []value
	for i, n := range v.node.Content {
		n = read.Target(n)
		out = append(out, value{node: n, at: n, path: v.path + "[" + strconv.Itoa(i) + "]", up: v.path, index: i})
	}
	return out
}

// containers returns those of a pod's spec, in the server's order.
func (v value) containers() []value {
	var out []value
	for _, name := range []string{"initContainers", "containers", "ephemeralContainers"} {
		out = append(out, v.get(name).items()...)
	}
	return out
}

// walk follows a path from values on. The last step may lead to what is not there.
func walk(from []value, path []string) []value {
	for _, step := range path {
		var next []value
		for _, v := range from {
			if v.node == nil {
				continue
			}
			name, list := strings.CutSuffix(step, "[]")
			name, keys := strings.CutSuffix(name, "{}")
			switch {
			case step == "@":
				next = append(next, v.containers()...)
			case list:
				next = append(next, v.get(name).items()...)
			case keys:
				next = append(next, v.get(name).keys()...)
			default:
				next = append(next, v.get(name))
			}
		}
		if from = next; len(from) > maxWalk {
			return from[:maxWalk]
		}
	}
	return from
}

// maxWalk bounds the values of one path in one object.
const maxWalk = 10_000
