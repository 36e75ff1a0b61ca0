package read

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/render/gitops"
	"treadmill/upgrade/apis/render/helm"
)

// The IDs of findings about charts.
const (
	ChartRender     = "chart/render"       // it does not render
	ChartArchive    = "chart/archive"      // it cannot be unpacked
	ChartDependency = "chart/dependency"   // a subchart is missing
	ChartKubernetes = "chart/kube-version" // it excludes the target
)

const chartFile = "Chart.yaml"

// Render says for what charts are rendered.
type Render struct {
	Targets []Target // the last is the one to go to
	Values  map[string]any
}

// Target is a Kubernetes version as a chart sees it.
type Target struct {
	Version upgrade.Minor
	APIs    []string // that it serves
}

// chartFolder renders the chart in a folder.
func (w *worker) chartFolder(ctx context.Context, root string) {
	files, err := gather(w.reader.Open, root)
	if err != nil {
		w.unread(root, err)
		return
	}
	w.result.Files += count(files)
	w.chart(ctx, root, files, deployment{values: w.reader.Render.Values})
}

// chartFiles reads the files of a chart, packed or not.
func (w *worker) chartFiles(root string) ([]helm.File, error) {
	return ChartFiles(w.reader.Open, root)
}

// chartArchive renders a packed chart. An archive that is none is passed over.
func (w *worker) chartArchive(ctx context.Context, name string) {
	f, err := w.reader.Open(name)
	if err != nil {
		w.unread(name, err)
		return
	}
	defer f.Close()
	files, err := helm.Unpack(f, name)
	if err != nil {
		w.find(ChartArchive, diag.Position{File: name}, "the archive %v", err)
		return
	}
	for _, f := range files {
		if f.Name == chartFile {
			w.result.Files++
			w.chart(ctx, name, files, deployment{values: w.reader.Render.Values})
			return
		}
	}
}

// failed is a chart that does not render with the values that it has. Where a GitOps object gives it others, that does not matter.
type failed struct {
	root   string
	target Target
	err    error
}

// chart renders a chart for each target and reads what comes out. One that does not render is told later, when it is known
// who deploys it.
func (w *worker) chart(ctx context.Context, root string, files []helm.File, as deployment) {
	targets := w.reader.Render.Targets
	seen := map[Object]bool{}
	for i, t := range slices.Backward(targets) { // the version to go to first
		made, err := helm.Render(ctx, files, helm.Options{Version: t.Version, APIs: slices.Concat(t.APIs, as.apis), Values: as.values,
			Release: as.release, Namespace: as.namespace})
		if err != nil && as.owner == "" {
			w.result.failed = append(w.result.failed, failed{root, t, err})
			return
		} else if err != nil {
			w.unrendered(ctx, failed{root, t, err}, " as "+as.owner+" has it")
			return
		}
		before := t.Version
		if i == len(targets)-1 {
			before = upgrade.Minor{}
			w.about(root, t, made)
		}
		o := Object{Source: Helm, Owner: "chart " + made.Release, Before: before}
		if as.owner != "" {
			o.Owner, o.GitOps = as.owner, true
		}
		for _, d := range made.Documents {
			w.rendered(d, o, seen)
		}
	}
	if as.owner == "" {
		w.packed(files, func(name string) bool { return strings.HasPrefix(name, "crds/") || strings.Contains(name, "/crds/") })
	}
}

// about tells what a chart says of itself.
func (w *worker) about(root string, t Target, made helm.Rendered) {
	at := diag.Position{File: root}
	if !isArchive(root) {
		at.File = filepath.Join(root, chartFile)
	}
	for _, name := range made.Missing {
		w.find(ChartDependency, at, "the subchart %q is not in charts/, so that its objects are not known: run helm dependency build", name)
	}
	if made.Excluded != "" {
		w.find(ChartKubernetes, at, "the chart wants Kubernetes %s: Helm refuses to install it on %s", made.Excluded, t.Version)
	}
}

