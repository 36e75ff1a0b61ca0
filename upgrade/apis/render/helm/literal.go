package helm

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
)

// literal is an API version that a template writes as text, of an object.
type literal struct {
	file             int // index
	line, column, at int // at is its offset in the file
	apiVersion, kind string
	when             []condition // under which the template gets to it, outermost first
	define           string      // the definition that it stands in, "" for none
	inline           bool        // actions of its line choose between it and others
	from             string      // the definition that has the API version, where the template takes it from one
}

var literalPattern = regexp.MustCompile(`apiVersion: *["']?([^\s"'{}]+)["']? ` + markWord + ` (\d+) (\d+) (\d+)`)

// literals finds the API versions that a template writes as text, where a rendering would mark them.
func literals(file int, data []byte) []literal {
	lines := bytes.SplitAfter(data, []byte("\n"))
	start := make([]int, len(lines)+1)
	for i, l := range lines {
		start[i+1] = start[i] + len(l)
	}
	var out []literal
	for _, m := range literalPattern.FindAllStringSubmatch(instrument(string(data), file, true), -1) {
		line, _ := strconv.Atoi(m[3])
		column, _ := strconv.Atoi(m[4])
		if !isObject(lines, line-1) {
			continue
		}
		out = append(
			out,
			literal{file: file, line: line, column: column, at: start[line-1] + column - 1, apiVersion: m[1], kind: kindNear(lines, line-1)},
		)
	}
	return append(append(out, inlineLiterals(file, lines, start)...), namedLiterals(file, lines, start)...)
}

var (
	namedPattern   = regexp.MustCompile(`^ *["']?\{\{-? *(?:include|template) +"([^"]+)"[^{}|]*\}\}["']? *$`)
	defaultPattern = regexp.MustCompile(`\bdefault +"((?:[a-z0-9.-]+/)?v\d[a-z0-9]*)"`)
	versionPattern = regexp.MustCompile(`^(?:[a-z0-9.-]+/)?v\d[a-z0-9]*$`)
)

// namedLiterals finds the API versions that an action of the line names: the definition that has it, or what stands in for a value that
// is not given. No rendering that gets to the line leaves them in doubt, so they stand for the line as a whole.
func namedLiterals(file int, lines [][]byte, start []int) []literal {
	var out []literal
	for i, l := range lines {
		key := len(l) - len(bytes.TrimLeft(l, " -"))
		rest, ok := bytes.CutPrefix(l[key:], []byte("apiVersion:"))
		if !ok || !isObject(lines, i) {
			continue
		}
		value := bytes.TrimRight(rest, "\r\n")
		found := literal{file: file, line: i + 1, at: start[i] + key, column: len(l) - len(bytes.TrimLeft(rest, " ")) + 1,
			kind: kindNear(lines, i)}
		if m := namedPattern.FindSubmatch(value); m != nil {
			found.from = string(m[1])
		} else if m := defaultPattern.FindSubmatch(value); m != nil {
			found.apiVersion = string(m[1])
		} else {
			continue
		}
		out = append(out, found)
	}
	return out
}

// constant is the API version that a definition always gives, "" for what is none.
func (b *branches) constant(definition string) string {
	tree := b.defines[definition]
	if tree == nil || tree.Root == nil || len(tree.Root.Nodes) != 1 {
		return ""
	}
	if text := strings.TrimSpace(tree.Root.Nodes[0].String()); versionPattern.MatchString(text) {
		return text
	}
	return ""
}

var inlinePattern = regexp.MustCompile(`^ *["']?([a-z0-9.-]+/v\d[a-z0-9]*|v1)["']? *$`)

// inlineLiterals finds the API versions between which the actions of a line choose.
func inlineLiterals(file int, lines [][]byte, start []int) []literal {
	var out []literal
	for i, l := range lines {
		rest, ok := bytes.CutPrefix(bytes.TrimLeft(l, " -"), []byte("apiVersion:"))
		if !ok || !bytes.Contains(rest, []byte("{{")) || !isObject(lines, i) {
			continue
		}
		text := string(bytes.TrimRight(l, "\r\n"))
		for at := len(l) - len(rest); at < len(text); {
			end := len(text)
			if n := strings.Index(text[at:], "{{"); n >= 0 {
				end = at + n
			}
			if m := inlinePattern.FindStringSubmatchIndex(text[at:end]); m != nil {
				column := at + m[2] + 1
				out = append(out, literal{file: file, line: i + 1, column: column, at: start[i] + column - 1,
					apiVersion: text[at+m[2] : at+m[3]], kind: kindNear(lines, i), inline: true})
			}
			if at = end; at < len(text) {
				at = action(text, at)
			}
		}
	}
	return out
}

// indent is how deep the text of a line stands; ok is false for a line without YAML.
func indent(line []byte) (depth int, ok bool) {
	text := bytes.TrimLeft(line, " ")
	depth = len(line) - len(text)
	text = bytes.TrimSpace(text)
	return depth, len(text) > 0 && text[0] != '#' && !bytes.HasPrefix(text, []byte("{{"))
}

// isObject reports whether an apiVersion is that of an object: it stands at the margin, or in a list of items, and neither in a
// text nor in a reference.
func isObject(lines [][]byte, at int) bool {
	depth, _ := indent(lines[at])
	for i := at - 1; i >= 0 && depth > 0; i-- {
		d, ok := indent(lines[i])
		if !ok || d >= depth {
			continue
		}
		text := bytes.TrimSpace(lines[i])
		if bytes.HasPrefix(text, []byte("---")) {
			return true
		}
		return bytes.HasPrefix(text, []byte("items:"))
	}
	return true
}

// kindNear is the kind that stands beside an apiVersion, "" where it is not written as text.
func kindNear(lines [][]byte, at int) string {
	depth, _ := indent(lines[at])
	if rest := bytes.TrimLeft(lines[at], " "); bytes.HasPrefix(rest, []byte("- ")) {
		depth += 2
	}
	for _, step := range []int{1, -1} {
		for i := at + step; i >= 0 && i < len(lines) && i < at+40 && i > at-40; i += step {
			text := bytes.TrimSpace(lines[i])
			if bytes.HasPrefix(text, []byte("---")) || bytes.HasPrefix(text, []byte("apiVersion:")) {
				break
			}
			value, ok := bytes.CutPrefix(bytes.TrimPrefix(text, []byte("- ")), []byte("kind:"))
			d, _ := indent(lines[i])
			if bytes.HasPrefix(text, []byte("- ")) {
				d += 2
			}
			if ok && d == depth {
				bare, _, _ := strings.Cut(string(value), " #")
				word := strings.Trim(strings.TrimSpace(bare), `"'`)
				if word == "" || strings.ContainsAny(word, "{} ") {
					return ""
				}
				return word
			}
		}
	}
	return ""
}
