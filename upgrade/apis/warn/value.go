package warn

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/yamlx"
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
	if key, n := yamlx.Find(v.node, name); n != nil {
		out.node, out.at = yamlx.Resolve(n), key
	}
	return out
}

// keys returns the values of a map, each under the path of its key; those that are merged in are left out.
func (v value) keys() []value {
	var out []value
	for k, n := range yamlx.Pairs(v.node) {
		out = append(out, value{node: yamlx.Resolve(n), at: k, path: v.path + "[" + k.Value + "]", up: v.path, key: k.Value})
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
		n = yamlx.Resolve(n)
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