// unrendered reports a chart that does not render and reads its templates as they are.
func (w *worker) unrendered(ctx context.Context, f failed, how string) {
	if ctx.Err() != nil {
		return
	}
	at := diag.Position{File: f.root}
	var e *helm.Error
	if errors.As(f.err, &e) && e.File != "" {
		at = diag.Position{File: e.File, Line: e.Line, Column: e.Column}
	}
	if how != "" {
		w.find(ChartRender, at, "the chart does not render%s for Kubernetes %s: %v", how, f.target.Version, f.err)
		return
	}
	w.find(ChartRender, at, "the chart does not render for Kubernetes %s: %v; its templates are read as they are", f.target.Version, f.err)
	files, err := w.chartFiles(f.root)
	if err != nil {
		w.unread(f.root, err)
	}
	for _, t := range files {
		if strings.Contains("/"+t.Name, "/templates/") && isManifest(t.Name) {
			w.stream(t.Path, bytes.NewReader(t.Data))
		}
	}
	w.packed(files, func(name string) bool { return strings.HasPrefix(name, "crds/") || strings.Contains(name, "/crds/") })
}

// packed reads those files of a chart that no walk comes by, as they are packed.
func (w *worker) packed(files []helm.File, want func(name string) bool) {
	for _, f := range files {
		if strings.Contains(filepath.ToSlash(f.Path), ".tgz/") && want(f.Name) && isManifest(f.Name) {
			w.stream(f.Path, bytes.NewReader(f.Data))
		}
	}
}

// rendered reads what a template made: places are those of the template. Objects that were seen before are not taken twice.
// as says what they have in common.
func (w *worker) rendered(d helm.Document, as Object, seen map[Object]bool) {
	var out Result
	inner := worker{reader: w.reader, result: &out}
	inner.stream(d.File.Path, bytes.NewReader(d.Text))
	for _, o := range out.Objects {
		file, line, column := d.Source(o.Line, o.APIVersion)
		o.Source, o.Owner, o.GitOps, o.Position = as.Source, as.Owner, as.GitOps, diag.Position{File: file, Line: line, Column: column}
		if !seen[o] {
			seen[o] = true
			o.Before = as.Before
			w.result.Objects = append(w.result.Objects, o)
		}
	}
	for _, r := range out.References {
		if as.Before.IsZero() {
			file, line, column := d.Near(r.Object.Line)
			r.Object.Source, r.Object.Owner, r.Object.Position = as.Source, as.Owner, diag.Position{File: file, Line: line, Column: column}
			w.result.References = append(w.result.References, r)
		}
	}
	if !as.Before.IsZero() {
		return
	}
	for _, u := range out.Uses {
		file, line, column := d.Near(u.Object.Line)
		u.Object.Source, u.Object.Owner, u.Object.Position = as.Source, as.Owner, diag.Position{File: file, Line: line, Column: column}
		w.result.Uses = append(w.result.Uses, u)
	}
	w.result.Seen += out.Seen
	for _, g := range out.declared.texts {
		file, line, column := d.Near(g.Line + bytes.Count(g.Text, []byte("\n")))
		g.Position, g.Fixed = diag.Position{File: file, Line: line, Column: column}, true
		if as.GitOps {
			g.Rank = gitops.Deployed
		}
		w.result.declared.take(g)
	}
	for _, f := range out.Findings {
		f.Message += fmt.Sprintf(" (line %d of what the template makes)", f.Line)
		f.Line, f.Column = 0, 0
		w.result.Findings = append(w.result.Findings, f)
	}
}

func (w *worker) find(id string, at diag.Position, format string, args ...any) {
	w.result.Findings = append(w.result.Findings, diag.Errorf(id, at, format, args...))
}

// count is how many of a chart's files are templates; the others are counted as they are walked.
func count(files []helm.File) int {
	n := 0
	for _, f := range files {
		if strings.Contains("/"+f.Name, "/templates/") {
			n++
		}
	}
	return n
}
