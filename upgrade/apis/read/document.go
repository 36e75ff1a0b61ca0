// Package read finds the Kubernetes objects in files: multi-document YAML, JSON, NDJSON and lists of any kind.
//
// The way through it: Walk names the inputs that paths stand for → Documents cuts each file at its document markers, holding
// one document at a time → Parser finds what names the objects of a document, with positions, and a finding for whatever
// could not be read. A document of plain YAML is read line by line; any other is parsed. It knows no schema, judges no API
// and renders nothing: a folder that a chart or a kustomization is made from is passed on as it is, for a later stage.
package read

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"iter"
	"strings"

	"treadmill/internal/diag"
	"treadmill/internal/glob"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/object"
)

// Nothing is the ID of a finding that says that the whole input holds no object, which is seldom what was meant.
const Nothing = "input/nothing"

// Excluded is the ID of a finding that says that a path which was named is left out.
const Excluded = "input/excluded"

// Opener opens a file, or a folder that can list itself. It is given "-" for standard input.
type Opener func(name string) (fs.File, error)

// Has reports whether there is a file or a folder of a name.
func (o Opener) Has(name string) bool {
	_, err := IsFolder(o, name)
	return err == nil
}

// Document is what flows through the stages: one document of a text, a folder that documents are made from, or what is
// said instead of them.
type Document struct {
	diag.Position                // of its first line; of the object in it if that is Known
	Text          []byte         // good until the next document is asked for
	As            Kind           // anything but a manifest is for the stage that makes documents of it
	Only          string         // see Input
	Met           bool           // see Input
	Opened        int            // how many files were opened for it
	Findings      []diag.Finding // what could not be read; there is no text then
	Failed        error          // why the folder made no documents, if that may yet be of no matter
	Made          *Made          // how it came about; nil when it stands in a file as it is
	Template      bool           // that it is a template, if it is one, was told before
	Known         *object.Object // the object that it is, where the stage that made it knows; it is not parsed then
}

// Made says how documents came about, and where in files what they hold is written.
type Made struct {
	Source    object.Source
	Owner     string
	GitOps    bool                                            // the owner is a GitOps object
	Before    upgrade.Minor                                   // see object.Object: nothing but objects are taken of it
	Unreached string                                          // see object.Object: nothing but objects are taken of it
	Only      string                                          // see Input: objects that are written elsewhere are left out
	Again     bool                                            // the file is read on its own too: only the objects' owners are new
	Below     bool                                            // of a kustomization: the file lies in its folder
	Object    func(line int, apiVersion string) diag.Position // of the object whose apiVersion stands in a line; nil when lines are those of the file
	Near      func(line int) diag.Position                    // of what stands in a line
}

// Takes reports whether what is written in a file is asked for.
func (m *Made) Takes(file string) bool {
	if m == nil || m.Only == "" {
		return true
	}
	for name := range strings.SplitSeq(m.Only, "\n") {
		if _, ok := glob.Below(name, file); ok {
			return true
		}
	}
	return false
}

// Kind says what a document stands for.
type Kind uint8

// The kinds.
const (
	Manifest      Kind = iota
	Chart              // the folder of a chart
	Archive            // a packed chart
	Kustomization      // the folder of one
)

// Said is a document that only says something.
func Said(f ...diag.Finding) Document { return Document{Findings: f} }

// Documents reads the documents of the inputs, one after the other.
func Documents(open Opener, inputs iter.Seq[Input]) iter.Seq[Document] {
	return func(yield func(Document) bool) {
		var s splitter
		for in := range inputs {
			var ok bool
			switch {
			case in.Finding != nil:
				ok = yield(Said(*in.Finding))
			case in.As != Manifest:
				ok = yield(Document{As: in.As, Only: in.Only, Position: diag.Position{File: in.Name}})
			default:
				ok = s.file(open, in.Name, in.Met, yield)
			}
			if !ok {
				return
			}
		}
	}
}

// File reads the documents of one file.
func File(open Opener, name string) iter.Seq[Document] {
	return func(yield func(Document) bool) {
		var s splitter
		s.file(open, name, true, yield)
	}
}

// Text reads the documents of a text; file is the name that they get.
func Text(file string, r io.Reader) iter.Seq[Document] {
	return func(yield func(Document) bool) {
		var s splitter
		s.documents(file, r, false, yield)
	}
}

// file reads one file.
func (s *splitter) file(open Opener, name string, met bool, yield func(Document) bool) bool {
	shown := name
	if name == "-" {
		shown = "<stdin>"
	}
	f, err := open(name)
	if err != nil {
		return yield(Said(Unread(shown, err)))
	}
	defer f.Close()
	if !yield(Document{Opened: 1}) {
		return false
	}
	if IsTerraform(name) {
		return terraform(shown, f, yield)
	}
	var text io.Reader = f
	if name == "-" {
		in := bufio.NewReader(f)
		if _, err := in.Peek(1); errors.Is(err, io.EOF) {
			return yield(Said(diag.Finding{ID: Nothing, Severity: diag.Error, Position: diag.Position{File: shown},
				Message: "is empty: the program before the pipe may have failed"}))
		}
		text = in
	}
	return s.documents(shown, text, met, yield)
}

// documents reads the documents of a text.
func (s *splitter) documents(shown string, r io.Reader, met bool, yield func(Document) bool) bool {
	s.reset(r)
	for {
		doc, line, err := s.next()
		at := diag.Position{File: shown, Line: line}
		var ok bool
		switch {
		case errors.Is(err, io.EOF):
			return true
		case errors.Is(err, errTooLarge):
			ok = yield(Said(diag.Finding{ID: diag.Unread, Severity: diag.Error, Position: at,
				Message: "the document is larger than 64 MiB: split it, or scan what it was made from"}))
		case err != nil:
			return yield(Said(Unread(shown, err)))
		default:
			ok = yield(Document{Position: at, Text: doc, Met: met})
		}
		if !ok {
			return false
		}
	}
}

// None is the finding for an input without an object.
func None(name string) diag.Finding {
	return diag.Finding{ID: Nothing, Severity: diag.Warning, Position: diag.Position{File: name}, Message: "holds no Kubernetes objects"}
}

// Unread is the finding for an input that could not be seen.
func Unread(name string, err error) diag.Finding {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return diag.Finding{ID: diag.Unread, Severity: diag.Error, Position: diag.Position{File: name}, Message: "cannot be read: " + err.Error()}
}
