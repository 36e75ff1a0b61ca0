package fix

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/yamlx"
	"treadmill/upgrade/apis/read"
)

// maxDocument is the largest document that is rewritten, in bytes; the parser needs some twenty times its size.
const maxDocument = 8 << 20

// documents rewrites one document after the other and puts the file together again.
func (f *file) documents() {
	var out bytes.Buffer
	rest := f.data
	if bytes.HasPrefix(rest, []byte("\xef\xbb\xbf")) {
		rest = rest[3:]
	}
	out.Write(f.data[:len(f.data)-len(rest)])
	for at, line := len(f.data)-len(rest), 1; at < len(f.data); {
		end := yamlx.DocumentEnd(f.data, at)
		for _, piece := range pieces(f.data[at:end]) {
			text := f.document(piece, at, line)
			out.Write(text)
			at += len(piece)
			line += bytes.Count(piece, []byte("\n"))
		}
	}
	f.result.Text = out.Bytes()
	if len(f.result.Changes) == 0 {
		f.result.Text = f.data
	}
}

// pieces cuts a document of JSON values behind each of them; any other document is one piece.
func pieces(doc []byte) [][]byte {
	start := bytes.TrimLeft(doc, " \t\r\n")
	if len(start) == 0 || start[0] != '{' && start[0] != '[' {
		return [][]byte{doc}
	}
	var out [][]byte
	d, from := json.NewDecoder(bytes.NewReader(doc)), 0
	for {
		var value json.RawMessage
		err := d.Decode(&value)
		switch to := int(d.InputOffset()); {
		case err == nil:
			out, from = append(out, doc[from:to]), to
		case errors.Is(err, io.EOF) && len(out) > 0:
			return append(out, doc[from:])
		default:
			return [][]byte{doc}
		}
	}
}

// document rewrites one document and returns its text, the same if nothing is to be done or it cannot be read: that it
// cannot is for package read to report.
func (f *file) document(src []byte, offset, line int) []byte {
	if len(src) > maxDocument || !f.mayMatter(src) {
		return src
	}
	docs, problems := yamlx.Parse(f.name, forYAML(src), line)
	if bytes.Contains(src, []byte("{{")) && (len(problems) > 0 || slices.ContainsFunc(docs, func(d yamlx.Document) bool { return read.IsTemplate(d.Root) })) {
		return f.template(src, offset, line)
	}
	if len(problems) > 0 {
		return src
	}
	var out []byte
	at := 0
	for _, doc := range docs {
		root, text := f.root(src, doc.Root, offset, line)
		if text == nil {
			continue
		}
		out = append(append(out, src[at:root.at.from]...), text...)
		at = root.tail
	}
	return append(out, src[at:]...)
}

// forYAML makes JSON into YAML of the same length: YAML takes neither tabs nor all escapes. The reader takes the values of
// texts from the JSON itself.
func forYAML(src []byte) []byte {
	if !isJSON(src) {
		return src
	}
	out := bytes.ReplaceAll(src, []byte("\t"), []byte(" "))
	for i := 0; i+1 < len(out); i++ {
		if out[i] == '\\' {
			out[i], out[i+1] = 'x', 'x'
			i++
		}
	}
	return out
}

func isJSON(src []byte) bool {
	start := bytes.TrimLeft(src, " \t\r\n")
	return len(start) > 0 && (start[0] == '{' || start[0] == '[') && json.Valid(start)
}

// mayMatter reports whether a document names an API that is deprecated anywhere. It is quick and errs to yes.
func (f *file) mayMatter(src []byte) bool {
	return bytes.Contains(src, []byte("apiVersion")) || bytes.Contains(src, []byte("\\"))
}

// root rewrites the objects of one document; text is nil when none was.
func (f *file) root(src []byte, y *yaml.Node, offset, line int) (root *node, text []byte) {
	r := newReader(src, line)
	if oddBreak(src) {
		return nil, nil
	}
	root, err := r.node(y, 0, -1, true)
	if err != nil {
		return nil, nil
	}
	d := &document{file: f, src: src, root: root, original: root.clone(), offset: offset, aliases: map[string]bool{}}
	d.collectAliases(root)
	d.walk(root, nil, 0)
	if !root.altered() {
		return nil, nil
	}
	text, err = d.write()
	if err != nil {
		d.giveUp(err)
		return nil, nil
	}
	d.keep()
	return root, text
}

// oddBreak reports whether a document has characters that YAML takes for line ends and text editors often do not.
func oddBreak(src []byte) bool {
	for i, c := range src {
		if c == '\r' && (i+1 == len(src) || src[i+1] != '\n') {
			return true
		}
	}
	return bytes.Contains(src, []byte("\u0085")) || bytes.Contains(src, []byte("\u2028")) || bytes.Contains(src, []byte("\u2029"))
}
