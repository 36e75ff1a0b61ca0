package fix

import (
	"bytes"
	"strings"
)

// source is the entry of the text that comes first in an entry: the entry itself, or the first one in its new value.
func (e *entry) source() *entry {
	for e.new {
		if e.value == nil || !e.value.new || len(e.value.all()) == 0 {
			return nil
		}
		e = e.value.all()[0]
	}
	return e
}

// blockEntries writes the entries of a block collection, each on its line, in a column. The first one starts where the
// writer stands.
func (w *writer) blockEntries(n *node, column int) {
	began := false
	for _, e := range n.all() {
		if e.gone {
			began = w.comments(e, column, began) || began
			continue
		}
		w.blockLead(e, column, began)
		began = true
		by := 0
		if !e.new {
			by = column - e.column
		}
		if n.kind == sequence {
			w.out.WriteString("-")
		} else {
			w.key(e)
		}
		switch {
		case !e.new && !e.moved:
			w.copy(e.mid, by)
			w.value(e.value, column+w.step, by, false)
		case n.kind == sequence:
			w.out.WriteString(" ")
			w.value(e.value, column+2, column+2-e.value.column, false)
		default:
			w.out.WriteString(":")
			w.blockValue(e.value, column)
		}
	}
}

// blockLead writes what stands before an entry.
func (w *writer) blockLead(e *entry, column int, began bool) {
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
func (w *writer) comments(e *entry, column int, began bool) bool {
	pieces := []span{e.mid}
	if !e.first && !e.led {
		pieces = append([]span{e.lead}, pieces...)
	}
	if e.value != nil {
		pieces = append(pieces, e.value.gaps()...)
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
func (n *node) gaps() []span {
	var out []span
	for _, e := range n.all() {
		if !e.first {
			out = append(out, e.lead)
		}
		if e.value != nil {
			out = append(append(out, e.mid), e.value.gaps()...)
		}
	}
	if n.flow {
		out = append(out, n.open, n.close)
	}
	return append(out, span{n.at.to, max(n.at.to, n.tail)})
}

// blockValue writes the value of a new entry, or of one that got another value, behind its colon.
func (w *writer) blockValue(n *node, column int) {
	switch {
	case n.kind == scalar || n.kind == alias || n.flow || len(n.all()) == 0:
		if n.new || n.at.to > n.at.from {
			w.out.WriteString(" ")
		}
		w.value(n, column, column-n.column, false)
	default:
		to := column + w.step
		w.out.WriteString(w.newline + w.pad(to))
		w.value(n, to, to-n.column, false)
	}
}

// flowEntries writes the entries of a flow collection. Those on lines of their own stand in a column; the text of others
// moves by some columns.
func (w *writer) flowEntries(n *node, column, by int, multi bool) {
	between := ", "
	switch {
	case multi:
		between = "," + w.newline + w.pad(column)
	case w.compact:
		between = ","
	}
	began := false
	for _, e := range n.all() {
		if e.gone {
			continue
		}
		src := e.source()
		shift := by
		if src != nil && multi {
			shift = column - src.column
		}
		switch {
		case !began && !n.new:
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
func (w *writer) flowColumn(n *node) int {
	for _, e := range n.all() {
		if s := e.source(); s != nil && bytes.IndexByte(w.src[s.lead.from:s.lead.to], '\n') >= 0 {
			return s.column
		}
	}
	return n.column
}

func (w *writer) flowEntry(n *node, e *entry, column, by int) {
	if n.kind == mapping {
		w.key(e)
	}
	switch {
	case !e.new && !e.moved:
		w.copy(e.mid, by)
	case n.kind == sequence:
	case w.compact:
		w.out.WriteString(":")
	default:
		w.out.WriteString(": ")
	}
	w.value(e.value, column, by, true)
}
