package helm

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"iter"
	"path/filepath"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/object"
	"treadmill/upgrade/apis/read"
)

// The IDs of findings about charts.
const (
	CannotRender = "chart/render"       // it does not render
	BadArchive   = "chart/archive"      // it cannot be unpacked
	NoDependency = "chart/dependency"   // a subchart is missing
	NotForTarget = "chart/kube-version" // it excludes the target
)

// Target is a Kubernetes version as a chart sees it.
type Target struct {
	Version upgrade.Minor
	APIs    []string                // that it serves
	Known   func(group string) bool // whether a group is one of Kubernetes' own, which are there or not by the version; nil for all
}

// Renderer is the stage that makes documents of charts.
type Renderer struct {
	Open    read.Opener
	Targets []Target // the last is the one to go to
	Values  map[string]any
	Want    func(apiVersion, kind []byte) bool // chooses the objects that are looked for where no values lead; nil keeps all
	Library *Library                           // of charts for dependencies; nil for none
}

// Release is how a chart is deployed: by whom, and with what. Nobody deploys it in the zero value.
type Release struct {
	Owner           string
	Name, Namespace string
	Values          map[string]any
	APIs            []string
	only            string // see read.Input
}

// Documents puts what charts make where the charts stand among documents, and passes the others on. A chart that does not
// render with the values that it has is passed on as failed, since a GitOps object may give it others.
func (r Renderer) Documents(ctx context.Context, in iter.Seq[read.Document]) iter.Seq[read.Document] {
	return func(yield func(read.Document) bool) {
		for d := range in {
			var ok bool
			switch {
			case d.As == read.Chart && d.Failed == nil:
				ok = r.folder(ctx, d.File, d.Only, yield)
			case d.As == read.Archive:
				ok = r.archive(ctx, d.File, yield)
			default:
				ok = yield(d)
			}
			if !ok {
				return
			}
		}
	}
}

// folder renders the chart in a folder.
func (r Renderer) folder(ctx context.Context, root, only string, yield func(read.Document) bool) bool {
	files, err := r.Files(root)
	if err != nil {
		var at *fs.PathError
		if errors.As(err, &at) {
			root = at.Path
		}
		return yield(read.Said(read.Unread(root, err)))
	}
	return yield(read.Document{Opened: templates(files)}) && r.chart(ctx, root, files, Release{Values: r.Values, only: only}, yield)
}

// archive renders a packed chart. Of an archive that is no chart, such as a backup of a cluster, the manifests are read as they are.
func (r Renderer) archive(ctx context.Context, name string, yield func(read.Document) bool) bool {
	f, err := r.Open(name)
	if err != nil {
		return yield(read.Said(read.Unread(name, err)))
	}
	defer f.Close()
	files, err := unpackAny(f, name)
	if err != nil {
		return yield(read.Said(diag.Errorf(BadArchive, diag.Position{File: name}, "the archive %v", err)))
	}
	if !slices.ContainsFunc(files, func(f File) bool { return f.Name == read.ChartFile }) {
		return loose(files, yield)
	}
	return yield(read.Document{Opened: 1}) && r.chart(ctx, name, files, Release{Values: r.Values}, yield)
}

// Failed says which chart does not render, and for what.
type Failed struct {
	Root   string
	Target Target
	Err    error
	only   string
}

func (f *Failed) Error() string { return f.Err.Error() }

// findings say that a chart does not render; how and then are for their words. One that lacks subcharts is told for that alone.
func (f *Failed) findings(how, then string) []diag.Finding {
	at := diag.Position{File: f.Root}
	var e *Error
	if errors.As(f.Err, &e) {
		if len(e.Missing) > 0 {
			return noDependency(f.Root, e.Missing, "so that the chart does not render and its objects are not known")
		}
		if e.File != "" {
			at = diag.Position{File: e.File, Line: e.Line, Column: e.Column}
		}
	}
	return []diag.Finding{diag.Errorf(CannotRender, at, "the chart does not render%s for Kubernetes %s: %v%s", how, f.Target.Version, f.Err, then)}
}

// noDependency says which subcharts a chart lacks, and what that means. Other charts may lack the same.
func noDependency(root string, names []string, means string) (out []diag.Finding) {
	for _, name := range names {
		f := diag.Errorf(NoDependency, chartPlace(root), "the subchart %q is not in charts/, %s: run helm dependency build", name, means)
		f.Cause = "subchart " + name
		out = append(out, f)
	}
	return out
}

// chartPlace is the place of findings about a chart as a whole.
func chartPlace(root string) diag.Position {
	if read.IsArchive(root) {
		return diag.Position{File: root}
	}
	return diag.Position{File: filepath.Join(root, read.ChartFile)}
}

// Chart renders a chart for each target, as it is deployed.
func (r Renderer) Chart(ctx context.Context, root string, files []File, as Release) iter.Seq[read.Document] {
	return func(yield func(read.Document) bool) { r.chart(ctx, root, files, as, yield) }
}

