// Package yamlx reads the YAML and JSON that people write for Treadmill, keeping positions and exact texts.
//
// The way through it: bytes → Documents → Decode → a Go value and []diag.Finding. A broken document does not hide the
// next one, and every problem of a document is found at once: unknown fields, wrong types, values that do not parse.
// It opens no files and knows no schema: the schema is the Go type that it decodes into.
package yamlx

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
)

// MaxBytes is the largest input that Documents reads. Files of specs, fleets and rules stay far below it.
const MaxBytes = 32 << 20

// Document is one document of an input. Its Root is the content itself, never the document node, so that its line is
// that of the first key and not that of the marker. Lines count from the start of the input.
type Document struct {
	File   string
	Root   *yaml.Node
	Source *Source // nil when the document was not read from a text
}

// Documents splits an input at its document markers and parses each document by itself. Empty documents, and those of nothing but null,
// are left out.
func Documents(file string, data []byte) ([]Document, []diag.Finding) {
	var docs []Document
	var findings []diag.Finding
	for d, f := range Each(file, data) {
		docs, findings = append(docs, d...), append(findings, f...)
	}
	return docs, findings
}

// Each is Documents for inputs of many documents, which need not be in memory at once: it parses one after the other, and
// yields the documents and problems of each.
func Each(file string, data []byte) iter.Seq2[[]Document, []diag.Finding] {
	return func(yield func([]Document, []diag.Finding) bool) {
		if len(data) > MaxBytes {
			yield(nil, []diag.Finding{{ID: diag.Syntax, Severity: diag.Error, Position: diag.Position{File: file},
				Message: fmt.Sprintf("the file is larger than %d MiB, up to which files of this kind are read", MaxBytes>>20)}})
			return
		}
		for _, part := range split(data) {
			if !yield(Parse(file, part.text, part.line)) {
				return
			}
		}
	}
}

// Parse parses a text that starts at a line of an input. It holds one document, or several that end with "...".
func Parse(file string, text []byte, line int) (docs []Document, findings []diag.Finding) {
	roots, err := parse(text)
	if err != nil {
		findings = append(findings, syntaxFinding(file, part{text, line}, err))
	}
	var source *Source
	for _, root := range roots {
		shift(root, line-1)
		if source == nil {
			source = NewSource(text, line)
		}
		docs = append(docs, Document{File: file, Root: root, Source: source})
	}
	return docs, findings
}

// part is the text of one document, which starts at a line of the input.
type part struct {
	text []byte
	line int
}

// split cuts the input into its documents.
func split(data []byte) []part {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	var parts []part
	for at, line := 0, 1; at < len(data); {
		end := DocumentEnd(data, at)
		parts = append(parts, part{data[at:end], line})
		line += bytes.Count(data[at:end], []byte("\n"))
		at = end
	}
	return parts
}

// DocumentEnd is where the document that starts at an offset ends: before the next document marker, a line that starts with "---" and
// then ends or goes on with white space. In YAML such a line ends a document even inside a block scalar, so no knowledge of the lines
// around it is needed (https://yaml.org/spec/1.2.2/#914-explicit-documents). Directives belong to the document whose marker they stand
// before.
func DocumentEnd(data []byte, from int) int {
	for at := from; ; {
		i := bytes.Index(data[at:], []byte("\n---"))
		if i < 0 {
			return len(data)
		}
		at += i + 1
		if at+3 < len(data) && strings.IndexByte(" \t\r\n", data[at+3]) < 0 {
			continue
		}
		if to := from + Directives(data[from:at]); to > from {
			return to
		}
	}
}

// Directives is where the directives at the end of a text that a document marker follows begin, such as "%YAML 1.1", with the comments
// before them: they belong to the document of the marker. They stand at the start of a stream or behind a line of "...". It is
// the length of the text when there are none.
func Directives(text []byte) int {
	from, found := len(text), false
	for end := len(text); end > 0; {
		start := bytes.LastIndexByte(text[:end-1], '\n') + 1
		line := text[start:end]
		switch trimmed := bytes.TrimLeft(line, " \t\r\n"); {
		case line[0] == '%':
			from, found = start, true
		case len(trimmed) == 0 || trimmed[0] == '#':
			from = start
		default:
			if ends := bytes.HasPrefix(line, []byte("...")) && (len(line) == 3 || strings.IndexByte(" \t\r\n", line[3]) >= 0); !ends || !found {
				return len(text)
			}
			return from
		}
		end = start
	}
	if !found {
		return len(text)
	}
	return 0
}

