package fix

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/yamlx"
	"treadmill/internal/yamlx/edit"
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
	docs, problems := yamlx.Parse(f.name, edit.ForYAML(src), line)
	if bytes.Contains(src, []byte("{{")) &&
		(len(problems) > 0 || slices.ContainsFunc(docs, func(d yamlx.Document) bool { return read.IsTemplate(d.Root) })) {
		return f.template(src, offset, line)
	}
	if len(problems) > 0 {
		return src
	}
	var out []byte
	at := 0
	for _, doc := range docs {
		text, from, to := f.root(src, doc.Root, offset, line)
		if text == nil {
			continue
		}
		out = append(append(out, src[at:from]...), text...)
		at = to
	}
	return append(out, src[at:]...)
}

// mayMatter reports whether a document names an API that is deprecated anywhere. It is quick and errs to yes.
func (f *file) mayMatter(src []byte) bool {
	return bytes.Contains(src, []byte("apiVersion")) || bytes.Contains(src, []byte("\\"))
}

// root rewrites the objects of one document; text is nil when none was.
func (f *file) root(src []byte, y *yaml.Node, offset, line int) (text []byte, from, to int) {
	l, err := edit.New(src, y, line)
	if err != nil {
		return nil, 0, 0
	}
	d := &document{file: f, Document: l, offset: offset}
	d.walk(l.Root, nil, 0)
	d.embedded(l.Root, 0)
	if !l.Root.Altered() {
		return nil, 0, 0
	}
	if text, from, to, err = l.Write(); err != nil {
		d.giveUp(fmt.Errorf("%w; rewrite it by hand", err))
		return nil, 0, 0
	}
	d.keep()
	return text, from, to
}
