package edit

import (
	"bytes"
	"strings"
)

// source is the entry of the text that comes first in an entry: the entry itself, or the first one in its new value.
func (e *Entry) source() *Entry {
	for e.New {
		if e.Value == nil || !e.Value.New || len(e.Value.All()) == 0 {
			return nil
		}
		e = e.Value.All()[0]
	}
	return e
}

// blockEntries writes the entries of a block collection, each on its line, in a column. The first one starts where the
// writer stands.
func (w *writer) blockEntries(n *Node, column int) {
	began := false
	for _, e := range n.All() {
		if e.gone {
			began = w.comments(e, column, began) || began
			continue
		}
		w.blockLead(e, column, began)
		began = true
		by := 0
		if !e.New {
			by = column - e.column
		}
		if n.Kind == Sequence {
			w.out.WriteString("-")
		} else {
			w.key(e)
		}
		switch {
		case !e.New && !e.moved:
			w.copy(e.mid, by)
			w.value(e.Value, column+w.step, by, false)
		case n.Kind == Sequence:
			w.out.WriteString(" ")
			w.value(e.Value, column+2, column+2-e.Value.column, false)
		default:
			w.out.WriteString(":")
			w.blockValue(e.Value, column, w.trailing(e.was))
		}
	}
}

// blockLead writes what stands before an entry.
func (w *writer) blockLead(e *Entry, column int, began bool) {
	src := e.source()
	lead := ""
	if src != nil && !src.first && !src.led {
		lead = w.moved(src.lead, column-src.column)
		src.led = true
	}
	switch {
	case began && lead != "" && strings.Contains(lead, "\n"):
		w.out.WriteString(lead)
	case began:
		w.out.WriteString(w.newline + w.pad(column))
	default:
		for line := range strings.Lines(lead) {
			if c := strings.TrimSpace(line); c != "" {
				w.out.WriteString(c + w.newline + w.pad(column))
			}
		}
	}
}

// comments writes the comments of an entry that is gone, on lines of their own.
func (w *writer) comments(e *Entry, column int, began bool) bool {
	pieces := []span{e.mid}
	if !e.first && !e.led {
		pieces = append([]span{e.lead}, pieces...)
	}
	if e.Value != nil {
		pieces = append(pieces, e.Value.gaps()...)
	}
	wrote := false
	for _, p := range pieces {
		for line := range bytes.Lines(w.src[p.from:p.to]) {
			i := bytes.IndexByte(line, '#')
			if i < 0 {
				continue
			}
			if began || wrote {
				w.out.WriteString(w.newline + w.pad(column))
			}
			w.out.Write(bytes.TrimRight(line[i:], " \t\r\n"))
			wrote = true
		}
	}
	return wrote
}

// gaps are the places in a value where comments may stand.
func (n *Node) gaps() []span {
	var out []span
	for _, e := range n.All() {
		if !e.first {
			out = append(out, e.lead)
		}
		if e.Value != nil {
			out = append(append(out, e.mid), e.Value.gaps()...)
		}
	}
	if n.Flow {
		out = append(out, n.open, n.close)
	}
	return append(out, span{n.at.to, max(n.at.to, n.tail)})
}

// trailing is the comment behind a value that was nothing or an empty collection, with a space before it.
func (w *writer) trailing(n *Node) string {
	if n == nil || n.tail <= n.at.to || n.Kind == Alias || n.Kind == Scalar && n.at.to > n.at.from || len(n.All()) > 0 {
		return ""
	}
	if c := strings.TrimSpace(string(w.src[n.at.to:n.tail])); c != "" {
		return " " + c
	}
	return ""
}

// blockValue writes the value of a new entry, or of one that got another value, behind its colon, with the comment that stood behind the
// old one.
func (w *writer) blockValue(n *Node, column int, comment string) {
	switch {
	case n.Kind == Scalar || n.Kind == Alias || n.Flow || len(n.All()) == 0:
		if n.New || n.at.to > n.at.from {
			w.out.WriteString(" ")
		}
		w.value(n, column, column-n.column, false)
		w.out.WriteString(comment)
	default:
		to := column + w.step
		w.out.WriteString(comment + w.newline + w.pad(to))
		w.value(n, to, to-n.column, false)
	}
}

// flowEntries writes the entries of a flow collection. Those on lines of their own stand in a column; the text of others
// moves by some columns.
func (w *writer) flowEntries(n *Node, column, by int, multi bool) {
	between := ", "
	switch {
	case multi && n.stacked(w):
		between = "," + w.newline + w.pad(column)
	case w.compact:
		between = ","
	}
	began := false
	for _, e := range n.All() {
		if e.gone {
			continue
		}
		src := e.source()
		shift := by
		if src != nil && multi && (n.New || e.New || e.home != n.at.from) { // it comes from elsewhere
			shift = column - src.column
		}
		switch {
		case !began && !n.New:
			w.copy(n.open, by)
		case !began:
		case src != nil && !src.first && !src.led:
			w.copy(src.lead, shift)
		default:
			w.out.WriteString(between)
		}
		if src != nil {
			src.led = true
		}
		began = true
		w.flowEntry(n, e, column, shift)
	}
}

// flowColumn is the column in which the entries of a collection of the text stand, where they have lines of their own.
func (w *writer) flowColumn(n *Node) int {
	for _, e := range n.All() {
		if s := e.source(); s != nil && bytes.IndexByte(w.src[s.lead.from:s.lead.to], '\n') >= 0 {
			return s.column
		}
	}
	return n.column
}

func (w *writer) flowEntry(n *Node, e *Entry, column, by int) {
	if n.Kind == Mapping {
		w.key(e)
	}
	switch {
	case !e.New && !e.moved:
		w.copy(e.mid, by)
	case n.Kind == Sequence:
	case w.compact:
		w.out.WriteString(":")
	default:
		w.out.WriteString(": ")
	}
	w.value(e.Value, column, by, true)
}
