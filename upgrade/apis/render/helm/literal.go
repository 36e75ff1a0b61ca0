package helm

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"text/template/parse"
)

// literal is an API version that a template writes as text, of an object.
type literal struct {
	file             int // index
	line, column, at int // at is its offset in the file
	apiVersion, kind string
	when             []condition // under which the template gets to it, outermost first
	define           string      // the definition that it stands in, "" for none
	inline           bool        // actions of its line choose between it and others
	flow             bool        // it stands in JSON, in flow style or in a dict
	computed         bool        // actions of its line write it: it is one of those that value may write
	value            []parse.Node
}

var literalPattern = regexp.MustCompile(`apiVersion: *["']?([^\s"'{}]+)["']? *(?: #.*)? ` + markWord + ` (\d+) (\d+) (\d+)`)

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
		out = append(out, literal{file: file, line: line, column: column, at: start[line-1] + column - 1, apiVersion: m[1],
			kind: kindNear(lines, line-1)})
	}
	for i, l := range lines {
		key := len(l) - len(bytes.TrimLeft(l, " -"))
		rest, ok := bytes.CutPrefix(l[key:], []byte("apiVersion:"))
		if !ok || !bytes.Contains(rest, []byte("{{")) || !isObject(lines, i) {
			continue
		}
		line := actionLine{text: string(bytes.TrimRight(l, "\r\n")), value: len(l) - len(rest),
			literal: literal{file: file, line: i + 1, at: start[i], kind: kindNear(lines, i)}}
		out = append(append(out, line.inline()...), line.computed(key))
	}
	return append(out, flowed(file, data)...)
}

// actionLine is a line with the API version of an object that has actions.
type actionLine struct {
	literal        // what holds for all of its API versions; at is where the line begins
	text    string // without its end
	value   int    // where the value begins
}

var (
	inlinePattern  = regexp.MustCompile(`^ *["']?([a-z0-9.-]+/v\d[a-z0-9]*|v1)["']? *$`)
	versionPattern = regexp.MustCompile(`^(?:[a-z0-9.-]+/)?v\d[a-z0-9]*$`)
)

// inline are the API versions between which the actions of the line choose.
func (l actionLine) inline() []literal {
	var out []literal
	for at := l.value; at < len(l.text); {
		end := len(l.text)
		if n := strings.Index(l.text[at:], "{{"); n >= 0 {
			end = at + n
		}
		if m := inlinePattern.FindStringSubmatchIndex(l.text[at:end]); m != nil {
			found := l.literal
			found.column, found.at, found.inline = at+m[2]+1, l.at+at+m[2], true
			found.apiVersion = l.text[at+m[2] : at+m[3]]
			out = append(out, found)
		}
		if at = end; at < len(l.text) {
			at = action(l.text, at)
		}
	}
	return out
}

// computed stands for the API versions that the actions of the line write; it stands for the line as a whole, from the key on.
func (l actionLine) computed(key int) literal {
	value := l.text[l.value:]
	found := l.literal
	found.at += key
	found.column, found.computed = l.value+len(value)-len(strings.TrimLeft(value, " "))+1, true
	return found
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
