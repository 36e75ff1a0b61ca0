package rules

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"

	"treadmill/internal/diag"
)

// text is an input by lines.
type text [][]byte

func newText(data []byte) text {
	return bytes.SplitAfter(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), []byte("\n"))
}

const renderFirst = "render the chart first (helm template … | treadmill … -)"

// directive matches what only a template has: Prometheus's own templates use $labels, $value and functions on them.
var directive = regexp.MustCompile(
	`\{\{-?\s*(if|else|end|with|range|include|template|define|block|tpl|toYaml|default|\$?\.(Values|Release|Chart|Capabilities|Files|Template))\b`,
)

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
			return diag.Position{Line: i, Column: diag.Column(t[i-1], m[0])}.Wide(utf8.RuneCount(t[i-1][m[0]:m[1]])), true
		}
		if !document {
			break
		}
	}
	return diag.Position{}, false
}

// emptyFirst matches an input whose first document is there and holds nothing, which is then the one that Prometheus reads.
var emptyFirst = regexp.MustCompile(`\A(\s*(#.*)?\r?\n)*---[ \t]*(#.*)?\r?\n(\s*(#.*)?\r?\n)*---(\s|$)`)
