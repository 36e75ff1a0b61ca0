package kustomize

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"regexp"
	"strings"

	"treadmill/internal/diag"
	"treadmill/internal/glob"
	"treadmill/upgrade/apis/object"
	"treadmill/upgrade/apis/read"
)

// The IDs of findings about kustomizations.
const (
	CannotBuild = "kustomize/build"  // it does not build
	NotLocal    = "kustomize/remote" // it needs what is not among the files, so that nothing was built
)

// Renderer is the stage that makes documents of kustomizations. What they make is known by the place in the file that it is from.
type Renderer struct {
	Open read.Opener
	Want func(apiVersion, kind []byte) bool // chooses the objects; nil keeps all
	Text func(Object) bool                  // chooses those whose text is passed on too, kept or not; nil chooses none
	Lost *Lost                              // what builds of the run lost; nil counts nothing

	Quiet func(work func()) // see Options
}

// Deployment is how a kustomization is deployed: by whom, and with what. Nobody deploys it in the zero value.
type Deployment struct {
	Owner   string
	Overlay string              // YAML of fields for a kustomization above it; "" for none
	Edit    func(string) string // of the texts that come out; nil for none
}

func (d Deployment) text(s string) string {
	if d.Edit == nil {
		return s
	}
	return d.Edit(s)
}

// Documents puts what kustomizations build where they stand among documents, and passes the others on.
func (r Renderer) Documents(ctx context.Context, in iter.Seq[read.Document]) iter.Seq[read.Document] {
	return func(yield func(read.Document) bool) {
		for d := range in {
			var ok bool
			if d.As == read.Kustomization {
				ok = r.build(ctx, d.File, Deployment{}, yield)
			} else {
				ok = yield(d)
			}
			if !ok {
				return
			}
		}
	}
}

// Build builds the kustomization in a folder as it is deployed.
func (r Renderer) Build(ctx context.Context, dir string, as Deployment) iter.Seq[read.Document] {
	return func(yield func(read.Document) bool) { r.build(ctx, dir, as, yield) }
}

func (r Renderer) build(ctx context.Context, dir string, as Deployment, yield func(read.Document) bool) bool {
	made, charts, err := Build(ctx, Options{Open: r.Open, Dir: dir, Overlay: as.Overlay, Text: r.Text, Lost: r.Lost, Quiet: r.Quiet})
	var remote *Remote
	at := diag.Position{File: dir}
	if inner := (*broken)(nil); errors.As(err, &inner) {
		at.File = inner.dir
	}
	switch {
	case ctx.Err() != nil:
		return false
	case errors.As(err, &remote):
		return failed(dir, as, yield, remote.findings(dir)...)
	case err != nil && len(charts) > 0:
		err = plain(err)
		return r.without(charts, yield) && failed(dir, as, yield, diag.Finding{ID: CannotBuild, Severity: diag.Warning,
			Position: at,
			Message:  fmt.Sprintf("the kustomization does not build without its charts: %v; its own files are read as they are", err)})
	case err != nil:
		err = plain(err)
		return failed(dir, as, yield, diag.Errorf(CannotBuild, at,
			"the kustomization does not build: %v; its own files are read as they are", err))
	}
	p := places{open: r.Open, files: map[string][]object.Object{}}
	for _, m := range made {
		if d, ok := r.document(dir, as, m, &p); ok && !yield(d) {
			return false
		}
	}
	return r.without(charts, yield)
}

var (
	resourceID = regexp.MustCompile(`resid\.ResId\{Gvk:resid\.Gvk\{Group:"[^"]*", Version:"[^"]*", Kind:"([^"]*)"[^}]*\}, Name:"([^"]*)", Namespace:"[^"]*"\}`)
	pointers   = regexp.MustCompile(` ?&?\{?(?:0x[0-9a-f]{6,16} ?)+\}?`)
)

// plain is an error without values as Go prints them: addresses of memory are others in every run.
func plain(err error) error {
	return errors.New(pointers.ReplaceAllString(resourceID.ReplaceAllString(err.Error(), "$1 $2"), ""))
}

// without says which charts were left out.
func (r Renderer) without(charts []Chart, yield func(read.Document) bool) bool {
	for _, c := range charts {
		name := "the chart " + c.Name
		if c.Repository != "" {
			name += " of " + c.Repository
		}
		if !yield(read.Said(read.From(diag.Finding{ID: NotLocal, Severity: diag.Info, Position: diag.Position{File: c.File},
			Message: name + " is left out of what the kustomization builds, so that what it makes is not seen"}, c.Repository, ""))) {
			return false
		}
	}
	return true
}

// Failed says which kustomization does not build, and why.
type Failed struct {
	Dir      string
	Findings []diag.Finding
}

func (f *Failed) Error() string { return f.Findings[0].Message }

// failed tells of a kustomization that does not build: later, when it is known who deploys it, unless that is known.
func failed(dir string, as Deployment, yield func(read.Document) bool, f ...diag.Finding) bool {
	if as.Owner != "" {
		return yield(read.Said(f...))
	}
	return yield(read.Document{As: read.Kustomization, Position: diag.Position{File: dir}, Failed: &Failed{dir, f}})
}

// document is an object that a kustomization made; ok is false for one that nobody wants.
func (r Renderer) document(dir string, as Deployment, m Object, p *places) (read.Document, bool) {
	o := object.Object{Source: object.Kustomize, APIVersion: as.text(m.APIVersion), Kind: as.text(m.Kind), Namespace: as.text(m.Namespace),
		Name: as.text(m.Name), Owner: "kustomization " + filepath.ToSlash(dir), Position: diag.Position{File: dir}}
	if as.Owner != "" {
		o.Owner, o.GitOps = as.Owner, true
	}
	keep := r.Want == nil || r.Want([]byte(o.APIVersion), []byte(o.Kind))
	if !keep && len(m.Text) == 0 {
		return read.Document{}, false
	}
	if m.Path != "" {
		o.Position = p.origin(m)
	}
	_, below := glob.Below(dir, m.Path)
	how := read.Made{Source: o.Source, Owner: o.Owner, GitOps: o.GitOps, Below: below}
	return read.Document{Position: o.Position, Made: &how, Known: &o, Text: []byte(as.text(string(m.Text)))}, true
}

// places finds where in files objects stand.
type places struct {
	open   read.Opener
	parser read.Parser
	files  map[string][]object.Object
}

// origin is the place of the object that a kustomization made another from: that of the same API whose name is the longest
// part of the other's name, as prefixes and suffixes are added to names.
func (p *places) origin(made Object) diag.Position {
	if _, ok := p.files[made.Path]; !ok {
		p.files[made.Path] = p.read(made.Path)
	}
	best, length := diag.Position{File: made.Path}, -1
	for _, o := range p.files[made.Path] {
		if o.APIVersion == made.APIVersion && o.Kind == made.Kind && strings.Contains(made.Name, o.Name) && len(o.Name) > length {
			best, length = o.Position, len(o.Name)
		}
	}
	return best
}

// read reads the objects of a file for their places.
func (p *places) read(path string) []object.Object {
	var out []object.Object
	for d := range read.File(p.open, path) {
		found, _ := p.parser.Read(d)
		for h := range found.Objects() {
			out = append(out, object.Object{APIVersion: string(h.APIVersion), Kind: string(h.Kind), Name: string(h.Name),
				Position: diag.Position{File: d.File, Line: h.Line, Column: h.Column}.Wide(h.Wide)})
		}
	}
	return out
}
