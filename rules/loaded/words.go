package loaded

import (
	"regexp"
	"slices"
	"strings"
)

// name is what is apart, for people.
func (x change) name(group string) string {
	switch {
	case x.want != nil:
		return "rule " + x.want.name
	case x.have != nil:
		return "rule " + x.have.name
	}
	return "group " + group
}

func (x change) String() string {
	var parts []string
	for _, p := range x.parts {
		parts = append(parts, p.short())
	}
	switch {
	case x.have == nil && x.want == nil:
		return strings.Join(parts, ", ")
	case x.have == nil:
		return x.want.name + " is gone"
	case x.want == nil:
		return x.have.name + " is added"
	}
	return x.want.name + ": " + strings.Join(parts, ", ")
}

// sides are the lines of what matters on both sides, below the name of the rule where there are several.
func (x change) sides(named bool) (want, have []string) {
	if x.want != nil && x.have != nil || x.want == nil && x.have == nil {
		for _, p := range x.parts {
			want, have = append(want, p.line(p.want)...), append(have, p.line(p.have)...)
		}
		if x.want != nil && named {
			want, have = append([]string{x.want.name}, want...), append([]string{x.want.name}, have...)
		}
		return want, have
	}
	if x.want != nil {
		return strings.Split(strings.TrimSpace(x.want.text()), "\n"), nil
	}
	return nil, strings.Split(strings.TrimSpace(x.have.text()), "\n")
}

func (p part) line(value string) []string {
	if value == "" {
		return nil
	}
	return []string{p.name + ": " + value}
}

// short names a part and shows in a few words what of it differs.
func (p part) short() string {
	if strings.HasPrefix(p.name, "annotation ") || p.want == "" || p.have == "" {
		return p.name
	}
	a, b := words(p.want), words(p.have)
	if len(a) != len(b) {
		return p.name
	}
	var out []string
	for i := range a {
		if a[i] != b[i] && !slices.Contains(out, a[i]+" → "+b[i]) {
			out = append(out, a[i]+" → "+b[i])
		}
	}
	if text := strings.Join(out, ", "); len(text) <= 60 {
		return p.name + " " + text
	}
	return p.name
}

// words are the names and numbers of a text, and each other character.
func words(text string) []string { return wordly.FindAllString(text, -1) }

var wordly = regexp.MustCompile(`[\w.:]+|[^\w\s]`)
