package rules

import (
	"slices"
	"strconv"
	"strings"
)

// scalar ends a line with a value: plain where YAML reads it back as the same text, in a block where it has lines, else quoted.
func (w *writer) scalar(indent int, s string) {
	if strings.Contains(s, "\n") && blockable(s) {
		w.b = append(w.b, " |-\n"...)
		for line := range strings.SplitSeq(s, "\n") {
			if line != "" {
				w.b = append(w.b, spaces[:indent]...)
			}
			w.b = append(append(w.b, line...), '\n')
		}
		return
	}
	w.b = append(append(w.b, ' '), quote(s)...)
	w.b = append(w.b, '\n')
}

// blockable reports whether a literal block keeps the text: it begins with a character, ends with one, and holds none
// that YAML would not print.
func blockable(s string) bool {
	if s[0] == ' ' || s[0] == '\n' || strings.HasSuffix(s, "\n") {
		return false
	}
	return allPrint(s, '\n')
}

// allPrint reports whether YAML prints all of a text as it is, with one more byte allowed. Nearly all texts are ASCII, so that
// runes are looked at only from the first that is not.
func allPrint(s string, also byte) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c > '~':
			return !strings.ContainsFunc(s[i:], func(r rune) bool { return r != rune(also) && (!strconv.IsPrint(r) || r == '\uFEFF') })
		case c < ' ' && c != also:
			return false
		}
	}
	return true
}

// reserved are plain words that YAML 1.1 or 1.2 reads as something other than text.
var reserved = []string{"true", "false", "yes", "no", "on", "off", "null", "y", "n", "nan", "inf"}

// quote is a text on one line as YAML reads it back: plain, in single quotes, or in double quotes with escapes.
func quote(s string) string {
	switch {
	case plain(s):
		return s
	case allPrint(s, ' '):
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	default:
		return strconv.Quote(s)
	}
}

// plain is cautious: texts that begin with a letter or an opening parenthesis, in printable ASCII, without what starts a
// comment or a map.
func plain(s string) bool {
	if s == "" {
		return false
	}
	if letter := s[0] | 0x20; s[0] != '(' && (letter < 'a' || letter > 'z') {
		return isDuration(s)
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return !strings.Contains(s, ": ") && !strings.Contains(s, " #") && s[len(s)-1] != ':' && s[len(s)-1] != ' ' &&
		!slices.Contains(reserved, strings.ToLower(s))
}

// isDuration reports whether a text is digits and a unit, such as 30s.
func isDuration(s string) bool {
	digits := strings.TrimLeft(s, "0123456789")
	return len(digits) < len(s) && (digits == "s" || digits == "m" || digits == "h" || digits == "d" || digits == "ms")
}
