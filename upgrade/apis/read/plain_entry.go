package read

import (
	"bytes"
	"slices"
)

// entry reads "key: value" or "key:".
func (p *plain) entry(text []byte, indent, line int) bool {
	name, n, ok := key(text[indent:])
	if !ok || p.again(name) {
		return false
	}
	top := p.top()
	top.open, top.child = false, other
	at := indent + n
	for at < len(text) && text[at] == ' ' {
		at++
	}
	empty := at == len(text) || text[at] == '#'
	if empty {
		top.open = true
	}
	if top.role == other {
		if empty {
			return true
		}
		_, _, ok = p.value(text, at, indent)
		return ok
	}
	return p.named(top, name, text, at, indent, line, empty)
}

// named reads an entry of an object or of its metadata. Those that name the object must be simple.
func (p *plain) named(top *frame, name, text []byte, at, indent, line int, empty bool) bool {
	o := &p.objects[top.object]
	var into *[]byte
	switch string(name) {
	case "apiVersion", "kind":
		if top.role == itself {
			into = &o.Kind
			if name[0] == 'a' {
				into = &o.APIVersion
				o.Line, o.Column = line, at+1
			}
		}
	case "name", "namespace":
		if top.role == metadata {
			into = &o.Name
			if len(name) > 4 {
				into = &o.Namespace
			}
		}
	case "metadata", "items":
		if top.role == itself {
			return empty && top.part(o, name[0] == 'i')
		}
	}
	if into == nil {
		if empty {
			return true
		}
		_, _, ok := p.value(text, at, indent)
		return ok
	}
	if empty || *into != nil {
		return false
	}
	value, simple, ok := p.value(text, at, indent)
	*into = value
	if name[0] == 'a' {
		if o.Wide = len(value); text[at] == '"' || text[at] == '\'' {
			o.Wide += 2
		}
	}
	p.more = none // a second line of it would be refused, as it is no entry
	return ok && simple
}

// part opens the metadata or the items of an object, once.
func (f *frame) part(o *Head, isItems bool) bool {
	seen, child := &o.meta, metadata
	if isItems {
		seen, child = &o.items, items
	}
	if *seen {
		return false
	}
	*seen, f.child = true, child
	return true
}

// key reads the key of a map entry and returns how long it is with its colon. Only names without surprises are keys.
func key(text []byte) (name []byte, n int, ok bool) {
	if len(text) == 0 {
		return nil, 0, false
	}
	if quote := text[0]; quote == '"' || quote == '\'' {
		end := bytes.IndexByte(text[1:min(len(text), 300)], quote)
		if end < 0 {
			return nil, 0, false
		}
		name, n = text[1:1+end], end+2
		if bytes.IndexByte(name, '\\') >= 0 {
			return nil, 0, false
		}
	} else {
		if !keyByte(text[0]) || text[0] == '-' {
			return nil, 0, false
		}
		for n < len(text) && n < 300 && keyByte(text[n]) {
			n++
		}
		name = text[:n]
	}
	if n >= len(text) || text[n] != ':' || n+1 < len(text) && text[n+1] != ' ' {
		return nil, 0, false
	}
	return name, n + 1, true
}

// keyByte reports whether a byte may stand in a plain key.
func keyByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-' || c == '.' || c == '/'
}

// value reads the value that starts at a column of a line, in a collection of the given indent. It returns the text of a
// scalar; simple is false for block scalars, collections and texts with escapes.
func (p *plain) value(text []byte, at, indent int) (value []byte, simple, ok bool) {
	rest := text[at:]
	switch c := rest[0]; c {
	case '|', '>':
		rest = rest[1:]
		if len(rest) > 0 && (rest[0] == '-' || rest[0] == '+') {
			rest = rest[1:]
		}
		p.scalar, p.body, p.blank = indent, -1, 0
		return nil, false, p.end(rest)
	case '"', '\'':
		n, escaped := quoted(rest)
		if n == 0 {
			return nil, false, false
		}
		return rest[1 : n-1], !escaped, p.end(rest[n:])
	case '[', '{':
		n := flow(rest, 0)
		return nil, false, n > 0 && p.end(rest[n:])
	default:
		return p.word(rest, indent)
	}
}

// end reports whether nothing but a comment follows a value.
func (p *plain) end(rest []byte) bool {
	trimmed := bytes.TrimLeft(rest, " ")
	return len(trimmed) == 0 || trimmed[0] == '#' && len(trimmed) < len(rest)
}

// word reads a plain scalar, which more lines may follow.
func (p *plain) word(rest []byte, indent int) (value []byte, simple, ok bool) {
	if bytes.IndexByte([]byte("?:,]}#&*!%@`"), rest[0]) >= 0 || isDash(rest) {
		return nil, false, false
	}
	p.more = indent
	if i := bytes.Index(rest, []byte(" #")); i >= 0 {
		rest, p.more = rest[:i], none
	}
	rest = bytes.TrimRight(rest, " ")
	if bytes.Contains(rest, []byte(": ")) || rest[len(rest)-1] == ':' {
		return nil, false, false
	}
	return rest, true, true
}

// quoted returns the length of the quoted scalar that a text starts with, 0 when it is not one of this line.
func quoted(text []byte) (n int, escaped bool) {
	quote := text[0]
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == quote && quote == '\'' && i+1 < len(text) && text[i+1] == quote:
			escaped = true
			i++
		case text[i] == quote:
			return i + 1, escaped
		case text[i] == '\\' && quote == '"':
			escaped = true
			i++
			if i == len(text) || bytes.IndexByte([]byte(`"\nrt`), text[i]) < 0 { // the parser refuses \/
				return 0, false
			}
		}
	}
	return 0, false
}

// flow returns the length of the flow collection that a text starts with, 0 when it is not a simple one of this line.
func flow(text []byte, depth int) int {
	open := text[0]
	end := byte(']')
	if open == '{' {
		end = '}'
	}
	var names [16][]byte // of its keys
	i := spaces(text, 1)
	if i < len(text) && text[i] == end {
		return i + 1
	}
	for count := 0; i < len(text) && depth < 10; count++ {
		if open == '{' {
			name, n, ok := key(text[i:])
			if !ok || count == len(names) || slices.ContainsFunc(names[:count], func(k []byte) bool { return bytes.Equal(k, name) }) {
				return 0
			}
			names[count] = name
			i = spaces(text, i+n)
		}
		n := flowValue(text, i, depth)
		if n == 0 {
			return 0
		}
		i = spaces(text, i+n)
		if i == len(text) {
			return 0
		}
		if text[i] == end {
			return i + 1
		}
		if text[i] != ',' {
			return 0
		}
		i = spaces(text, i+1)
	}
	return 0
}

func flowValue(text []byte, at, depth int) int {
	if at >= len(text) {
		return 0
	}
	switch c := text[at]; {
	case c == '"' || c == '\'':
		n, _ := quoted(text[at:])
		return n
	case c == '[' || c == '{':
		return flow(text[at:], depth+1)
	case c == '-' || !keyByte(c):
		return 0
	}
	n := 0
	for at+n < len(text) && keyByte(text[at+n]) {
		n++
	}
	if at+n < len(text) && bytes.IndexByte([]byte(" ,]}"), text[at+n]) < 0 {
		return 0
	}
	return n
}

func spaces(text []byte, i int) int {
	for i < len(text) && text[i] == ' ' {
		i++
	}
	return i
}
