package gitops

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/upgrade/apis/object"
	"treadmill/upgrade/apis/read"
	"treadmill/upgrade/apis/render/kustomize"
)

// maxWaves bounds how often what is deployed may deploy more, and maxSources how much there may be of it: an application of
// applications may have itself among them.
const (
	maxWaves   = 20
	maxSources = 10_000
)

// deployer reads what sources name.
type deployer struct {
	*Follower
	tree     tree
	roots    []string
	yield    func(read.Document) bool
	over     bool            // nobody wants more documents
	held     map[string]held // by From.String
	done     map[string]bool
	rendered map[string]bool // charts, by their folders
}

// run works in waves: what one wave of sources makes may hold the objects of the next.
func (d *deployer) run(ctx context.Context) {
	if len(d.kept.texts) > 0 {
		d.roots = d.tree.roots()
	}
	var sources []Source
	var findings []diag.Finding
	for wave := 0; wave < maxWaves && len(d.kept.texts) > 0 && ctx.Err() == nil; wave++ {
		sources, findings = Read(d.kept.texts, d.tree.repository(d.roots))
		if !d.wave(ctx, sources) {
			break
		}
	}
	d.outside(sources)
	if len(d.done) == maxSources {
		findings = append(findings,
			read.Unread("GitOps objects", fmt.Errorf("they deploy more than %d folders: the others are left out", maxSources)))
	}
	if d.kept.full {
		findings = append(findings,
			read.Unread("GitOps objects", fmt.Errorf("they have more than %d MiB: the rest of them is left out", maxDeclared>>20)))
	}
	if !d.over && len(findings) > 0 {
		d.yield(read.Said(findings...))
	}
	for _, f := range d.failed {
		if !d.rendered[f.Root] {
			d.all(d.Helm.Raw(ctx, f))
		}
	}
	d.unbuilt(sources)
}

// unbuilt tells of the kustomizations that do not build, but for those that are for a plugin.
func (d *deployer) unbuilt(sources []Source) {
	plugin := map[string]bool{}
	for _, s := range sources {
		for _, root := range d.roots {
			plugin[filepath.Join(root, filepath.FromSlash(s.Path))] = plugin[filepath.Join(root, filepath.FromSlash(s.Path))] || s.Plugin
		}
	}
	for _, f := range d.broken {
		if !plugin[filepath.Clean(f.Dir)] && !d.over {
			d.yield(read.Said(f.Findings...))
		}
	}
}

// all passes documents on.
func (d *deployer) all(documents iter.Seq[read.Document]) {
	if d.over {
		return
	}
	for doc := range documents {
		if !d.yield(doc) {
			return
		}
	}
}

// wave reads the sources that were not read before: charts only when there is nothing else, as an overlay that is built may
// change what a chart is rendered with. It returns false when all were read.
func (d *deployer) wave(ctx context.Context, sources []Source) bool {
	type work struct {
		Source
		dir  string
		tool Tool
	}
	var charts, others []work
	for _, s := range sources {
		dir, tool := d.find(s)
		switch {
		case dir == "" || d.done[s.Key()]:
		case tool == Helm:
			charts = append(charts, work{s, dir, tool})
		default:
			others = append(others, work{s, dir, tool})
		}
	}
	if len(others) == 0 {
		others = charts
	}
	var now []Source
	for _, w := range others {
		now = append(now, w.Source)
	}
	d.look(ctx, now)
	for _, w := range others {
		if ctx.Err() != nil || len(d.done) == maxSources {
			return false
		}
		d.done[w.Key()] = true
		switch w.tool {
		case Helm:
			d.chart(ctx, w.Source, w.dir)
		case Kustomize:
			d.kustomization(ctx, w.Source, w.dir)
		default:
			d.plain(ctx, w.Source, w.dir, "", 0)
		}
	}
	return len(others) > 0
}

// find returns the folder of a source and what makes objects of it; "" when it is not in the tree.
func (d *deployer) find(s Source) (dir string, tool Tool) {
	if s.Outside != "" {
		if s.Chart == "" {
			return "", s.Tool
		}
		dir, _ := d.Helm.Library.Find(s.Chart, s.Version)
		return dir, Helm
	}
	for _, root := range d.roots {
		dir := filepath.Join(root, filepath.FromSlash(s.Path))
		tool, ok := d.tree.tool(dir)
		if !ok || s.Path == "" && tool == Plain {
			continue // any tree has a root
		}
		if s.Tool != Any {
			tool = s.Tool
		} else if s.Recurse && tool == Helm {
			tool = Plain // Flux takes no charts for a Kustomization
		}
		return dir, tool
	}
	return "", s.Tool
}

