package read

import (
	"bytes"
	"encoding/json"
	"slices"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
)

// Bounds of the look for keys that are written twice: how many of one document are told, and how deep it goes.
const (
	maxTwice = 20
	maxNodes = 200
)

// repeated reports that an object has a key twice.
func (p *parser) repeated(key string, at diag.Position) {
	if p.again++; p.again <= maxTwice {
		p.fail(Duplicate, at, "%q is written twice in one object", key)
	}
}

// twice reports the keys that a tree writes twice, at any depth. What aliases repeat is looked at where it stands.
func (p *parser) twice(n *yaml.Node, depth int) {
	if depth > maxNodes {
		return
	}
	if n.Kind == yaml.MappingNode {
		seen := make(map[string]bool, len(n.Content)/2)
		for k := range yamlx.Pairs(n) {
			if k.Kind != yaml.ScalarNode || k.ShortTag() == "!!merge" {
				continue
			}
			if seen[k.Value] {
				p.repeated(k.Value, diag.Position{Line: k.Line, Column: k.Column})
			}
			seen[k.Value] = true
		}
	}
	for _, c := range n.Content {
		p.twice(c, depth+1)
	}
}

// twice reports the keys that a value, of which it is known that it is valid JSON, writes twice. at is where it begins in the document.
func (j *jsonReader) twice(value []byte, at int) {
	type level struct {
		object bool
		seen   map[string]bool
	}
	var open []level
	for i := 0; i < len(value); i++ {
		switch c := value[i]; c {
		case '{', '[':
			open = append(open, level{object: c == '{', seen: map[string]bool{}})
		case '}', ']':
			open = open[:len(open)-1]
		case '"':
			end := textEnd(value, i)
			if top := len(open) - 1; top >= 0 && open[top].object && isKey(value[end:]) {
				name := unquoted(value[i:end])
				if open[top].seen[name] {
					j.repeated(name, j.position(at+i))
				}
				open[top].seen[name] = true
			}
			i = end - 1
		}
	}
}

// textEnd is where a text of JSON that begins at a place ends.
func textEnd(value []byte, at int) int {
	for i := at + 1; i < len(value); i++ {
		switch value[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(value)
}

// isKey reports whether what follows a text makes it a key.
func isKey(rest []byte) bool {
	at := slices.IndexFunc(rest, func(c byte) bool { return c > ' ' })
	return at >= 0 && rest[at] == ':'
}

// unquoted is what a text of JSON says.
func unquoted(text []byte) string {
	var s string
	if bytes.IndexByte(text, '\\') < 0 || json.Unmarshal(text, &s) != nil {
		return string(text[1 : len(text)-1])
	}
	return s
}

// manyKeys is how many keys of a map are compared one by one.
const manyKeys = 64

// again reports whether a key of the innermost open map was there before, or may have been.
func (p *plain) again(name []byte) bool {
	if len(name) == 0 {
		return true
	}
	top := p.top()
	if top.many == nil {
		bit := uint64(1) << ((uint(len(name))*5 + uint(name[0])*3 + uint(name[len(name)-1])) % 64)
		own := p.keys[top.keys:]
		if top.bits&bit != 0 && slices.ContainsFunc(own, func(k []byte) bool { return bytes.Equal(k, name) }) {
			return true
		}
		top.bits |= bit
		if p.keys = append(p.keys, name); len(own) < manyKeys {
			return false
		}
		top.many = make(map[string]bool, 4*manyKeys)
		for _, k := range own {
			top.many[string(k)] = true
		}
	}
	if top.many[string(name)] {
		return true
	}
	top.many[string(name)] = true
	return false
}
