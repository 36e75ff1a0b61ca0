package edit

import "slices"

// Kind is what a value is.
type Kind uint8

// The kinds.
const (
	Scalar Kind = iota
	Mapping
	Sequence
	Alias
)

// span is a piece of the text, from one offset up to another.
type span struct{ from, to int }

// Node is a value of a document. One that stands in the text knows where; one that a rule made does not (new). A block
// collection reaches to the end of its last line, so that a comment there belongs to what it stands behind; so does a
// scalar or flow collection by its tail.
type Node struct {
	Kind    Kind
	Flow    bool // written in brackets; new nodes take the style of what is around them unless InFlow says so
	New     bool
	Changed bool
	Anchor  string // its own anchor, or the one that an alias names
	Tag     string // of a scalar: !!str, !!int, …
	Value   string // of a scalar
	plain   bool   // of a new scalar: it is written without quotes
	style   byte   // of a scalar: the character it starts with when quoted or a block, 0 when plain
	at      span
	props   int // where the text behind anchor and tag begins
	tail    int // where the comment behind it on the same line ends
	column  int // of the keys or dashes of a block collection, of the bracket of a flow one
	Entries []*Entry
	Items   []*Entry // of a sequence: entries without a key
	open    span     // of a flow collection: from behind its bracket to the first entry
	close   span     // of a flow collection: from behind the last entry to the closing bracket
}

// Entry is a key with its value, or an item of a sequence.
type Entry struct {
	Key    *Node // nil for an item
	Value  *Node
	New    bool
	gone   bool  // taken out; its comments stay
	first  bool  // it stood first in its collection
	moved  bool  // its value is another than the one that stood here
	was    *Node // which is this one
	led    bool  // what stands before it is written already
	home   int   // where the collection that it was read from begins
	lead   span  // from the end of the entry before to its start
	mid    span  // from behind its key or dash to its value
	column int   // of its key
}

// Text makes a new scalar, quoted where YAML would read the text as something else.
func Text(s string) *Node { return &Node{Kind: Scalar, New: true, Tag: "!!str", Value: s} }

// Literal makes a new scalar that is no text, such as a number.
func Literal(tag, s string) *Node { return &Node{Kind: Scalar, New: true, Tag: tag, Value: s} }

// NewList makes a new sequence.
func NewList(values ...*Node) *Node {
	n := &Node{Kind: Sequence, New: true}
	for _, v := range values {
		n.Items = append(n.Items, &Entry{Value: v, New: true})
	}
	return n
}

// Quoted makes a new text in double quotes, whatever it is.
func Quoted(s string) *Node {
	return &Node{Kind: Scalar, New: true, Tag: "!!str", Value: s, style: '"'}
}

// Plain makes a new text that stands without quotes. What does not read as itself so is refused when it is written.
func Plain(s string) *Node {
	return &Node{Kind: Scalar, New: true, Tag: "!!str", Value: s, plain: true}
}

// InFlow makes a new collection one in brackets.
func (n *Node) InFlow() *Node {
	n.Flow = true
	return n
}

// NewMap makes a new mapping.
func NewMap(entries ...*Entry) *Node { return &Node{Kind: Mapping, New: true, Entries: entries} }

// Field makes a new entry.
func Field(key string, value *Node) *Entry { return &Entry{Key: Text(key), Value: value, New: true} }

// Find returns the entry of a key, nil when there is none, and the last of them when the key is written twice.
func (n *Node) Find(key string) *Entry {
	if n == nil || n.Kind != Mapping {
		return nil
	}
	for _, e := range slices.Backward(n.Entries) {
		if !e.gone && e.Key.Value == key && e.Key.Kind == Scalar {
			return e
		}
	}
	return nil
}

// Get follows keys; nil when one is missing.
func (n *Node) Get(keys ...string) *Node {
	for _, k := range keys {
		e := n.Find(k)
		if e == nil {
			return nil
		}
		n = e.Value
	}
	return n
}

// Str is the text of a scalar, "" for anything else and for null.
func (n *Node) Str() string {
	if n == nil || n.Kind != Scalar || n.Tag == "!!null" {
		return ""
	}
	return n.Value
}