// parse returns the contents of the documents of a text, those before an error included. Empty ones are left out.
func parse(text []byte) (roots []*yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("yaml: %v", r)
		}
	}()
	if bare := bytes.TrimRight(text, " \r\n"); len(bare) == 0 || string(bare) == "---" {
		return nil, nil // a parser costs more than thousands of bytes do
	}
	if err := encoded(text); err != nil {
		return nil, err
	}
	for d := yaml.NewDecoder(bytes.NewReader(knownVersion(text))); ; {
		var doc yaml.Node
		if err := d.Decode(&doc); errors.Is(err, io.EOF) {
			return roots, nil
		} else if err != nil {
			return roots, err
		}
		if len(doc.Content) > 0 && !isNull(doc.Content[0]) {
			roots = append(roots, doc.Content[0])
		}
	}
}

var versionDirective = regexp.MustCompile(`^%YAML[ \t]+1\.([0-9]+)`)

// knownVersion is a text whose directive says version 1.1 of YAML instead of a newer one. The parser refuses 1.2, whose documents it reads
// all the same: it takes the core of both.
func knownVersion(text []byte) []byte {
	for at := 0; at < len(text) && strings.IndexByte("%# \t\r\n", text[at]) >= 0; {
		if m := versionDirective.FindSubmatchIndex(text[at:]); m != nil {
			return slices.Concat(text[:at+m[2]], []byte("1"), text[at+m[3]:])
		}
		i := bytes.IndexByte(text[at:], '\n')
		if i < 0 {
			break
		}
		at += i + 1
	}
	return text
}

// encoded says where a text is not UTF-8 without NUL bytes.
func encoded(text []byte) error {
	bad, what := bytes.IndexByte(text, 0), "a NUL byte is not allowed in YAML"
	switch {
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")):
		bad, what = 0, "the text is in UTF-16: save it as UTF-8"
	case bad < 0 && utf8.Valid(text):
		return nil
	case bad < 0:
		for bad = 0; ; {
			r, size := utf8.DecodeRune(text[bad:])
			if r == utf8.RuneError && size == 1 {
				what = fmt.Sprintf("the byte 0x%02x is not UTF-8: save the file as UTF-8", text[bad])
				break
			}
			bad += size
		}
	}
	return fmt.Errorf("yaml: line %d: %s", 1+bytes.Count(text[:bad], []byte("\n")), what)
}

var yamlLine = regexp.MustCompile(`^yaml: (?:unmarshal errors:\s*)?(?:line (\d+): )?`)

func syntaxFinding(file string, p part, err error) diag.Finding {
	text := err.Error()
	at := diag.Position{File: file, Line: p.line}
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		text = text[len(m[0]):]
		if n, err := strconv.Atoi(m[1]); err == nil {
			at.Line = p.line + n - 1
			if tabbed(p.text, n) {
				text = "a tab cannot indent in YAML: use spaces"
			}
		}
	}
	return diag.Finding{ID: diag.Syntax, Severity: diag.Error, Position: at, Message: "not valid YAML: " + text}
}

// tabbed reports whether a line, counted from 1, is indented by a tab, which parsers call a character that cannot start any token.
func tabbed(text []byte, line int) bool {
	for ; line > 1; line-- {
		_, text, _ = bytes.Cut(text, []byte("\n"))
	}
	return bytes.HasPrefix(bytes.TrimLeft(text, " "), []byte("\t"))
}

// shift moves the lines of a tree. Anchored nodes are in the tree once; an alias is not followed.
func shift(n *yaml.Node, by int) {
	if by == 0 {
		return
	}
	n.Line += by
	for _, c := range n.Content {
		shift(c, by)
	}
}
