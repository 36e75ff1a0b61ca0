package rules

import (
	"bytes"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
)

// text is an input by lines: what the parsed YAML no longer knows about where things were written.
type text [][]byte

func newText(data []byte) text {
	return bytes.SplitAfter(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), []byte("\n"))
}

// within returns a function from an offset in a scalar's value to its place in the file. YAML folds and indents text but
// adds and removes only white space and escapes, so the n-th other byte of the value is the n-th other byte of the source.
func (t text) within(file string, n *yaml.Node) func(offset int) diag.Position {
	return func(offset int) diag.Position {
		before := visible(n.Value[:min(max(offset, 0), len(n.Value))])
		return t.walk(file, n, min(before, max(visible(n.Value)-1, 0)))
	}
}

// visible counts the bytes that are not white space.
func visible(s string) int {
	count := 0
	for _, c := range []byte(s) {
		if !isSpace(c) {
			count++
		}
	}
	return count
}

// walk goes count bytes that are not white space into a scalar and then on to the next such byte.
func (t text) walk(file string, n *yaml.Node, count int) diag.Position {
	line, column := n.Line, n.Column
	switch n.Style {
	case yaml.LiteralStyle, yaml.FoldedStyle:
		line, column = n.Line+1, 1
	case yaml.SingleQuotedStyle, yaml.DoubleQuotedStyle:
		column++
	}
	last := yamlx.Position(file, n)
	for ; line <= len(t); line, column = line+1, 1 {
		src := t[line-1]
		for i := column - 1; i < len(src); i++ {
			if isSpace(src[i]) {
				continue
			}
			here := i
			i = skipEscape(src, i, n.Style)
			last = diag.Position{File: file, Line: line, Column: here + 1}
			if count == 0 {
				return last
			}
			count--
		}
	}
	return last
}

// skipEscape steps over the first byte of an escape such as \" or ”, so that what it stands for is counted once.
func skipEscape(src []byte, i int, style yaml.Style) int {
	next := i+1 < len(src)
	if next && (style == yaml.DoubleQuotedStyle && src[i] == '\\' || style == yaml.SingleQuotedStyle && src[i] == '\'' && src[i+1] == '\'') {
		return i + 1
	}
	return i
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

const renderFirst = "render the chart first (helm template … | treadmill … -)"

// directive matches what only a template has: Prometheus's own templates use $labels, $value and functions on them.
var directive = regexp.MustCompile(`\{\{-?\s*(if|else|end|with|range|include|template|define|block|tpl|toYaml|default|\$?\.(Values|Release|Chart|Capabilities|Files|Template))\b`)

// explainTemplates says of what is not YAML, or not of the right type, because nobody rendered it that this is why.
func (r *reader) explainTemplates() {
	for i, f := range r.findings {
		if f.Line == 0 || f.ID != diag.Syntax && f.ID != "input/type" {
			continue
		}
		at, found := r.text.directiveNear(f.Line, f.ID == diag.Syntax)
		if found {
			at.File = r.name
			r.findings[i] = diag.Finding{ID: FindingTemplate, Severity: diag.Error, Position: at, Message: "templating is left in; " + renderFirst}
		}
	}
}

// directiveNear finds the first template directive on a line, or of the whole document that the line stands in.
func (t text) directiveNear(line int, document bool) (diag.Position, bool) {
	start := min(line, len(t))
	for document && start > 1 && !strings.HasPrefix(string(t[start-1]), "---") {
		start--
	}
	for i := start; i <= len(t); i++ {
		if i > start && strings.HasPrefix(string(t[i-1]), "---") {
			break
		}
		if m := directive.FindIndex(t[i-1]); m != nil {
			return diag.Position{Line: i, Column: m[0] + 1}, true
		}
		if !document {
			break
		}
	}
	return diag.Position{}, false
}
