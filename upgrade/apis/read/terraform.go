package read

import (
	"bytes"
	"io"
	"path/filepath"
	"regexp"
	"strings"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/upgrade/apis/object"
)

// IsTerraform reports whether a name is that of a file of Terraform.
func IsTerraform(name string) bool { return strings.EqualFold(filepath.Ext(name), ".tf") }

// terraform reads the objects that a file of Terraform has in it: values of its language with an apiVersion and a kind, as in the resource
// kubernetes_manifest or for yamlencode, and texts of YAML, as for kubectl_manifest. It evaluates nothing.
func terraform(shown string, r io.Reader, yield func(Document) bool) bool {
	text, err := io.ReadAll(io.LimitReader(r, MaxParsed+1))
	switch {
	case err != nil:
		return yield(Said(Unread(shown, err)))
	case len(text) > MaxParsed:
		return yield(Said(unseen(diag.Position{File: shown})))
	case !bytes.Contains(text, []byte("apiVersion")):
		return true
	}
	h := hcl{text: text, file: shown, places: yamlx.NewSource(text, 1), yield: yield, stack: []hclFrame{{}}}
	h.run()
	return !h.over
}

// hcl walks the tokens of a file in the syntax of HCL (https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md), as far as values
// in braces, quoted texts and here-documents go.
type hcl struct {
	text   []byte
	file   string
	places *yamlx.Source
	yield  func(Document) bool
	over   bool
	at     int
	word   string // the name or text before, which may be a key
	key    string // the key whose value comes next
	stack  []hclFrame
}

// hclFrame is what is known of one value in braces.
type hclFrame struct {
	key                string // that it is the value of
	object             object.Object
	at                 int  // where its API version stands
	hasVersion, filled bool // its API is computed
	hasKind            bool
}

func (h *hcl) run() {
	for h.at < len(h.text) && !h.over {
		if h.comment() {
			continue
		}
		from := h.at
		switch c := h.text[h.at]; {
		case bytes.HasPrefix(h.text[h.at:], []byte("<<")):
			h.here()
		case c == '"':
			h.value(h.quoted(0), from, true)
		case isWord(c):
			for h.at < len(h.text) && isWord(h.text[h.at]) {
				h.at++
			}
			h.value(string(h.text[from:h.at]), from, false)
		default:
			h.mark(c)
			h.at++
		}
	}
}

// mark takes a character that stands between words and texts.
func (h *hcl) mark(c byte) {
	switch c {
	case '{', '[', '(':
		h.stack = append(h.stack, hclFrame{key: h.key})
		h.word, h.key = "", ""
	case '}', ']', ')':
		h.close()
	case '=', ':':
		if next := h.next(); c == ':' || next != '=' && next != '>' {
			h.key, h.word = h.word, ""
		}
	case '\n', ',':
		h.word, h.key = "", ""
	}
}

// comment steps over a comment.
func (h *hcl) comment() bool {
	rest := h.text[h.at:]
	switch {
	case rest[0] == '#', bytes.HasPrefix(rest, []byte("//")):
		h.past("\n")
	case bytes.HasPrefix(rest, []byte("/*")):
		h.past("*/")
	default:
		return false
	}
	return true
}

