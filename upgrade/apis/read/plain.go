package read

import "bytes"

// plain reads documents of plain YAML: block maps and sequences, one-line scalars, block scalars and simple flow
// collections, in ASCII, without anchors, tags or complex keys. It accepts a document only if that is certainly valid
// YAML, so that one that it accepts needs no parser; FuzzPlain holds it to that. Its memory is reused.
type plain struct {
	frames  []frame
	keys    [][]byte // of the open maps, those of inner ones behind those of outer ones
	objects Heads
	scalar  int // the indent that the block scalar being read must exceed; -2 outside of one
	body    int // the indent of its text; -1 before its first line
	blank   int // the longest line of spaces before its first line
	more    int // the indent that a continuation of the plain scalar above must exceed; -2 where none may follow
}

// frame is an open block collection.
type frame struct {
	indent int
	seq    bool
	open   bool            // the key or dash above has no value yet
	role   role            // of the collection
	child  role            // of the value that is open
	object int             // the object that the collection belongs to
	keys   int             // where its keys begin in those of all open maps
	bits   uint64          // a bit for each of its keys, so that most need not be compared
	many   map[string]bool // its keys once there are many
}

// role is what a collection means to an object.
type role uint8

const (
	other    role = iota
	itself        // the object itself
	metadata      // its metadata
	items         // its items
)

const none = -2

// read scans a document whose first line has the number line. ok is false when the document has to be parsed.
func (p *plain) read(doc []byte, line int) (found Heads, ok bool) {
	p.frames, p.objects, p.keys = p.frames[:0], p.objects[:0], p.keys[:0]
	p.scalar, p.more = none, none
	if !clean(doc) {
		return nil, false
	}
	for first := true; len(doc) > 0; line++ {
		end := bytes.IndexByte(doc, '\n')
		text := doc
		if end < 0 {
			doc = nil
		} else {
			text, doc = doc[:end], doc[end+1:]
		}
		if n := len(text); n > 0 && text[n-1] == '\r' {
			text = text[:n-1]
		}
		if first {
			first = false
			if bytes.HasPrefix(text, []byte("---")) {
				if rest := text[3:]; !p.end(rest) {
					return nil, false
				}
				continue
			}
		}
		if !p.line(text, line) {
			return nil, false
		}
	}
	return p.objects, true
}

// clean reports whether a document has only characters that need no thought: printable ASCII, tabs and line ends.
func clean(doc []byte) bool {
	for i, c := range doc {
		if c >= 0x20 && c < 0x7f || c == '\n' || c == '\t' {
			continue
		}
		if c != '\r' || i+1 < len(doc) && doc[i+1] != '\n' {
			return false
		}
	}
	return true
}

// line reads one line.
func (p *plain) line(text []byte, line int) bool {
	indent := 0
	for indent < len(text) && text[indent] == ' ' {
		indent++
	}
	if p.scalar != none {
		if done, ok := p.inScalar(text, indent); done || !ok {
			return ok
		}
	}
	if indent == len(text) {
		return true
	}
	if text[indent] == '#' {
		p.more = none
		return true
	}
	if bytes.IndexByte(text, '\t') >= 0 {
		return false
	}
	if p.more != none && indent > p.more {
		return continuation(text[indent:])
	}
	p.more = none
	return p.content(text, indent, line)
}

// inScalar reads a line of a block scalar. done is false when the line stands behind it.
func (p *plain) inScalar(text []byte, indent int) (done, ok bool) {
	if indent == len(text) {
		if p.body < 0 {
			p.blank = max(p.blank, indent)
		}
		return true, true
	}
	if indent <= p.scalar {
		p.scalar = none
		return false, true
	}
	if p.body < 0 {
		if p.blank > indent || text[indent] == '\t' {
			return true, false
		}
		p.body = indent
	}
	return true, indent >= p.body
}

// continuation reports whether a line may go on with the plain scalar above it.
func continuation(text []byte) bool {
	return !bytes.Contains(text, []byte(": ")) && !bytes.Contains(text, []byte(" #")) && text[len(text)-1] != ':'
}

// content reads a line that holds a map entry or a dash, after closing the collections that end before it.
func (p *plain) content(text []byte, indent, line int) bool {
	dash := isDash(text[indent:])
	for len(p.frames) > 0 {
		top := p.top()
		if top.indent < indent || top.indent == indent && (!top.seq || dash) {
			break
		}
		p.keys = p.keys[:top.keys]
		p.frames = p.frames[:len(p.frames)-1]
	}
	if len(p.frames) == 0 {
		if indent != 0 || dash || len(p.objects) > 0 {
			return false
		}
		p.push(0, false, itself, p.object(-1, line, 1))
		return p.entry(text, 0, line)
	}
	top := p.top()
	switch {
	case top.indent == indent && top.seq == dash:
	case top.open && (top.indent < indent || dash && !top.seq):
		top.open = false
		if !p.follows(top.child, dash) {
			return false
		}
		p.nest(top.child, top.object, indent, dash, line)
	default:
		return false
	}
	if dash {
		return p.dash(text, indent, line)
	}
	return p.entry(text, indent, line)
}

// follows reports whether a collection below may be read here: the parser bounds lists in lists, and reads items of sequences in sequences.
func (p *plain) follows(r role, seq bool) bool {
	return (r == other || len(p.frames) <= MaxDepth/2) && !(r == itself && seq)
}

// isDash reports whether a text starts a sequence element.
func isDash(text []byte) bool { return text[0] == '-' && (len(text) == 1 || text[1] == ' ') }

func (p *plain) top() *frame { return &p.frames[len(p.frames)-1] }

func (p *plain) push(indent int, seq bool, r role, object int) {
	p.frames = append(p.frames, frame{indent: indent, seq: seq, role: r, object: object, keys: len(p.keys)})
}

// nest opens the collection that is the value of a key or of a dash. A map among items is an object of its own.
func (p *plain) nest(r role, of, indent int, seq bool, line int) {
	switch {
	case seq && r != items, !seq && r == items:
		r = other
	case !seq && r == itself:
		of = p.object(of, line, indent+1)
	}
	p.push(indent, seq, r, of)
}

// object notes an object that starts at a place.
func (p *plain) object(parent, line, column int) int {
	p.objects = append(p.objects, Head{parent: parent, Line: line, Column: column})
	if parent >= 0 {
		p.objects[parent].items = true
	}
	return len(p.objects) - 1
}

// dash reads a sequence element.
func (p *plain) dash(text []byte, indent, line int) bool {
	top := p.top()
	top.open, top.child = false, other
	if top.role == items {
		top.child = itself
	}
	if top.child != other && len(p.frames) > MaxDepth/2 {
		return false
	}
	at := indent + 1
	for at < len(text) && text[at] == ' ' {
		at++
	}
	if at == len(text) || text[at] == '#' {
		top.open = true
		return true
	}
	if isDash(text[at:]) {
		if !p.follows(top.child, true) {
			return false
		}
		p.nest(top.child, top.object, at, true, line)
		return p.dash(text, at, line)
	}
	if _, _, ok := key(text[at:]); ok {
		p.nest(top.child, top.object, at, false, line)
		return p.entry(text, at, line)
	}
	if top.child != other && (text[at] == '{' || text[at] == '[') {
		return false // an object in flow style
	}
	_, _, ok := p.value(text, at, indent)
	return ok
}
