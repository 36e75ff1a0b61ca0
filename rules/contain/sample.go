package contain

import (
	"regexp/syntax"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
)

// sample is a value that a matcher matches, as short as is found; "" where a missing label does.
func sample(m *labels.Matcher) string {
	switch m.Type {
	case labels.MatchEqual:
		return m.Value
	case labels.MatchRegexp:
		re, err := syntax.Parse(m.Value, syntax.Perl)
		if err != nil {
			return ""
		}
		var b strings.Builder
		write(&b, re.Simplify())
		return b.String()
	}
	if m.Matches("") {
		return ""
	}
	return "other"
}

// write writes a text that a regular expression matches.
func write(b *strings.Builder, re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		if len(re.Rune) > 0 {
			b.WriteRune(re.Rune[0])
		}
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteRune('0')
	case syntax.OpConcat, syntax.OpCapture, syntax.OpPlus:
		for _, sub := range re.Sub {
			write(b, sub)
		}
	case syntax.OpAlternate:
		if len(re.Sub) > 0 {
			write(b, re.Sub[0])
		}
	case syntax.OpRepeat:
		for range re.Min {
			write(b, re.Sub[0])
		}
	}
}