func (r Renderer) chart(ctx context.Context, root string, files []File, as Release, yield func(read.Document) bool) bool {
	files, err := unfold(files)
	if err != nil {
		return r.failed(ctx, &Failed{root, r.Targets[len(r.Targets)-1], &Error{Message: err.Error()}, as.only}, as, yield)
	}
	for i, t := range slices.Backward(r.Targets) { // the version to go to first
		o := Options{Version: t.Version, APIs: slices.Concat(t.APIs, as.APIs), Values: as.Values, Release: as.Name, Namespace: as.Namespace}
		made, err := Render(ctx, files, o)
		if err != nil {
			return r.failed(ctx, &Failed{root, t, err, as.only}, as, yield)
		}
		how := read.Made{Source: object.Helm, Owner: "chart " + made.Release, Only: as.only}
		if as.Owner != "" {
			how.Owner, how.GitOps = as.Owner, true
		}
		last := i == len(r.Targets)-1
		if !last {
			how.Before = t.Version
		} else if !made.about(root, t, yield) {
			return false
		}
		for _, d := range made.Documents {
			if !d.documents(how, yield) {
				return false
			}
		}
		c := complete{Renderer: r, root: root, files: files, options: o, known: t.Known, reached: made.reached, only: as.only, yield: yield}
		if last && as.Owner == "" && !c.run(ctx, made, how) {
			return false
		}
	}
	return as.Owner != "" || as.only != "" || packed(files, isDefinition, yield)
}

// failed passes a chart on that does not render: nobody else can give it other values where it is known who deploys it.
func (r Renderer) failed(ctx context.Context, f *Failed, as Release, yield func(read.Document) bool) bool {
	switch {
	case as.Owner == "":
		return yield(read.Document{As: read.Chart, Position: diag.Position{File: f.Root}, Failed: f})
	case ctx.Err() != nil:
		return false
	}
	return yield(read.Said(f.findings(" as "+as.Owner+" has it", "")...))
}

// about tells what a chart says of itself.
func (made Rendered) about(root string, t Target, yield func(read.Document) bool) bool {
	if len(made.Missing) > 0 && !yield(read.Said(noDependency(root, made.Missing, "so that its objects are not known")...)) {
		return false
	}
	return made.Excluded == "" || yield(read.Said(diag.Errorf(NotForTarget, chartPlace(root),
		"the chart wants Kubernetes %s: Helm refuses to install it on %s", made.Excluded, t.Version)))
}

// documents passes on what a template made, with the places in the templates.
func (d Document) documents(how read.Made, yield func(read.Document) bool) bool {
	how.Object = func(line int, apiVersion string) diag.Position { return position(d.Source(line, apiVersion)) }
	how.Near = func(line int) diag.Position { return position(d.Near(line)) }
	for doc := range read.Text(d.File.Path, bytes.NewReader(d.Text)) {
		doc.Made = &how
		if !yield(doc) {
			return false
		}
	}
	return true
}

func position(file string, line, column int) diag.Position {
	return diag.Position{File: file, Line: line, Column: column}
}

// Raw says that a chart does not render, and reads its templates as they are: the whole manifests among them, and the API versions
// that the others write.
func (r Renderer) Raw(ctx context.Context, f *Failed) iter.Seq[read.Document] {
	return func(yield func(read.Document) bool) {
		if ctx.Err() != nil || !yield(read.Said(f.findings("", "; its templates are read as they are")...)) {
			return
		}
		files, err := r.Files(f.Root)
		if err == nil {
			files, err = unfold(files)
		}
		if err != nil {
			return
		}
		seen := map[place]bool{}
		for i, t := range files {
			if asked := (&read.Made{Only: f.only}); isTemplateFile(t.Name) && read.IsManifest(t.Name) && asked.Takes(t.Path) &&
				!raw(i, t, seen, yield) {
				return
			}
		}
		c := complete{Renderer: r, root: f.Root, files: files, known: f.Target.Known, reached: seen, only: f.only, yield: yield,
			options: Options{Version: f.Target.Version, APIs: f.Target.APIs, Values: r.Values}}
		if c.left(ctx, parseBranches(files), "chart "+nameOf(files)) {
			packed(files, isDefinition, yield)
		}
	}
}

// raw reads a template as if it were a manifest. That it is a template is known.
func raw(index int, t File, seen map[place]bool, yield func(read.Document) bool) bool {
	var p read.Parser
	for d := range read.Text(t.Path, bytes.NewReader(t.Data)) {
		heads, _ := p.Read(d)
		for h := range heads.Objects() {
			seen[place{file: index, line: h.Line}] = true
		}
		if d.Template = true; !yield(d) {
			return false
		}
	}
	return true
}

// packed reads those files of a chart that no walk comes by, as they are packed.
func packed(files []File, want func(name string) bool, yield func(read.Document) bool) bool {
	for _, f := range files {
		if strings.Contains(filepath.ToSlash(f.Path), ".tgz/") && want(f.Name) && read.IsManifest(f.Name) && !asIs(f, yield) {
			return false
		}
	}
	return true
}

// loose reads the manifests in an archive that is no chart.
func loose(files []File, yield func(read.Document) bool) bool {
	for _, f := range files {
		if read.IsManifest(f.Path) && (!yield(read.Document{Opened: 1}) || !asIs(f, yield)) {
			return false
		}
	}
	return true
}

// asIs reads the documents of a file of a chart.
func asIs(f File, yield func(read.Document) bool) bool {
	for d := range read.Text(f.Path, bytes.NewReader(f.Data)) {
		if !yield(d) {
			return false
		}
	}
	return true
}

func isDefinition(name string) bool {
	return strings.HasPrefix(name, "crds/") || strings.Contains(name, "/crds/")
}

func isTemplateFile(name string) bool { return strings.Contains("/"+name, "/templates/") }

// templates is how many of a chart's files are templates; the others are counted as they are walked.
func templates(files []File) int {
	n := 0
	for _, f := range files {
		if isTemplateFile(f.Name) {
			n++
		}
	}
	return n
}
