// Package glob matches the two kinds of patterns that people write: of names (clusters, labels, alerts) and of paths.
//
// A pattern of names knows no folders, so its * crosses "/": the default name of an EKS cluster is
// arn:aws:eks:eu-west-1:111122223333:cluster/prod. A pattern of paths has the meaning that it has in shells and .gitignore: * and ? stop at
// "/", and ** stands for any number of folders. What is equal to its pattern matches it, whatever characters it holds. Nothing is
// opened but by Expand, and that through the function it is given.
package glob

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxAlternatives bounds what the braces of a pattern stand for, as {a,b}{a,b}… doubles with each pair.
const maxAlternatives = 256

// Name reports whether a name matches a pattern: * is any text, also with "/" in it, ? is one character, [a-z] one of these and [!a-z] or
// [^a-z] one of the others, {a,b} one of these texts, and \ takes the next character as it is. A pattern that CheckName refuses
// matches only what is equal to it.
func Name(pattern, name string) bool {
	if pattern == name {
		return true
	}
	alternatives, err := expand(pattern)
	if err != nil {
		return false
	}
	for _, p := range alternatives {
		if check(p) == nil && wildcard(p, name) {
			return true
		}
	}
	return false
}

// CheckName says what is wrong with a pattern of names.
func CheckName(pattern string) error {
	alternatives, err := expand(pattern)
	if err != nil {
		return err
	}
	for _, p := range alternatives {
		if err := check(p); err != nil {
			return err
		}
	}
	return nil
}

// wildcard matches a pattern without braces. When the rest does not match, only the last * takes one more character, as what an earlier
// one could take the last one can as well.
func wildcard(pattern, name string) bool {
	afterStar, retry := "", ""
	starred := false
	for {
		switch {
		case strings.HasPrefix(pattern, "*"):
			pattern = pattern[1:]
			afterStar, retry, starred = pattern, name, true
			continue
		case pattern == "" && name == "":
			return true
		case pattern != "" && name != "":
			if rest, ok := one(pattern, name); ok {
				_, size := utf8.DecodeRuneInString(name)
				pattern, name = rest, name[size:]
				continue
			}
		}
		if !starred || retry == "" {
			return false
		}
		_, size := utf8.DecodeRuneInString(retry)
		retry = retry[size:]
		pattern, name = afterStar, retry
	}
}

// one matches the first character of a name with the first element of a pattern and returns the rest of the pattern.
func one(pattern, name string) (rest string, ok bool) {
	r, _ := utf8.DecodeRuneInString(name)
	switch pattern[0] {
	case '?':
		return pattern[1:], true
	case '[':
		rest, ok, _ := class(pattern, r)
		return rest, ok
	case '\\':
		pattern = pattern[1:]
	}
	want, size := utf8.DecodeRuneInString(pattern)
	return pattern[size:], want == r
}

// class matches a character with a bracket expression and returns what follows it.
func class(pattern string, r rune) (rest string, ok bool, err error) {
	p := pattern[1:]
	negated := p != "" && (p[0] == '!' || p[0] == '^')
	if negated {
		p = p[1:]
	}
	for first := true; ; first = false {
		if p == "" {
			return "", false, fmt.Errorf("a [ is not closed")
		}
		if p[0] == ']' && !first {
			return p[1:], ok != negated, nil
		}
		var low, high rune
		if low, p, err = member(p); err != nil {
			return "", false, err
		}
		high = low
		if len(p) > 1 && p[0] == '-' && p[1] != ']' {
			if high, p, err = member(p[1:]); err != nil {
				return "", false, err
			}
		}
		if low > high {
			return "", false, fmt.Errorf("the range %c-%c is empty", low, high)
		}
		ok = ok || low <= r && r <= high
	}
}

// member is the next character of a bracket expression.
func member(p string) (r rune, rest string, err error) {
	if p[0] == '\\' {
		p = p[1:]
	}
	if p == "" {
		return 0, "", fmt.Errorf("a [ is not closed")
	}
	r, size := utf8.DecodeRuneInString(p)
	return r, p[size:], nil
}

// check says what is wrong with a pattern without braces.
func check(pattern string) error {
	for pattern != "" {
		switch pattern[0] {
		case '[':
			rest, _, err := class(pattern, 0)
			if err != nil {
				return err
			}
			pattern = rest
		case '\\':
			if len(pattern) == 1 {
				return fmt.Errorf(`nothing follows the \ at its end`)
			}
			pattern = pattern[2:]
		default:
			pattern = pattern[1:]
		}
	}
	return nil
}
