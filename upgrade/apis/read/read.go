package read

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"sync"

	"treadmill/internal/diag"
	"treadmill/upgrade/apis/render/gitops"
	"treadmill/upgrade/apis/warn"
)

// Reader reads the objects of files. Its methods may be called from many goroutines.
type Reader struct {
	// Open opens a file, or a folder that can list itself. It is given "-" for standard input.
	Open func(name string) (fs.File, error)
	// Want chooses the objects to keep; the others are only counted. nil keeps all. It is called from many goroutines.
	Want func(apiVersion, kind []byte) bool
	// Render says how charts are rendered. Without targets they are not: their templates are read like any file.
	Render Render
	// Refer says to read what objects refer to as well.
	Refer bool
	// Warn says to read what the API server warns of.
	Warn *warn.Table

	each func(at diag.Position, doc []byte) // is called with each document, from many goroutines
}

// Result is what a Reader found, in the order of the files' names.
type Result struct {
	Objects    []Object
	References []Reference    // what objects refer to, if it was asked for
	Uses       []Use          // what objects have that is warned of, if it was asked for
	Findings   []diag.Finding // what could not be read, or not parsed
	Files      int            // how many files were opened
	Seen       int            // how many objects were seen, kept or not

	declared gathered // what GitOps tools are told, if charts are rendered
	failed   []failed // charts that do not render with the values that they have
}

// Read reads files, folders and "-". Folders are walked for .yaml, .yml, .json, .jsonl and .ndjson; names that start
// with a dot are left out. A document that is broken hides no other, and a file that cannot be read no other file. The
// error is that of the context.
func (r Reader) Read(ctx context.Context, paths []string) (Result, error) {
	jobs := make(chan job, 256)
	parts := make([]Result, runtime.GOMAXPROCS(0)+1)
	var wait sync.WaitGroup
	for i := range parts[1:] {
		wait.Go(func() {
			w := worker{reader: r, result: &parts[i+1]}
			for j := range jobs {
				if ctx.Err() == nil {
					w.do(ctx, j)
				}
			}
		})
	}
	w := walker{open: r.Open, result: &parts[0], charts: len(r.Render.Targets) > 0, yield: func(j job) bool {
		select {
		case jobs <- j:
			return true
		case <-ctx.Done():
			return false
		}
	}}
	w.walk(paths)
	close(jobs)
	wait.Wait()
	all := joinResults(parts)
	if len(r.Render.Targets) > 0 {
		r.deploy(ctx, paths, &all)
	}
	all.sort()
	if all.Seen == 0 && len(all.Findings) == 0 {
		all.Findings = append(all.Findings, diag.Finding{ID: Nothing, Severity: diag.Warning, Position: diag.Position{File: joined(paths)},
			Message: "holds no Kubernetes objects"})
	}
	return all, ctx.Err()
}

func joinResults(parts []Result) Result {
	var all Result
	for _, p := range parts {
		all.Objects = append(all.Objects, p.Objects...)
		all.Findings = append(all.Findings, p.Findings...)
		all.References = append(all.References, p.References...)
		all.Uses = append(all.Uses, p.Uses...)
		all.Files += p.Files
		all.Seen += p.Seen
		all.declared.add(p.declared)
		all.failed = append(all.failed, p.failed...)
	}
	return all
}

// sort gives the lists their total orders, and makes one object of what kustomizations make from one place.
func (r *Result) sort() {
	slices.SortFunc(r.Objects, Compare)
	r.Objects = merge(r.Objects)
	slices.SortFunc(r.References, CompareReferences)
	slices.SortFunc(r.Uses, CompareUses)
	diag.Sort(r.Findings)
}

// worker reads files one after the other; its buffers are reused.
type worker struct {
	reader Reader
	split  splitter
	plain  plain
	result *Result
	edit   func(doc []byte) []byte // of each document before it is read; nil for none
}

