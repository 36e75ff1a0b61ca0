package edit

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// reader makes nodes with places of a parsed document. The parser knows where a value starts; where it ends is read
// from the text. What it does not expect there is an error, and then the document is left alone.
type reader struct {
	src   []byte // of the document; the file may have more before it
	lines []int  // where each line starts
	first int    // the number of the first line
	depth int
	json  bool
}

func newReader(src []byte, line int) *reader {
	r := &reader{src: src, lines: []int{0}, first: line, json: isJSON(src)}
	for i, c := range src {
		if c == '\n' {
			r.lines = append(r.lines, i+1)
		}
	}
	return r
}

func (r *reader) unexpected(at int, format string, args ...any) error {
	line := 0
	for line+1 < len(r.lines) && r.lines[line+1] <= at {
		line++
	}
	return fmt.Errorf("line %d: %s", r.first+line, fmt.Sprintf(format, args...))
}

// offset turns the place that the parser gives, in characters, into bytes.
func (r *reader) offset(n *yaml.Node) (int, error) {
	line := n.Line - r.first
	if line < 0 || line >= len(r.lines) {
		return 0, fmt.Errorf("line %d is not in the document", n.Line)
	}
	at := r.lines[line]
	for range n.Column - 1 {
		_, size := utf8.DecodeRune(r.src[at:])
		if size == 0 {
			return 0, r.unexpected(at, "column %d is not in the line", n.Column)
		}
		at += size
	}
	return at, nil
}

const maxDepth = 500

// node reads a value. end is where the value before ended, for values that have no text. block says that lines matter,
// and parent is the column that the lines of a block scalar must exceed.
func (r *reader) node(y *yaml.Node, end, parent int, block bool) (*Node, error) {
	if r.depth++; r.depth > maxDepth {
		return nil, fmt.Errorf("line %d: nests too deep", y.Line)
	}
	defer func() { r.depth-- }()
	n := &Node{Anchor: y.Anchor, Tag: y.ShortTag(), Value: y.Value}
	if y.Kind == yaml.ScalarNode && y.Value == "" && y.Style == 0 && y.Tag == "!!null" && y.Anchor == "" {
		n.at, n.props = span{end, end}, end
		r.tail(n, block)
		return n, nil
	}
	at, err := r.offset(y)
	if err != nil {
		return nil, err
	}
	if at < end {
		return nil, r.unexpected(at, "a value is not where it is expected")
	}
	n.at.from = at
	n.props = r.properties(at, y)
	switch y.Kind {
	case yaml.AliasNode:
		n.Kind, n.Anchor = Alias, y.Value
		n.at.to = n.props + 1 + len(y.Value)
	case yaml.ScalarNode:
		err = r.scalar(n, y, parent)
	case yaml.MappingNode:
		n.Kind = Mapping
		err = r.collection(n, y, block)
	case yaml.SequenceNode:
		n.Kind = Sequence
		err = r.collection(n, y, block)
	default:
		err = r.unexpected(at, "a value of an unknown kind")
	}
	if err == nil && n.at.to > len(r.src) {
		err = r.unexpected(at, "a value reaches beyond the document")
	}
	if err != nil {
		return nil, err
	}
	r.tail(n, block)
	return n, nil
}

// properties returns where the text behind the anchor and tag of a value begins.
func (r *reader) properties(at int, y *yaml.Node) int {
	if y.Anchor == "" && y.Style&yaml.TaggedStyle == 0 {
		return at
	}
	for at < len(r.src) && (r.src[at] == '&' || r.src[at] == '!') {
		for at < len(r.src) && !strings.ContainsRune(" \t\r\n,[]{}", rune(r.src[at])) {
			at++
		}
		next := r.skip(at)
		if plain := y.Kind == yaml.ScalarNode && y.Value == "" && y.Style&^yaml.TaggedStyle == 0; plain &&
			(next >= len(r.src) || r.src[next] != '&' && r.src[next] != '!') {
			return at // nothing follows that belongs to it
		}
		at = next
	}
	return at
}

// skip passes white space, line ends and comments.
func (r *reader) skip(at int) int {
	for at < len(r.src) {
		switch c := r.src[at]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			at++
		case c == '#' && (at == 0 || strings.IndexByte(" \t\r\n", r.src[at-1]) >= 0):
			at = r.lineEnd(at)
		default:
			return at
		}
	}
	return at
}

