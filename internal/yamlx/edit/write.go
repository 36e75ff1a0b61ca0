package edit

import (
	"bytes"
	"strings"
)

// writer puts a changed tree out. What did not change is copied from the text, moved to another column where the value
// was, so that comments, order, quotes and line ends stay as they are.
type writer struct {
	src     []byte
	out     bytes.Buffer
	newline string
	indent  string // one column of indentation: a space, or a tab in JSON that is indented by tabs
	step    int    // columns by which a level is indented
	quoted  bool   // keys and texts are quoted, as in JSON
	compact bool   // no space behind colons and commas, as in minified JSON
}

// newWriter finds out how a document is laid out.
func newWriter(src []byte, root *Node) *writer {
	w := &writer{src: src, newline: "\n", indent: " ", step: 2}
	if i := bytes.IndexByte(src, '\n'); i > 0 && src[i-1] == '\r' {
		w.newline = "\r\n"
	}
	if bytes.Contains(src, []byte("\n\t")) && root.Flow {
		w.indent, w.step = "\t", 1
	}
	if root.Kind == Mapping && len(root.Entries) > 0 {
		e := root.Entries[0]
		w.quoted = root.Flow && e.Key.style == '"'
		w.compact = root.Flow && e.mid.to-e.mid.from == 1
	}
	w.findStep(root)
	return w
}

// findStep takes the indentation of the first mapping that stands below the key of another one.
func (w *writer) findStep(n *Node) bool {
	for _, e := range n.All() {
		v := e.Value
		if v == nil || v.Kind != Mapping && v.Kind != Sequence || len(v.All()) == 0 {
			continue
		}
		by := 0
		if first := v.Entries; v.Kind == Mapping && bytes.IndexByte(w.src[e.mid.from:first[0].Key.at.from], '\n') >= 0 {
			by = first[0].Key.at.from - bytes.LastIndexByte(w.src[:first[0].Key.at.from], '\n') - 1 - e.column
		}
		if e.Key != nil && by > 0 && by <= 8 {
			w.step = by
			return true
		}
		if w.findStep(v) {
			return true
		}
	}
	return false
}

func (w *writer) pad(column int) string { return strings.Repeat(w.indent, max(0, column)) }

// copy writes a piece of the text, its lines but the first moved by some columns.
func (w *writer) copy(s span, by int) { w.out.WriteString(w.moved(s, by)) }

func (w *writer) moved(s span, by int) string {
	piece := string(w.src[s.from:s.to])
	if by == 0 || !strings.Contains(piece, "\n") {
		return piece
	}
	lines := strings.SplitAfter(piece, "\n")
	for i, line := range lines[1:] {
		blank := strings.TrimRight(line, "\r\n") == "" && i+2 < len(lines)
		switch {
		case blank:
		case by > 0:
			lines[i+1] = w.pad(by) + line
		default:
			cut := 0
			for cut < -by && cut < len(line) && (line[cut] == ' ' || line[cut] == '\t') {
				cut++
			}
			lines[i+1] = line[cut:]
		}
	}
	return strings.Join(lines, "")
}

// value writes a value whose text moves by some columns. column is that of the line it belongs to, for new collections.
func (w *writer) value(n *Node, column, by int, flow bool) {
	switch {
	case n.New && n.Kind == Scalar:
		w.out.WriteString(w.scalar(n, n.style))
	case n.New:
		w.fresh(n, column, flow)
	case !n.Altered():
		w.copy(span{n.at.from, n.tail}, by)
	case n.Kind == Scalar:
		w.copy(span{n.at.from, n.props}, by)
		w.out.WriteString(w.scalar(n, n.style))
		w.copy(span{n.at.to, n.tail}, by)
	case n.Kind == Alias:
		w.copy(span{n.at.from, n.tail}, by)
	case n.Flow:
		w.copy(span{n.at.from, n.props + 1}, by)
		w.flowEntries(n, w.flowColumn(n)+by, by, n.multi(w))
		w.copy(span{n.close.from, n.tail}, by)
	default:
		w.copy(span{n.at.from, n.props}, by)
		w.blockEntries(n, n.column+by)
	}
}

// fresh writes a new collection.
func (w *writer) fresh(n *Node, column int, flow bool) {
	brackets := "{}"
	if n.Kind == Sequence {
		brackets = "[]"
	}
	if len(n.All()) == 0 {
		w.out.WriteString(brackets)
		return
	}
	if !flow && !n.Flow {
		w.blockEntries(n, column)
		return
	}
	w.out.WriteByte(brackets[0])
	multi := n.multi(w)
	if multi {
		w.out.WriteString(w.newline + w.pad(column+w.step))
	}
	w.flowEntries(n, column+w.step, 0, multi)
	if multi {
		w.out.WriteString(w.newline + w.pad(column))
	}
	w.out.WriteByte(brackets[1])
}

// stacked reports whether each entry of a flow collection stands on a line of its own, so that a new one does too.
func (n *Node) stacked(w *writer) bool {
	for _, e := range n.All() {
		if !e.New && !e.first && bytes.IndexByte(w.src[e.lead.from:e.lead.to], '\n') < 0 {
			return false
		}
	}
	return true
}

// multi reports whether the entries of a flow collection stand on lines of their own.
func (n *Node) multi(w *writer) bool {
	for _, e := range n.All() {
		if !e.New && bytes.IndexByte(w.src[e.lead.from:e.lead.to], '\n') >= 0 || e.New && e.Value != nil && e.Value.New && e.Value.multi(w) {
			return true
		}
	}
	return false
}

// scalar is the text of a scalar that is not in the document.
func (w *writer) scalar(n *Node, style byte) string {
	s := n.Value
	switch {
	case n.Tag != "!!str" || n.plain:
		return s
	case style == '\'':
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	case style == '"' || w.quoted || !isPlain(s):
		return quote(s)
	}
	return s
}

// key writes the key of an entry.
func (w *writer) key(e *Entry) {
	switch {
	case e.Key.New:
		w.out.WriteString(w.scalar(e.Key, e.Key.style))
	case e.Key.Changed:
		w.copy(span{e.Key.at.from, e.Key.props}, 0)
		w.out.WriteString(w.scalar(e.Key, e.Key.style))
	default:
		w.copy(e.Key.at, 0)
	}
}