func isWord(c byte) bool {
	return c == '_' || c == '-' || c == '.' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

func (h *hcl) next() byte {
	if h.at+1 < len(h.text) {
		return h.text[h.at+1]
	}
	return 0
}

func (h *hcl) past(end string) {
	if n := bytes.Index(h.text[h.at:], []byte(end)); n >= 0 && end == "\n" {
		h.at += n
	} else if n >= 0 {
		h.at += n + len(end)
	} else {
		h.at = len(h.text)
	}
}

// maxQuotes bounds how deep texts in quotes stand in what other such texts are filled with.
const maxQuotes = 100

// quoted reads a text in quotes, and what is filled in there.
func (h *hcl) quoted(nested int) string {
	from, depth := h.at+1, 0
	for h.at++; h.at < len(h.text); h.at++ {
		switch c := h.text[h.at]; {
		case c == '\\':
			h.at++
		case (c == '$' || c == '%') && h.next() == '{':
			depth++
			h.at++
		case depth > 0 && c == '}':
			depth--
		case depth > 0 && c == '"' && nested < maxQuotes:
			h.quoted(nested + 1)
			h.at--
		case c == '"' || c == '\n' && depth == 0:
			h.at++
			return string(h.text[from : h.at-1])
		}
	}
	h.at = len(h.text)
	return string(h.text[min(from, len(h.text)):])
}

// value takes a word or a text, as a key to come or the value of one.
func (h *hcl) value(s string, from int, text bool) {
	key := h.key
	h.word, h.key = s, ""
	f := &h.stack[len(h.stack)-1]
	known := text && !filled([]byte(s))
	switch key {
	case "apiVersion":
		f.hasVersion, f.at, f.object.APIVersion = true, from, s
		f.filled = f.filled || !known
	case "kind":
		f.hasKind, f.object.Kind = true, s
		f.filled = f.filled || !known
	case "name", "namespace":
		if !known {
			break
		}
		if key == "name" {
			f.object.Name = s
		} else {
			f.object.Namespace = s
		}
	}
}

// close ends a value in brackets of any kind, and tells of the object that it is.
func (h *hcl) close() {
	h.word, h.key = "", ""
	if len(h.stack) == 1 {
		return
	}
	f := h.stack[len(h.stack)-1]
	h.stack = h.stack[:len(h.stack)-1]
	if f.key == "metadata" {
		above := &h.stack[len(h.stack)-1]
		above.object.Name, above.object.Namespace = f.object.Name, f.object.Namespace
	}
	if !f.hasVersion || !f.hasKind {
		return
	}
	at := h.places.Position(h.file, f.at)
	if f.filled {
		h.over = !h.yield(Said(unseen(at)))
		return
	}
	o := f.object
	o.Source, o.Position = object.File, at
	h.over = !h.yield(Document{Position: at, Known: &o})
}

// interpolation is what Terraform fills in.
var interpolation = regexp.MustCompile(`\$\{([^{}"\n]*)\}`)

// here reads a here-document.
func (h *hcl) here() {
	line := h.text[h.at:]
	if n := bytes.IndexByte(line, '\n'); n >= 0 {
		line = line[:n]
	}
	end := strings.TrimSpace(strings.TrimPrefix(string(line[2:]), "-"))
	if end == "" || strings.Trim(end, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") != "" {
		h.at += 2
		return
	}
	from := min(h.at+len(line)+1, len(h.text))
	to, after := from, len(h.text)
	for text := range bytes.Lines(h.text[from:]) {
		if string(bytes.TrimSpace(text)) == end {
			after = to + len(bytes.TrimRight(text, "\r\n"))
			break
		}
		to += len(text)
	}
	h.at = after
	h.word, h.key = "", ""
	body, first := h.text[from:to], h.places.Position(h.file, from).Line
	for len(body) > 0 && !h.over { // markers of documents may be indented like the rest
		size := 0
		for text := range bytes.Lines(body) {
			if size > 0 && string(bytes.TrimSpace(text)) == "---" {
				break
			}
			size += len(text)
		}
		h.yaml(body[:size], first)
		first += bytes.Count(body[:size], []byte("\n"))
		body = body[size:]
	}
}

// yaml passes on the text of a document, if it names its objects before anything is filled in.
func (h *hcl) yaml(text []byte, line int) {
	if !bytes.Contains(text, []byte("apiVersion")) {
		return
	}
	if marker := bytes.TrimLeft(text, " "); bytes.HasPrefix(marker, []byte("---")) {
		_, text, _ = bytes.Cut(text, []byte("\n"))
		line++
	}
	text = interpolation.ReplaceAll(text, []byte("$<$1>")) // braces would be maps to YAML
	p := parser{file: h.file}
	p.document(text, line)
	known := len(p.findings) == 0
	for o := range p.objects.Objects() {
		known = known && !bytes.Contains(append(o.APIVersion, o.Kind...), []byte("$<"))
	}
	at := diag.Position{File: h.file, Line: line}
	if !known {
		h.over = !h.yield(Said(unseen(at)))
	} else if p.objects.any() {
		h.over = !h.yield(Document{Position: at, Text: text})
	}
}
