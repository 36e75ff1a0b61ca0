package read

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"treadmill/internal/diag"
)

// json reads a document of JSON values, one or many. After an error it goes on with the next line that starts with a value.
func (p *parser) json(doc []byte, line int) {
	for base := 0; base >= 0; {
		j := jsonReader{parser: p, doc: doc, base: base, line: line, decoder: json.NewDecoder(bytes.NewReader(doc[base:]))}
		err := j.values()
		if err == nil {
			return
		}
		at := base + int(j.decoder.InputOffset())
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			at = base + max(0, int(syntax.Offset)-1)
		}
		at = min(at, len(doc))
		if p.fail(diag.Syntax, j.position(at), "%v", problem(err)); len(p.findings) > maxErrors {
			return
		}
		base = nextValue(doc, max(at, base+1))
	}
}

func problem(err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("not valid JSON: %w", err)
	}
	return err
}

// maxErrors bounds the problems that are reported of one document.
const maxErrors = 20

// nextValue returns where the next line that starts with a value begins, -1 when there is none.
func nextValue(doc []byte, from int) int {
	if from >= len(doc) {
		return -1
	}
	if i := bytes.Index(doc[from:], []byte("\n{")); i >= 0 {
		return from + i + 1
	}
	return -1
}

// jsonReader walks the tokens of one run of JSON values.
type jsonReader struct {
	*parser
	decoder *json.Decoder
	doc     []byte
	base    int // where in doc the decoder began
	line    int // of the place up to which lines and columns were counted, at first that of the start of doc
	column  int // how many characters stand before that place in its line
	counted int // where it is
}

// position is the place of an offset in the document. It is quick for offsets that do not go backwards.
func (j *jsonReader) position(at int) diag.Position {
	if at < j.counted {
		p := diag.Place("", j.doc, at)
		p.Line += j.line - 1 - bytes.Count(j.doc[:j.counted], []byte("\n"))
		return p
	}
	for {
		i := bytes.IndexByte(j.doc[j.counted:at], '\n')
		if i < 0 {
			break
		}
		j.line++
		j.column = 0
		j.counted += i + 1
	}
	j.column += utf8.RuneCount(j.doc[j.counted:at])
	j.counted = at
	return diag.Position{Line: j.line, Column: j.column + 1}
}

// start is where the next token begins.
func (j *jsonReader) start() int {
	at := j.base + int(j.decoder.InputOffset())
	for at < len(j.doc) && bytes.IndexByte([]byte(" \t\r\n,:"), j.doc[at]) >= 0 {
		at++
	}
	return at
}

func (j *jsonReader) values() error {
	for {
		at, before := j.start(), len(j.objects)
		if err := j.value(-1, 0); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if slices.ContainsFunc(j.objects[before:], Head.named) {
			j.twice(j.doc[at:j.base+int(j.decoder.InputOffset())], at)
		}
	}
}

// value reads an object, or the objects of an array.
func (j *jsonReader) value(parent, depth int) error {
	at := j.start()
	if depth > MaxDepth {
		return fmt.Errorf("lists nest deeper than %d levels", MaxDepth)
	}
	if at < len(j.doc) && j.doc[at] != '{' && j.doc[at] != '[' {
		var skipped json.RawMessage
		return j.decoder.Decode(&skipped)
	}
	t, err := j.decoder.Token()
	switch {
	case err != nil:
		return err
	case t == json.Delim('['):
		for j.decoder.More() {
			if err := j.value(parent, depth+1); err != nil {
				return unexpected(err)
			}
		}
		_, err = j.decoder.Token()
		return unexpected(err)
	case t == json.Delim('{'):
		pos := j.position(at)
		j.objects = append(j.objects, Head{parent: parent, Line: pos.Line, Column: pos.Column})
		return unexpected(j.fields(len(j.objects)-1, itself, depth))
	}
	return nil
}

// unexpected makes an end of input inside a value an error.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// fields reads the fields of an object or of its metadata up to the closing brace.
func (j *jsonReader) fields(of int, r role, depth int) error {
	for j.decoder.More() {
		t, err := j.decoder.Token()
		if err != nil {
			return err
		}
		name, _ := t.(string)
		if err := j.field(of, r, name, depth); err != nil {
			return err
		}
	}
	_, err := j.decoder.Token()
	return err
}

func (j *jsonReader) field(of int, r role, name string, depth int) error {
	at := j.start()
	if at >= len(j.doc) {
		return io.ErrUnexpectedEOF
	}
	first := j.doc[at]
	naming := name == "apiVersion" || name == "kind"
	switch {
	case r == itself && name == "metadata" && first == '{':
		if _, err := j.decoder.Token(); err != nil {
			return err
		}
		return j.fields(of, metadata, depth)
	case r == itself && first == '[' && j.objects[of].holds(name):
		parent := of
		if name == "items" {
			j.objects[of].items = true
		} else {
			parent = -1
		}
		return j.value(parent, depth+1)
	case first == '"' && r == itself && naming, first == '"' && r == metadata && (name == "name" || name == "namespace"):
		return j.text(of, name, at)
	case r == itself && naming && first != 'n':
		j.objects[of].odd = name
	}
	var skipped json.RawMessage
	return j.decoder.Decode(&skipped)
}

func (j *jsonReader) text(of int, name string, at int) error {
	t, err := j.decoder.Token()
	if err != nil {
		return err
	}
	s, _ := t.(string)
	o := &j.objects[of]
	switch name {
	case "apiVersion":
		pos := j.position(at)
		o.APIVersion, o.Line, o.Column = []byte(s), pos.Line, pos.Column
		o.Wide = utf8.RuneCount(j.doc[at : j.base+int(j.decoder.InputOffset())])
	case "kind":
		o.Kind = []byte(s)
	case "name":
		o.Name = []byte(s)
	case "namespace":
		o.Namespace = []byte(s)
	}
	return nil
}
