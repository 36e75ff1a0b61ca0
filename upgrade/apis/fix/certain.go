package fix

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/yamlx"
)

// What stands in the certain text of a template for a value that an action makes: of what other values say, or of the template itself, such as
// a definition or a list of labels.
const (
	ofValues = "_ofValues_"
	ofItself = "_ofItself_"
)

var (
	action   = regexp.MustCompile(`(?s)\{\{-?.*?\}\}`)
	control  = regexp.MustCompile(`^(if|with|range|block|define|else|end)\b|^/\*|^\$\w*\s*:?=|^(break|continue)\b`)
	asked    = regexp.MustCompile(`\.Values\b|\.Files\b|\btpl\b`)
	named    = regexp.MustCompile(`^(include|template)\b`)
	variable = regexp.MustCompile(`(^|[\s(,])(\$\w*|\.)`)
	indented = regexp.MustCompile(`\bn?indent\s+(\d+)`)
)

// certain is the value of the key spec in the text of one object of a template, as far as the text alone shows it: what stands below a
// condition or in a loop is not in it, and what an action makes is ofValues or ofItself. at is a place in the object's own text, such as that
// of its version. It is nil where the text shows no spec, or is no YAML without its actions.
func certain(src []byte, at int) *yaml.Node {
	for _, lines := range []bool{true, false} { // lines that actions make may not fit to those around them, as in a list
		if spec := specNode(without(src, at, lines)); spec != nil {
			return spec
		}
	}
	return nil
}

// without is the text around a place without conditions, loops and actions.
func without(src []byte, at int, lines bool) []byte {
	var out bytes.Buffer
	depth, own := 0, depthAt(src, at)
	from := 0
	for _, m := range append(action.FindAllIndex(src, -1), []int{len(src), len(src)}) {
		if depth == own {
			out.Write(src[from:m[0]])
		}
		from = m[1]
		body := inside(src[m[0]:m[1]])
		switch word, _, _ := strings.Cut(body, " "); {
		case m[0] == m[1]:
		case slices.Contains(openers, word):
			if line := lineOf(out.Bytes()); depth == own && len(bytes.TrimSpace(line)) > 0 {
				out.WriteString(ofValues)
			}
			depth++
		case word == "end" || word == "else" && depth == own:
			if depth == own && m[0] > at { // of the branch in which the object stands
				return out.Bytes()
			} else if depth == own {
				out.Reset()
			}
			if word == "end" {
				depth--
			}
		case depth != own || control.MatchString(body):
		default:
			made(&out, src[m[1]:], body, lines)
		}
	}
	return out.Bytes()
}

var openers = []string{"if", "with", "range", "block", "define"}

// inside is what stands in the braces of an action.
func inside(action []byte) string { return strings.Trim(string(action), "{}- \t\r\n") }

// lineOf is the last line of a text.
func lineOf(text []byte) []byte { return text[bytes.LastIndexByte(text, '\n')+1:] }

// depthAt is how many conditions and loops a place of a template stands in.
func depthAt(src []byte, at int) int {
	depth := 0
	for _, m := range action.FindAll(src[:at], -1) {
		switch word, _, _ := strings.Cut(inside(m), " "); {
		case slices.Contains(openers, word):
			depth++
		case word == "end":
			depth--
		}
	}
	return depth
}

// made writes what stands for what an action makes. One that has a line for itself makes the lines below a key.
func made(out *bytes.Buffer, rest []byte, body string, lines bool) {
	word := ofValues
	if !asked.MatchString(body) && (named.MatchString(body) || !variable.MatchString(body)) {
		word = ofItself
	}
	line := lineOf(out.Bytes())
	after, _, _ := bytes.Cut(rest, []byte("\n"))
	if len(bytes.TrimSpace(line)) > 0 || len(bytes.TrimSpace(after)) > 0 {
		out.WriteString(word)
		return
	}
	if !lines {
		return
	}
	if m := indented.FindStringSubmatch(body); m != nil {
		n, _ := strconv.Atoi(m[1]) // digits
		out.Truncate(out.Len() - len(line))
		out.WriteString(strings.Repeat(" ", min(n, 100)))
	}
	out.WriteString(word + strconv.Itoa(out.Len()) + ": " + word)
}

func specNode(text []byte) *yaml.Node {
	docs, problems := yamlx.Parse("", text, 1)
	if len(problems) > 0 {
		return nil
	}
	for _, d := range docs {
		if spec := yamlx.Child(yamlx.Resolve(d.Root), "spec"); spec != nil {
			return spec
		}
	}
	return nil
}

// literal is the text of a value that the template writes out, "" for any other.
func literal(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode || strings.Contains(n.Value, ofValues) || strings.Contains(n.Value, ofItself) {
		return ""
	}
	return n.Value
}

// selecting says whether a template writes a selector that has a label or an expression at least; byText is false where it is a definition
// that has to have one.
func selecting(n *yaml.Node) (written, byText bool) {
	labels := yamlx.Child(n, "matchLabels")
	for key := range yamlx.Pairs(labels) {
		switch {
		case literal(key) != "":
			return true, true
		case strings.Contains(key.Value, ofItself):
			written = true
		}
	}
	for _, e := range yamlx.Items(yamlx.Child(n, "matchExpressions")) {
		if literal(yamlx.Child(e, "key")) != "" {
			return true, true
		}
	}
	for key := range yamlx.Pairs(n) {
		written = written || strings.Contains(key.Value, ofItself)
	}
	for _, v := range []*yaml.Node{labels, n} {
		written = written || v != nil && v.Kind == yaml.ScalarNode && strings.Contains(v.Value, ofItself)
	}
	return written, false
}
