package fix

import "slices"

// kind is what a value is.
type kind uint8

const (
	scalar kind = iota
	mapping
	sequence
	alias
)

// span is a piece of the text, from one offset up to another.
type span struct{ from, to int }

// node is a value of a document. One that stands in the text knows where; one that a rule made does not (new). A block
// collection reaches to the end of its last line, so that a comment there belongs to what it stands behind; so does a
// scalar or flow collection by its tail.
type node struct {
	kind    kind
	flow    bool // written in brackets; never for new nodes, which take the style of what is around them
	new     bool
	changed bool
	anchor  string // its own anchor, or the one that an alias names
	tag     string // of a scalar: !!str, !!int, …
	value   string // of a scalar
	style   byte   // of a scalar: the character it starts with when quoted or a block, 0 when plain
	at      span
	props   int // where the text behind anchor and tag begins
	tail    int // where the comment behind it on the same line ends
	column  int // of the keys or dashes of a block collection, of the bracket of a flow one
	entries []*entry
	items   []*entry // of a sequence: entries without a key
	open    span     // of a flow collection: from behind its bracket to the first entry
	close   span     // of a flow collection: from behind the last entry to the closing bracket
}

// entry is a key with its value, or an item of a sequence.
type entry struct {
	key    *node // nil for an item
	value  *node
	new    bool
	gone   bool // taken out; its comments stay
	first  bool // it stood first in its collection
	moved  bool // its value is another than the one that stood here
	led    bool // what stands before it is written already
	lead   span // from the end of the entry before to its start
	mid    span // from behind its key or dash to its value
	column int  // of its key
}

// text makes a new scalar, quoted where YAML would read the text as something else.
func text(s string) *node { return &node{kind: scalar, new: true, tag: "!!str", value: s} }

// literal makes a new scalar that is no text, such as a number.
func literal(tag, s string) *node { return &node{kind: scalar, new: true, tag: tag, value: s} }

// newMap makes a new mapping.
func newMap(entries ...*entry) *node { return &node{kind: mapping, new: true, entries: entries} }

// field makes a new entry.
func field(key string, value *node) *entry { return &entry{key: text(key), value: value, new: true} }

// find returns the entry of a key, nil when there is none, and the last of them when the key is written twice.
func (n *node) find(key string) *entry {
	if n == nil || n.kind != mapping {
		return nil
	}
	for _, e := range slices.Backward(n.entries) {
		if !e.gone && e.key.value == key && e.key.kind == scalar {
			return e
		}
	}
	return nil
}

// get follows keys; nil when one is missing.
func (n *node) get(keys ...string) *node {
	for _, k := range keys {
		e := n.find(k)
		if e == nil {
			return nil
		}
		n = e.value
	}
	return n
}

// str is the text of a scalar, "" for anything else and for null.
func (n *node) str() string {
	if n == nil || n.kind != scalar || n.tag == "!!null" {
		return ""
	}
	return n.value
}

// null reports whether a value is missing or null.
func (n *node) null() bool { return n == nil || n.kind == scalar && n.tag == "!!null" }

// list returns the values of a sequence.
func (n *node) list() []*node {
	var out []*node
	if n != nil {
		for _, e := range n.items {
			out = append(out, e.value)
		}
	}
	return out
}

// set gives a scalar another text.
func (n *node) set(s string) { n.value, n.changed = s, true }

// rename gives an entry another key.
func (e *entry) rename(key string) { e.key.set(key) }

// replace gives an entry another value.
func (e *entry) replace(v *node) { e.value, e.moved = v, true }

// add puts a new entry behind another one, or at the end when that is nil.
func (n *node) add(key string, value *node, after *entry) {
	at := slices.Index(n.entries, after) + 1
	if at == 0 {
		at = len(n.entries)
	}
	n.entries, n.changed = slices.Insert(n.entries, at, field(key, value)), true
}

// before puts a new entry in front of another one.
func (n *node) before(key string, value *node, next *entry) {
	n.entries = slices.Insert(n.entries, max(0, slices.Index(n.entries, next)), field(key, value))
	n.changed = true
}

// drop takes an entry out. Its comments stay where it was.
func (n *node) drop(e *entry) {
	if e != nil {
		e.gone, n.changed = true, true
	}
}

// nest moves entries into a new mapping under a new key, which takes the place of the first of them.
func (n *node) nest(key string, moving ...*entry) *node {
	inner := newMap()
	at := len(n.entries)
	for i, e := range n.entries {
		if slices.Contains(moving, e) {
			at = min(at, i)
			inner.entries = append(inner.entries, e)
		}
	}
	n.entries = slices.DeleteFunc(n.entries, func(e *entry) bool { return slices.Contains(moving, e) })
	n.entries = slices.Insert(n.entries, min(at, len(n.entries)), field(key, inner))
	n.changed = true
	return inner
}

// lift puts the entries of a mapping in the place of the entry that holds it.
func (n *node) lift(e *entry) {
	at := slices.Index(n.entries, e)
	inner := e.value.entries
	e.gone, e.value, e.moved = true, nil, true
	n.entries, n.changed = slices.Insert(n.entries, at+1, inner...), true
}

// altered reports whether anything in a value differs from the text.
func (n *node) altered() bool {
	if n == nil || n.new || n.changed {
		return true
	}
	for _, e := range n.all() {
		if e.new || e.gone || e.moved || e.key != nil && e.key.changed || e.value.altered() {
			return true
		}
	}
	return false
}

func (n *node) all() []*entry {
	if n.kind == mapping {
		return n.entries
	}
	return n.items
}

// clone copies a value, its places in the text included, so that it can stand at several places or be put back.
func (n *node) clone() *node {
	if n == nil {
		return nil
	}
	c := *n
	c.entries, c.items = cloneEntries(n.entries), cloneEntries(n.items)
	return &c
}

func cloneEntries(entries []*entry) []*entry {
	if entries == nil {
		return nil
	}
	out := make([]*entry, len(entries))
	for i, e := range entries {
		c := *e
		c.key, c.value = e.key.clone(), e.value.clone()
		out[i] = &c
	}
	return out
}