// job is a file to read, or a chart to render.
type job struct {
	name string
	as   task
}

// task says what is done with a job's name.
type task uint8

const (
	read    task = iota
	folder       // of a chart
	archive      // a packed chart
	overlay      // the folder of a kustomization
)

func (w *worker) do(ctx context.Context, j job) {
	switch j.as {
	case folder:
		w.chartFolder(ctx, j.name)
	case archive:
		w.chartArchive(ctx, j.name)
	case overlay:
		w.kustomization(j.name, deployment{})
	default:
		w.file(j.name)
	}
}

// file reads one file.
func (w *worker) file(name string) {
	shown := name
	if name == "-" {
		shown = "<stdin>"
	}
	f, err := w.reader.Open(name)
	if err != nil {
		w.unread(shown, err)
		return
	}
	defer f.Close()
	w.result.Files++
	var text io.Reader = f
	if name == "-" {
		in := bufio.NewReader(f)
		if _, err := in.Peek(1); errors.Is(err, io.EOF) {
			w.result.Findings = append(w.result.Findings, diag.Finding{ID: Nothing, Severity: diag.Error, Position: diag.Position{File: shown},
				Message: "is empty: the program before the pipe may have failed"})
			return
		}
		text = in
	}
	w.stream(shown, text)
}

// stream reads the documents of a text.
func (w *worker) stream(shown string, r io.Reader) {
	w.split.reset(r)
	for {
		doc, line, err := w.split.next()
		switch {
		case errors.Is(err, io.EOF):
			return
		case errors.Is(err, errTooLarge):
			w.result.Findings = append(w.result.Findings, diag.Finding{ID: diag.Unread, Severity: diag.Error,
				Position: diag.Position{File: shown, Line: line},
				Message:  "the document is larger than 64 MiB: split it, or scan what it was made from"})
		case err != nil:
			w.unread(shown, err)
			return
		default:
			w.document(shown, doc, line)
		}
	}
}

func (w *worker) unread(name string, err error) {
	w.result.Findings = append(w.result.Findings, unread(name, err))
}

// unread is the finding for an input that could not be seen.
func unread(name string, err error) diag.Finding {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return diag.Finding{ID: diag.Unread, Severity: diag.Error, Position: diag.Position{File: name}, Message: "cannot be read: " + err.Error()}
}

// document reads one document, by the line scanner if it can.
func (w *worker) document(file string, doc []byte, line int) {
	if w.edit != nil {
		doc = w.edit(doc)
	}
	if w.reader.each != nil {
		w.reader.each(diag.Position{File: file, Line: line}, doc)
	}
	found, ok := w.plain.read(doc, line)
	if !ok {
		p := parser{file: file}
		p.document(doc, line)
		w.result.Findings = append(w.result.Findings, p.findings...)
		found = p.objects
	}
	if w.reader.Refer && mayRefer(doc) && len(found) > 0 {
		w.result.References = append(w.result.References, references(file, doc, line)...)
	}
	if len(w.reader.Render.Targets) > 0 && len(found) > 0 && gitops.Mentions(doc) {
		w.result.declared.take(gitops.Declared{Text: bytes.Clone(doc), Position: diag.Position{File: file, Line: line}})
	}
	if mayUse(doc, found, w.reader.Warn) {
		w.result.Uses = append(w.result.Uses, uses(file, doc, line, w.reader.Warn)...)
	}
	found.resolve(func(o *raw) {
		w.result.Seen++
		if w.reader.Want != nil && !w.reader.Want(o.apiVersion, o.kind) {
			return
		}
		w.result.Objects = append(w.result.Objects, Object{Source: File, APIVersion: string(o.apiVersion), Kind: string(o.kind),
			Namespace: string(o.namespace), Name: string(o.name),
			Position: diag.Position{File: file, Line: o.line, Column: o.column}})
	})
}

func joined(names []string) string { return strings.Join(names, ", ") }
