package glob

import (
	"fmt"
	"strings"
)

// expand writes the braces of a pattern out: a{b,c} is ab and ac.
func expand(pattern string) ([]string, error) {
	if !strings.Contains(pattern, "{") {
		return []string{pattern}, nil
	}
	var done []string
	todo := []string{pattern}
	for len(todo) > 0 {
		p := todo[0]
		todo = todo[1:]
		open, shut, commas, err := braces(p)
		switch {
		case err != nil:
			return nil, err
		case open < 0:
			done = append(done, p)
		default:
			from := open + 1
			for _, to := range append(commas, shut) {
				todo = append(todo, p[:open]+p[from:to]+p[shut+1:])
				from = to + 1
			}
		}
		if len(done)+len(todo) > maxAlternatives {
			return nil, fmt.Errorf("its braces stand for more than %d texts", maxAlternatives)
		}
	}
	return done, nil
}

// braces finds the first pair of braces of a pattern and the commas that stand directly in it; open is -1 when there is none.
func braces(p string) (open, shut int, commas []int, err error) {
	open, depth := -1, 0
	for i := 0; i < len(p); i++ {
		switch c := p[i]; {
		case c == '\\':
			i++
		case c == '[':
			i += closing(p[i:])
		case c == '{':
			if depth++; depth == 1 {
				open = i
			}
		case c == ',' && depth == 1:
			commas = append(commas, i)
		case c == '}' && depth == 1:
			return open, i, commas, nil
		case c == '}' && depth > 1:
			depth--
		}
	}
	if depth > 0 {
		return 0, 0, nil, fmt.Errorf("a { is not closed")
	}
	return -1, 0, nil, nil
}

// closing is where the bracket expression that a text starts with ends, 0 when it does not end.
func closing(p string) int {
	rest, _, err := class(p, 0)
	if err != nil {
		return 0
	}
	return len(p) - len(rest) - 1
}