// outside tells of the sources that are not in the tree: once for all that come from one repository.
func (d *deployer) outside(sources []Source) {
	groups := map[string][]Source{}
	var order []string
	for i, s := range sources {
		if dir, _ := d.find(s); dir != "" {
			continue
		}
		key := strings.TrimSuffix(s.Repository, "/")
		if key == "" || s.Chart == "" {
			key = fmt.Sprint(i)
		}
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], s)
	}
	for _, key := range order {
		group := groups[key]
		first := slices.MinFunc(group, func(a, b Source) int {
			return cmp.Or(diag.Compare(diag.Finding{Position: a.Position}, diag.Finding{Position: b.Position}), cmp.Compare(a.Owner, b.Owner))
		})
		why := first.Outside
		if why == "" {
			why = fmt.Sprintf("the folder %q of %s is not in the tree", "/"+first.Path, first.Repository)
		}
		var others []string
		for _, s := range group {
			if s.Owner != first.Owner {
				others = append(others, s.Owner)
			}
		}
		if slices.Sort(others); len(others) > 0 {
			others = slices.Compact(others)
			why += fmt.Sprintf("; %d more come from there: %s", len(others), few(others))
		}
		if !d.over {
			d.yield(read.Said(read.From(first.finding(Outside, diag.Info, "what it deploys is not seen: "+why), first.Repository, first.inner())))
		}
	}
}

// few joins names, the first of them when there are many.
func few(names []string) string {
	if len(names) > 5 {
		return strings.Join(names[:5], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

func (d *deployer) say(s Source, id string, severity diag.Severity, format string, args ...any) {
	if !d.over {
		d.yield(s.say(id, severity, fmt.Sprintf(format, args...)))
	}
}

// kustomization builds a kustomization as it is deployed.
func (d *deployer) kustomization(ctx context.Context, s Source, dir string) {
	d.all(d.Build.Build(ctx, dir, kustomize.Deployment{Owner: s.Owner, Overlay: s.Overlay, Edit: editor(d.vars(s))}))
}

// plain reads the manifests of a folder as they are deployed. Those that are scanned anyway give their objects an owner.
// within is the path of the folder in that of the source, which the source's patterns are matched with.
func (d *deployer) plain(ctx context.Context, s Source, dir, within string, depth int) {
	entries, err := d.tree.list(dir)
	if err != nil || depth > 50 {
		d.say(s, Folder, diag.Error, "the folder %s cannot be listed", dir)
		return
	}
	vars := d.vars(s)
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		switch tool, _ := d.tree.tool(name); {
		case strings.HasPrefix(e.Name(), "."):
		case e.IsDir() && s.Recurse && tool == Kustomize:
			d.kustomization(ctx, s, name)
		case e.IsDir() && s.Recurse:
			d.plain(ctx, s, name, path.Join(within, e.Name()), depth+1)
		case e.Type().IsRegular() && read.IsManifest(name) && s.Takes(path.Join(within, e.Name())) &&
			!slices.Contains(read.KustomizationFiles(), e.Name()):
			d.file(s, name, vars)
		}
	}
}

// file reads one manifest as it is deployed.
func (d *deployer) file(s Source, name string, vars map[string]string) {
	how := read.Made{Source: object.File, Owner: s.Owner, GitOps: true, Again: d.tree.covers(name)}
	edit := editor(vars)
	for doc := range read.File(d.Open, name) {
		if edit != nil && doc.Text != nil {
			doc.Text = []byte(edit(string(doc.Text)))
		}
		if doc.Made = &how; !d.over && !d.yield(doc) {
			return
		}
	}
}

// editor replaces variables in texts; nil where none are.
func editor(vars map[string]string) func(string) string {
	if vars == nil {
		return nil
	}
	return func(text string) string {
		if !strings.Contains(text, "${") {
			return text
		}
		return Substitute(text, vars)
	}
}
