package rules

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/yamlx"
)

// groupsAt finds what may be a rule file among the values of a ConfigMap.
var groupsAt = regexp.MustCompile(`(?m)^[ \t{]*"?groups"?[ \t]*:`)

// configMap reads the rule files that a ConfigMap holds as values, as sidecars load them. Values of another kind are passed over.
func (r *reader) configMap(n *yaml.Node) {
	for _, v := range yamlx.Pairs(yamlx.Child(n, "data")) {
		if v.Kind != yaml.ScalarNode || !groupsAt.MatchString(v.Value) {
			continue
		}
		text, exact := r.block(v)
		inner := &reader{name: r.name}
		inner.read(text)
		if !inner.seen {
			continue
		}
		if !exact {
			inner.place(v)
		}
		r.seen = true
		r.files, r.findings = append(r.files, inner.files...), append(r.findings, inner.findings...)
	}
}

// block is the value of a literal block as it stands in the input, behind as many empty lines, so that its lines and columns are those of
// the input. A value that is written otherwise, or holds several documents, is not exact.
func (r *reader) block(v *yaml.Node) (value []byte, exact bool) {
	lines := strings.Count(strings.TrimRight(v.Value, "\n"), "\n") + 1
	if v.Style&yaml.LiteralStyle == 0 || v.Line+lines > len(r.text) {
		return []byte(v.Value), false
	}
	rows := slices.Clone(r.text[v.Line : v.Line+lines])
	for i, row := range rows {
		if !bytes.HasPrefix(bytes.TrimSpace(row), []byte("---")) {
			continue
		}
		if !blank(rows[:i]) {
			return []byte(v.Value), false // an indented text has no second document
		}
		rows[i] = []byte("\n")
	}
	return append(bytes.Repeat([]byte("\n"), v.Line), bytes.Join(rows, nil)...), true
}

// blank reports whether lines hold nothing but comments.
func blank(rows [][]byte) bool {
	return !slices.ContainsFunc(rows, func(row []byte) bool {
		row = bytes.TrimSpace(row)
		return len(row) > 0 && row[0] != '#'
	})
}

// place puts everything that was read where a value begins.
func (r *reader) place(v *yaml.Node) {
	at := yamlx.Position(r.name, v)
	for i := range r.findings {
		r.findings[i].Position = at
	}
	for _, p := range Rules(r.files) {
		p.Group.Pos, p.Rule.Pos, p.Rule.ExprPos = at, at, at
	}
}
