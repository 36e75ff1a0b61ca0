package apis

import (
	"context"
	"iter"
	"slices"
	"strings"
	"sync"

	"treadmill/internal/diag"
	"treadmill/upgrade/apis/crd"
	"treadmill/upgrade/apis/dump"
	"treadmill/upgrade/apis/object"
	"treadmill/upgrade/apis/read"
	"treadmill/upgrade/apis/refer"
	"treadmill/upgrade/apis/render/gitops"
	"treadmill/upgrade/apis/render/helm"
	"treadmill/upgrade/apis/render/kustomize"
	"treadmill/upgrade/apis/setup"
	"treadmill/upgrade/apis/warn"
)

// Reader reads what files hold.
type Reader struct {
	// Open opens a file, or a folder that can list itself. It is given "-" for standard input.
	Open read.Opener
	// Real says where a file or folder lies, with all links followed. Links that lead out of what is named are not followed then; nil
	// follows all links to files.
	Real func(name string) (string, error)
	// Quiet runs what a library does that writes to the process's standard error, without that; nil runs it as it is.
	Quiet func(work func())
	// Skip takes the paths that are left out; nil leaves none out.
	Skip func(path string) bool
	// Want chooses the objects to keep; the others are only counted. nil keeps all. It is called from many goroutines.
	Want func(apiVersion, kind []byte) bool
	// Known says of half an API, the other half being "", whether it is one of Kubernetes, to find objects that lack the other; nil
	// looks for none.
	Known func(apiVersion, kind string) bool
	// Targets are the versions that charts are rendered for, the last the one to go to, and Values the values. Without targets
	// nothing is rendered: templates are read like any file.
	Targets []helm.Target
	Values  map[string]any
	// Charts are folders of more charts, for dependencies that are not in the tree.
	Charts []string
	// Refer says to read what objects refer to as well.
	Refer bool
	// Define says to read the definitions of custom resources.
	Define bool
	// Setup says to read how components of Kubernetes are set up.
	Setup bool
	// Dump says to read what dumps of clusters tell: stored releases, and who wrote objects.
	Dump bool
	// Warn says to read what the API server warns of; nil for none.
	Warn *warn.Table
}

// Files is what files hold, in order.
type Files struct {
	Objects     []object.Object
	References  []refer.Reference // what objects refer to, if it was asked for
	Uses        []warn.Use        // what objects have that is warned of, if it was asked for
	Definitions []crd.Definition  // of custom resources, if they were asked for
	Dumps       []dump.Object     // what comes from a server, if it was asked for
	Releases    []dump.Release    // that Helm has stored, if they were asked for
	Setup       []setup.Set       // how components are set up, if it was asked for
	Findings    []diag.Finding    // what could not be read, or not parsed
	Opened      int               // how many files were opened
	Seen        int               // how many objects were seen, kept or not
}

// Read reads files, folders and "-". A document that is broken hides no other, and a file that cannot be read no other file.
// The error is that of the context.
func (r Reader) Read(ctx context.Context, paths []string) (Files, error) {
	var all Files
	var mu sync.Mutex
	render := len(r.Targets) > 0
	tree := newGuard(r.Open, r.Real, slices.Concat(paths, r.Charts))
	library := &helm.Library{Open: tree.Open, Paths: slices.Concat(paths, r.Charts)}
	charts := helm.Renderer{Open: tree.Open, Targets: r.Targets, Values: r.Values, Library: library, Want: r.Want}
	builds := kustomize.Renderer{Open: tree.Open, Want: r.Want, Text: r.text, Lost: &kustomize.Lost{}, Quiet: r.Quiet}
	follow := gitops.Follower{Open: tree.Open, Paths: paths, Helm: charts, Build: builds}
	read.Fan(ctx, read.Walk(tree.Open, paths, render, r.Skip), func(part iter.Seq[read.Input]) {
		documents := read.Documents(r.Open, part)
		if render {
			documents = follow.Documents(builds.Documents(ctx, charts.Documents(ctx, documents)))
		}
		t := taker{Reader: r}
		for d := range documents {
			t.take(d)
		}
		t.next("")
		mu.Lock()
		all.add(t.Files)
		mu.Unlock()
	})
	if render {
		t := taker{Reader: r, Files: all}
		for d := range follow.Deployed(ctx) {
			t.take(d)
		}
		t.next("")
		all = t.Files
	}
	all.Findings = append(all.Findings, tree.findings()...)
	for _, stored := range dump.Latest(all.Releases) {
		objects, seen, lost := stored.Objects(r.Want)
		all.Objects, all.Findings, all.Seen = append(all.Objects, objects...), append(all.Findings, lost...), all.Seen+seen
	}
	all.order()
	if all.Seen == 0 && len(all.Objects) == 0 && len(all.Findings) == 0 && !r.skipsAll(paths) {
		all.Findings = append(all.Findings, read.None(strings.Join(paths, ", ")))
	}
	return all, ctx.Err()
}

// skipsAll reports whether every path that was named is left out.
func (r Reader) skipsAll(paths []string) bool {
	return r.Skip != nil && !slices.ContainsFunc(paths, func(p string) bool { return !r.Skip(p) })
}

func (f *Files) add(p Files) {
	f.Objects = append(f.Objects, p.Objects...)
	f.Findings = append(f.Findings, p.Findings...)
	f.References = append(f.References, p.References...)
	f.Uses = append(f.Uses, p.Uses...)
	f.Definitions = append(f.Definitions, p.Definitions...)
	f.Dumps = append(f.Dumps, p.Dumps...)
	f.Setup = append(f.Setup, p.Setup...)
	f.Releases = append(f.Releases, p.Releases...)
	f.Opened += p.Opened
	f.Seen += p.Seen
}

// text reports whether the text of an object that a kustomization builds is needed too.
func (r Reader) text(o kustomize.Object) bool {
	return gitops.Tells(o) || r.Define && o.Kind == crd.Kind
}

// order gives the lists their total orders without repetitions, and makes one object of what kustomizations make from one place.
func (f *Files) order() {
	slices.SortFunc(f.Objects, object.Compare)
	f.Objects = slices.Compact(object.Merge(f.Objects))
	slices.SortFunc(f.References, refer.Compare)
	f.References = slices.CompactFunc(f.References, func(a, b refer.Reference) bool { return refer.Compare(a, b) == 0 })
	slices.SortFunc(f.Uses, warn.CompareUses)
	f.Uses = slices.Compact(f.Uses)
	slices.SortStableFunc(f.Setup, func(a, b setup.Set) int { return object.Compare(a.Object, b.Object) })
	slices.SortFunc(f.Dumps, func(a, b dump.Object) int { return object.Compare(a.Object, b.Object) })
	f.Definitions = crd.Order(f.Definitions)
	f.Findings = read.PassedOver(slices.Compact(diag.Sort(f.Findings)))
}