// Null reports whether a value is missing or null.
func (n *Node) Null() bool { return n == nil || n.Kind == Scalar && n.Tag == "!!null" }

// List returns the values of a sequence.
func (n *Node) List() []*Node {
	var out []*Node
	if n != nil {
		for _, e := range n.Items {
			out = append(out, e.Value)
		}
	}
	return out
}

// Set gives a scalar another text.
func (n *Node) Set(s string) { n.Value, n.Changed = s, true }

// SetText gives a scalar a text, which is quoted where it would read as something else.
func (n *Node) SetText(s string) {
	n.Tag = "!!str"
	n.Set(s)
}

// Append puts a new item behind the others of a sequence.
func (n *Node) Append(v *Node) {
	n.Items, n.Changed = append(n.Items, &Entry{Value: v, New: true}), true
}

// Rename gives an entry another key.
func (e *Entry) Rename(key string) { e.Key.Set(key) }

// Replace gives an entry another value.
func (e *Entry) Replace(v *Node) {
	if !e.New && !e.moved {
		e.was = e.Value
	}
	e.Value, e.moved = v, true
}

// Add puts a new entry behind another one, or at the end when that is nil.
func (n *Node) Add(key string, value *Node, after *Entry) {
	at := slices.Index(n.Entries, after) + 1
	if at == 0 {
		at = len(n.Entries)
	}
	n.Entries, n.Changed = slices.Insert(n.Entries, at, Field(key, value)), true
}

// Before puts a new entry in front of another one.
func (n *Node) Before(key string, value *Node, next *Entry) {
	n.Entries = slices.Insert(n.Entries, max(0, slices.Index(n.Entries, next)), Field(key, value))
	n.Changed = true
}

// Drop takes an entry out. Its comments stay where it was.
func (n *Node) Drop(e *Entry) {
	if e != nil {
		e.gone, n.Changed = true, true
	}
}

// Nest moves entries into a new mapping under a new key, which takes the place of the first of them.
func (n *Node) Nest(key string, moving ...*Entry) *Node {
	inner := NewMap()
	at := len(n.Entries)
	for i, e := range n.Entries {
		if slices.Contains(moving, e) {
			at = min(at, i)
			inner.Entries = append(inner.Entries, e)
		}
	}
	n.Entries = slices.DeleteFunc(n.Entries, func(e *Entry) bool { return slices.Contains(moving, e) })
	n.Entries = slices.Insert(n.Entries, min(at, len(n.Entries)), Field(key, inner))
	n.Changed = true
	return inner
}

// Lift puts the entries of a mapping in the place of the entry that holds it.
func (n *Node) Lift(e *Entry) {
	at := slices.Index(n.Entries, e)
	inner := e.Value.Entries
	e.gone, e.Value, e.moved = true, nil, true
	n.Entries, n.Changed = slices.Insert(n.Entries, at+1, inner...), true
}

// Altered reports whether anything in a value differs from the text.
func (n *Node) Altered() bool {
	if n == nil || n.New || n.Changed {
		return true
	}
	for _, e := range n.All() {
		if e.New || e.gone || e.moved || e.Key != nil && e.Key.Changed || e.Value.Altered() {
			return true
		}
	}
	return false
}

// All is the entries of a mapping, or the items of a sequence.
func (n *Node) All() []*Entry {
	if n.Kind == Mapping {
		return n.Entries
	}
	return n.Items
}

// Clone copies a value, its places in the text included, so that it can stand at several places or be put back.
func (n *Node) Clone() *Node {
	if n == nil {
		return nil
	}
	c := *n
	c.Entries, c.Items = CloneEntries(n.Entries), CloneEntries(n.Items)
	return &c
}

// CloneEntries copies entries as Clone copies values.
func CloneEntries(entries []*Entry) []*Entry {
	if entries == nil {
		return nil
	}
	out := make([]*Entry, len(entries))
	for i, e := range entries {
		c := *e
		c.Key, c.Value = e.Key.Clone(), e.Value.Clone()
		out[i] = &c
	}
	return out
}

// Offset is where a value of the text begins in it.
func (n *Node) Offset() int { return n.at.from }
