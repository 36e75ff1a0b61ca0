package yamlx

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
)

// Source is the text that nodes were parsed from, or the part of a file that begins at a line. It knows what nodes do not: where
// values end, and where each character of a value is written.
type Source struct {
	text  []byte
	first int   // the number of the first line
	lines []int // where each line starts
	odd   bool  // it has line breaks that the parser counts and Source does not
}

// NewSource makes the source of a text whose first line has a number. A byte order mark is no part of its line.
func NewSource(text []byte, first int) *Source {
	s := &Source{text: text, first: first, lines: []int{0}}
	if bytes.HasPrefix(text, []byte("\xef\xbb\xbf")) {
		s.lines[0] = 3
	}
	for at := 0; ; {
		i := bytes.IndexByte(text[at:], '\n')
		if i < 0 {
			break
		}
		at += i + 1
		s.lines = append(s.lines, at)
	}
	s.odd = OddBreaks(text)
	return s
}

// OddBreaks reports whether a text has characters that YAML 1.1 takes for line ends and text editors often do not.
func OddBreaks(text []byte) bool {
	for at := 0; ; {
		i := bytes.IndexByte(text[at:], '\r')
		if i < 0 {
			break
		}
		if at += i + 1; at == len(text) || text[at] != '\n' {
			return true
		}
	}
	return bytes.Contains(text, []byte("\u0085")) || bytes.Contains(text, []byte("\u2028")) || bytes.Contains(text, []byte("\u2029"))
}

// Offset is where a line and column are in the text; false when the text has no such place.
func (s *Source) Offset(line, column int) (int, bool) {
	if line -= s.first; line < 0 || line >= len(s.lines) || column < 1 {
		return 0, false
	}
	at := s.lines[line]
	for ; column > 1; column-- {
		_, size := utf8.DecodeRune(s.text[at:])
		if size == 0 || s.text[at] == '\n' {
			return 0, false
		}
		at += size
	}
	return at, true
}

// Position is the place of an offset.
func (s *Source) Position(file string, at int) diag.Position {
	at = min(max(at, 0), len(s.text))
	line, found := slices.BinarySearch(s.lines, at)
	if !found {
		line = max(line-1, 0)
	}
	return diag.Position{File: file, Line: s.first + line, Column: diag.Column(s.text[min(s.lines[line], at):], at-min(s.lines[line], at))}
}

// Span is the place from one offset up to another.
func (s *Source) Span(file string, from, to int) diag.Position {
	return s.Position(file, from).To(s.Position(file, max(from, to)))
}

// Node is the place of a node: up to its end when it is a scalar in one line, or an alias.
func (s *Source) Node(file string, n *yaml.Node) diag.Position {
	p := Position(file, n)
	if s == nil || s.odd || n.Kind != yaml.ScalarNode && n.Kind != yaml.AliasNode || n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return p
	}
	from, ok := s.Offset(n.Line, n.Column)
	if !ok {
		return p
	}
	to, ok := s.scalarEnd(from, n)
	if !ok || to == from || bytes.IndexByte(s.text[from:to], '\n') >= 0 {
		return p
	}
	p.EndLine, p.EndColumn = p.Line, p.Column+utf8.RuneCount(s.text[from:to])
	return p
}

// scalarEnd is the first place behind a scalar that is no block, or an alias; false when the text is not what the node says.
func (s *Source) scalarEnd(from int, n *yaml.Node) (int, bool) {
	at := s.properties(from, n)
	if n.Kind == yaml.AliasNode {
		to := at + 1 + len(n.Value)
		return to, to <= len(s.text)
	}
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		return s.quoteEnd(at)
	}
	for word := range strings.FieldsSeq(n.Value) { // a plain scalar: its words, with any white space between them
		for at < len(s.text) && isSpace(s.text[at]) {
			at++
		}
		if !bytes.HasPrefix(s.text[at:], []byte(word)) {
			return 0, false
		}
		at += len(word)
	}
	return at, true
}

// quoteEnd is the first place behind a quoted scalar.
func (s *Source) quoteEnd(at int) (int, bool) {
	if at >= len(s.text) || s.text[at] != '"' && s.text[at] != '\'' {
		return 0, false
	}
	quote := s.text[at]
	for at++; at < len(s.text); at++ {
		switch c := s.text[at]; {
		case c == '\\' && quote == '"':
			at++
		case c == quote && quote == '\'' && at+1 < len(s.text) && s.text[at+1] == '\'':
			at++
		case c == quote:
			return at + 1, true
		}
	}
	return 0, false
}

// properties is where the text behind the anchor and tag of a node begins.
func (s *Source) properties(at int, n *yaml.Node) int {
	if n.Anchor == "" && n.Style&yaml.TaggedStyle == 0 {
		return at
	}
	for at < len(s.text) && (s.text[at] == '&' || s.text[at] == '!') {
		for at < len(s.text) && strings.IndexByte(" \t\r\n,[]{}", s.text[at]) < 0 {
			at++
		}
		at = s.skip(at)
	}
	return at
}

// skip passes white space, line ends and comments.
func (s *Source) skip(at int) int {
	for at < len(s.text) {
		switch c := s.text[at]; {
		case isSpace(c):
			at++
		case c == '#' && (at == 0 || isSpace(s.text[at-1])):
			at = s.lineEnd(at)
		default:
			return at
		}
	}
	return at
}

// lineEnd is where the line that has an offset ends, before its line break.
func (s *Source) lineEnd(at int) int {
	i := bytes.IndexByte(s.text[at:], '\n')
	if i < 0 {
		return len(s.text)
	}
	if i > 0 && s.text[at+i-1] == '\r' {
		i--
	}
	return at + i
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }
