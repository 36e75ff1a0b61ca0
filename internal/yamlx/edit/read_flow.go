package edit

import (
	"bytes"
	"encoding/json"
	"strings"

	"go.yaml.in/yaml/v3"
)

// brackets reads a flow collection.
func (r *reader) brackets(n *Node, y *yaml.Node) error {
	n.column = n.props - r.lineStart(n.props)
	end := n.props + 1
	step := 2
	if n.Kind == Sequence {
		step = 1
	}
	for i := 0; i < len(y.Content); i += step {
		at, err := r.comma(end, i == 0)
		if err != nil {
			return err
		}
		if i == 0 {
			n.open = span{end, at}
		}
		e := &Entry{first: i == 0, lead: span{end, at}, column: at - r.lineStart(at), home: n.at.from}
		if n.Kind == Mapping {
			if err := r.flowEntry(e, y.Content[i], y.Content[i+1], at); err != nil {
				return err
			}
			n.Entries = append(n.Entries, e)
		} else {
			if e.Value, err = r.node(y.Content[i], at, 0, false); err != nil {
				return err
			}
			e.mid = span{at, e.Value.at.from}
			n.Items = append(n.Items, e)
		}
		end = e.Value.at.to
	}
	at := r.skip(end)
	if at < len(r.src) && r.src[at] == ',' && len(y.Content) > 0 {
		at = r.skip(at + 1)
	}
	if at >= len(r.src) || r.src[at] != '}' && r.src[at] != ']' {
		return r.unexpected(n.at.from, "a bracket that does not close where it is expected")
	}
	n.close = span{end, at + 1}
	n.at.to = at + 1
	return nil
}

// comma passes what stands between two entries.
func (r *reader) comma(at int, first bool) (int, error) {
	at = r.skip(at)
	if !first {
		if at >= len(r.src) || r.src[at] != ',' {
			return 0, r.unexpected(min(at, len(r.src)-1), "no comma where one is expected")
		}
		at = r.skip(at + 1)
	}
	return at, nil
}

func (r *reader) flowEntry(e *Entry, key, value *yaml.Node, at int) (err error) {
	if e.Key, err = r.key(key, at, 0); err != nil {
		return err
	}
	colon, err := r.colon(e.Key)
	if err != nil {
		return err
	}
	if e.Value, err = r.node(value, colon, 0, false); err != nil {
		return err
	}
	e.mid = span{e.Key.at.to, e.Value.at.from}
	return nil
}

// scalar finds the end of a scalar.
func (r *reader) scalar(n *Node, y *yaml.Node, parent int) error {
	if n.props >= len(r.src) {
		return r.unexpected(n.at.from, "a value that is not there")
	}
	switch c := r.src[n.props]; {
	case c == '"' || c == '\'':
		n.style = c
		return r.quoted(n, c)
	case (c == '|' || c == '>') && y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		n.style = c
		r.blockScalar(n, parent)
		return nil
	case y.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return r.unexpected(n.props, "a quoted value is not where it is expected")
	}
	// A plain scalar: its words, with any white space between them.
	at := n.props
	for word := range strings.FieldsSeq(y.Value) {
		for at < len(r.src) && strings.IndexByte(" \t\r\n", r.src[at]) >= 0 {
			at++
		}
		if !bytes.HasPrefix(r.src[at:], []byte(word)) {
			return r.unexpected(n.props, "a value is not where it is expected")
		}
		at += len(word)
	}
	n.at.to = at
	return nil
}

func (r *reader) quoted(n *Node, quote byte) error {
	for at := n.props + 1; at < len(r.src); at++ {
		switch {
		case r.src[at] == '\\' && quote == '"':
			at++
		case r.src[at] == quote && quote == '\'' && at+1 < len(r.src) && r.src[at+1] == '\'':
			at++
		case r.src[at] == quote:
			n.at.to = at + 1
			if r.json {
				return json.Unmarshal(r.src[n.props:n.at.to], &n.Value)
			}
			return nil
		}
	}
	return r.unexpected(n.props, "a quote that does not close")
}

// blockScalar reads the lines of a block scalar: those that are empty or indented deeper than what it belongs to.
// It ends behind its last line with text; empty lines behind that count as a gap.
func (r *reader) blockScalar(n *Node, parent int) {
	end := r.lineEnd(n.props)
	n.at.to = end
	for at := end; at < len(r.src); {
		next := at + 1
		if r.src[at] == '\r' {
			next++
		}
		if next >= len(r.src) {
			return
		}
		end = r.lineEnd(next)
		line := r.src[next:end]
		indent := len(line) - len(bytes.TrimLeft(line, " "))
		if indent < len(line) && indent <= parent {
			return
		}
		if indent < len(line) || indent > parent+1 {
			n.at.to = end
		}
		at = end
	}
}
