package yamlx

import (
	"strconv"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
)

// Within returns a function from an offset in a scalar's value to its place in the text. YAML folds and indents text but adds and removes
// only white space and escapes, so the n-th other character of the value is the n-th other character of the text. An offset at white
// space gives the next character, and one behind the last character gives the last.
func (s *Source) Within(file string, n *yaml.Node) func(offset int) diag.Position {
	return func(offset int) diag.Position {
		before := visible(n.Value[:min(max(offset, 0), len(n.Value))])
		return s.walk(file, n, min(before, max(visible(n.Value)-1, 0)))
	}
}

// visible counts the characters that are not white space.
func visible(text string) int {
	count := 0
	for _, r := range text {
		if !isBlank(r) {
			count++
		}
	}
	return count
}

// isBlank reports whether a character may come from the folding of lines.
func isBlank(r rune) bool { return r == ' ' || r == '\n' || r == '\t' || r == '\r' }

// walk goes count characters that are not white space into a scalar and then on to the next such character.
func (s *Source) walk(file string, n *yaml.Node, count int) diag.Position {
	at, ok := s.Offset(n.Line, n.Column)
	if !ok || s.odd {
		return Position(file, n)
	}
	last := at
	at = s.properties(at, n)
	switch {
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		at = s.lineEnd(at)
	case n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
		at++
	}
	for at < len(s.text) {
		r, size := s.character(at, n.Style)
		if !isBlank(r) {
			if last = at; count == 0 {
				break
			}
			count--
		}
		at += size
	}
	return s.Position(file, last)
}

// character is what stands at an offset in a scalar, and how many bytes it is written with. An escaped line end is white space.
func (s *Source) character(at int, style yaml.Style) (rune, int) {
	r, size := utf8.DecodeRune(s.text[at:])
	next := byte(0)
	if at+1 < len(s.text) {
		next = s.text[at+1]
	}
	switch {
	case style&yaml.SingleQuotedStyle != 0 && r == '\'' && next == '\'':
		return r, 2
	case style&yaml.DoubleQuotedStyle == 0 || r != '\\' || next == 0:
		return r, size
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[next]
	if digits > 0 && at+2+digits <= len(s.text) {
		if v, err := strconv.ParseUint(string(s.text[at+2:at+2+digits]), 16, 32); err == nil {
			return rune(v), 2 + digits
		}
	}
	switch next {
	case 't', 'n', 'r', ' ', '\t', '\r', '\n':
		return ' ', 2
	}
	_, size = utf8.DecodeRune(s.text[at+1:])
	return r, 1 + size // \" and the like, and the few that stand for one character each: \a \b \e \f \v \0 \_ \N \L \P
}
