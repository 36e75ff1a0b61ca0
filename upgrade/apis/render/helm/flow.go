package helm

import (
	"bytes"
	"regexp"
)

// api is what a flow map says that it is.
type api struct{ version, kind string }

// flowMap is an object in JSON or in flow style, as the text of a template has it. No mark can stand in it.
type flowMap struct {
	api
	at int // where its API version stands
}

var (
	actionPattern  = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	flowPattern    = regexp.MustCompile(`[{,\s]["']?apiVersion["']?\s*:\s*["']?([a-z0-9.-]+/v\d[a-z0-9]*|v\d[a-z0-9]*)["']?\s*[,}]`)
	flowKind       = regexp.MustCompile(`[{,\s]["']?kind["']?\s*:\s*["']?([A-Za-z0-9]+)["']?\s*[,}]`)
	barePattern    = regexp.MustCompile(`(?m)^apiVersion: ([^\s#]+)\nkind: (\w+)$`) // as toYaml writes an object, without a mark
	flowItems      = regexp.MustCompile(`["']?items["']?\s*:\s*$`)
	flowMayPattern = regexp.MustCompile(`apiVersion(?:["']\s*:|:[^\n]*[,}]\s*\n)`)
)

// flowMaps finds the objects in flow style in a text; actions count as space.
func flowMaps(data []byte) []flowMap {
	if !flowMayPattern.Match(data) {
		return nil
	}
	text := actionPattern.ReplaceAllFunc(data, blanked)
	var out []flowMap
	for _, m := range flowPattern.FindAllSubmatchIndex(text, -1) {
		open := enclosing(text, m[2])
		if open < 0 || text[open] != '{' || !standsAlone(text, open) {
			continue
		}
		f := flowMap{api: api{version: string(text[m[2]:m[3]])}, at: m[2]}
		for _, k := range flowKind.FindAllSubmatchIndex(text[open:closing(text, open)], -1) {
			if enclosing(text, open+k[2]) == open {
				f.kind = string(text[open+k[2] : open+k[3]])
			}
		}
		out = append(out, f)
	}
	return out
}

// blanked is a text of spaces in the lines of another.
func blanked(text []byte) []byte {
	out := bytes.Repeat([]byte(" "), len(text))
	for i, c := range text {
		if c == '\n' {
			out[i] = c
		}
	}
	return out
}

// enclosing is where the innermost bracket opens that a place stands in, -1 for none.
func enclosing(text []byte, at int) int {
	depth := 0
	for i := at - 1; i >= 0; i-- {
		switch text[i] {
		case '}', ']':
			depth++
		case '{', '[':
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return -1
}

// closing is where the bracket that opens at a place closes.
func closing(text []byte, open int) int {
	depth := 0
	for i := open; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

// standsAlone reports whether a map is an object by itself: it begins at the margin, or it is an item of a list that does.
func standsAlone(text []byte, open int) bool {
	if outer := enclosing(text, open); outer >= 0 {
		list := enclosing(text, outer)
		return text[outer] == '[' && flowItems.Match(text[:outer]) && (list < 0 || standsAlone(text, list))
	}
	start := bytes.LastIndexByte(text[:open], '\n') + 1
	switch before := string(bytes.TrimSpace(text[start:open])); before {
	case "---":
		return true
	case "", "-":
		return isObject(bytes.SplitAfter(text, []byte("\n")), bytes.Count(text[:open], []byte("\n")))
	}
	return false
}

// flowed are the objects in flow style that a template writes as text.
func flowed(file int, data []byte) []literal {
	var out []literal
	for _, f := range flowMaps(data) {
		line := bytes.Count(data[:f.at], []byte("\n")) + 1
		column := f.at - bytes.LastIndexByte(data[:f.at], '\n')
		out = append(out, literal{file: file, line: line, column: column, at: f.at, apiVersion: f.version, kind: f.kind, flow: true})
	}
	return out
}

// countFlows notes how many objects in flow style were made at most, by what they are.
func countFlows(most map[api]int, documents []Document) {
	now := map[api]int{}
	for _, d := range documents {
		for _, f := range flowMaps(d.Text) {
			now[f.api]++
		}
		for _, m := range barePattern.FindAllSubmatch(d.Text, -1) {
			now[api{string(m[1]), string(m[2])}]++
		}
	}
	for a, n := range now {
		most[a] = max(most[a], n)
	}
}