// lineEnd is where the line that has an offset ends, before its line break.
func (r *reader) lineEnd(at int) int {
	i := bytes.IndexByte(r.src[at:], '\n')
	if i < 0 {
		return len(r.src)
	}
	if i > 0 && r.src[at+i-1] == '\r' {
		i--
	}
	return at + i
}

// tail finds the comment behind a value.
func (r *reader) tail(n *Node, block bool) {
	n.tail = n.at.to
	if !block || n.Kind == Scalar && (n.style == '|' || n.style == '>') || (n.Kind == Mapping || n.Kind == Sequence) && !n.Flow {
		return
	}
	end := r.lineEnd(n.at.to)
	rest := bytes.TrimLeft(r.src[n.at.to:end], " \t")
	if len(rest) == 0 || rest[0] == '#' && (len(rest) < end-n.at.to || n.at.from == n.at.to) {
		n.tail = end
	}
}

// collection reads a mapping or sequence.
func (r *reader) collection(n *Node, y *yaml.Node, block bool) error {
	at := n.props
	if at < len(r.src) && (r.src[at] == '{' && n.Kind == Mapping || r.src[at] == '[' && n.Kind == Sequence) {
		n.Flow = true
		return r.brackets(n, y)
	}
	if !block || y.Style&yaml.FlowStyle != 0 || len(y.Content) == 0 {
		return r.unexpected(at, "a short form of a mapping that fix does not rewrite")
	}
	n.column = at - r.lineStart(at)
	var err error
	end := at
	step := 2
	if n.Kind == Sequence {
		step = 1
	}
	for i := 0; i < len(y.Content); i += step {
		e := &Entry{first: i == 0, column: n.column, lead: span{end, end}, home: n.at.from}
		if n.Kind == Mapping {
			err = r.blockEntry(n, e, y.Content[i], y.Content[i+1], end)
			n.Entries = append(n.Entries, e)
		} else {
			err = r.blockItem(n, e, y.Content[i], end)
			n.Items = append(n.Items, e)
		}
		if err != nil {
			return err
		}
		end = e.Value.tail
	}
	n.at.to = end
	return nil
}

func (r *reader) lineStart(at int) int { return bytes.LastIndexByte(r.src[:at], '\n') + 1 }

func (r *reader) blockEntry(n *Node, e *Entry, key, value *yaml.Node, end int) (err error) {
	if e.Key, err = r.key(key, end, n.column); err != nil {
		return err
	}
	if e.Key.at.from-r.lineStart(e.Key.at.from) != n.column {
		return r.unexpected(e.Key.at.from, "a key that is not under the others")
	}
	e.lead = span{end, e.Key.at.from}
	colon, err := r.colon(e.Key)
	if err != nil {
		return err
	}
	if e.Value, err = r.node(value, colon, n.column, true); err != nil {
		return err
	}
	e.mid = span{e.Key.at.to, e.Value.at.from}
	return nil
}

func (r *reader) key(y *yaml.Node, end, parent int) (*Node, error) {
	k, err := r.node(y, end, parent, false)
	if err == nil && (k.Kind != Scalar || k.style == '|' || k.style == '>' || k.at.to == k.at.from) {
		err = r.unexpected(k.at.from, "a key that is not a text")
	}
	return k, err
}

// colon returns where the text behind the colon of a key begins.
func (r *reader) colon(k *Node) (int, error) {
	at := k.at.to
	for at < len(r.src) && (r.src[at] == ' ' || r.src[at] == '\t') {
		at++
	}
	if at == len(r.src) || r.src[at] != ':' {
		return 0, r.unexpected(k.at.from, "a key that is not followed by a colon")
	}
	return at + 1, nil
}

func (r *reader) blockItem(n *Node, e *Entry, value *yaml.Node, end int) (err error) {
	dash := end
	if !e.first {
		dash = r.skip(end)
	}
	if dash >= len(r.src) || r.src[dash] != '-' || dash-r.lineStart(dash) != n.column {
		return r.unexpected(min(dash, len(r.src)-1), "an item that does not start with a dash under the others")
	}
	e.lead = span{end, dash}
	if e.Value, err = r.node(value, dash+1, n.column, true); err != nil {
		return err
	}
	e.mid = span{dash + 1, e.Value.at.from}
	return nil
}
