package read

import (
	"context"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/upgrade/apis/render/gitops"
	"treadmill/upgrade/apis/render/kustomize"
)

// The IDs of findings about what GitOps tools deploy.
const (
	GitOpsObject  = gitops.Object    // an object that is not what it should be
	GitOpsOutside = "gitops/outside" // it deploys what is not in the tree
	GitOpsValues  = "gitops/values"  // values that it names are not in the tree
	GitOpsPatched = "gitops/patched" // it patches what a chart makes, and the patches are not applied
	GitOpsSource  = "gitops/source"  // the folder is there and is not what the object takes it for
)

// deployment is how something is deployed: by whom, and with what. The zero value stands for nobody.
type deployment struct {
	owner              string
	release, namespace string
	values             map[string]any
	apis               []string
	overlay            string
	vars               map[string]string // nil when nothing is substituted
}

// text is a text with its variables replaced.
func (d deployment) text(s string) string {
	if d.vars == nil || !strings.Contains(s, "${") {
		return s
	}
	return gitops.Substitute(s, d.vars)
}

// maxDeclared bounds the texts of GitOps objects that are held, in bytes.
const maxDeclared = 64 << 20

// gathered are texts of GitOps objects.
type gathered struct {
	texts []gitops.Declared
	bytes int
	full  bool
}

func (g *gathered) take(d gitops.Declared) {
	if g.full = g.full || g.bytes+len(d.Text) > maxDeclared; !g.full {
		g.texts, g.bytes = append(g.texts, d), g.bytes+len(d.Text)
	}
}

func (g *gathered) add(other gathered) {
	for _, d := range other.texts {
		g.take(d)
	}
	g.full = g.full || other.full
}

// deploy reads what GitOps objects deploy out of the tree, and what those objects deploy that come out of it, and so on.
func (r Reader) deploy(ctx context.Context, paths []string, all *Result) {
	d := deployer{tree: tree{open: r.Open, paths: paths}, worker: worker{reader: r, result: all}, done: map[string]bool{}, held: map[string]held{}, rendered: map[string]bool{}}
	if len(all.declared.texts) > 0 {
		d.roots = d.tree.roots()
	}
	var sources []gitops.Source
	var findings []diag.Finding
	for wave := 0; wave < maxWaves && len(all.declared.texts) > 0 && ctx.Err() == nil; wave++ {
		sources, findings = gitops.Read(all.declared.texts)
		if !d.wave(ctx, sources) {
			break
		}
	}
	for _, s := range sources {
		d.outside(s)
	}
	all.Findings = append(all.Findings, findings...)
	if len(d.done) == maxSources {
		all.Findings = append(all.Findings, unread("GitOps objects", fmt.Errorf("they deploy more than %d folders: the others are left out", maxSources)))
	}
	if all.declared.full {
		all.Findings = append(all.Findings, unread("GitOps objects", fmt.Errorf("they have more than %d MiB: the rest of them is left out", maxDeclared>>20)))
	}
	for _, f := range all.failed {
		if !d.rendered[f.root] {
			d.worker.unrendered(ctx, f, "")
		}
	}
	if len(d.done) > 0 {
		all.compact()
	}
}

// maxWaves bounds how often what is deployed may deploy more, and maxSources how much there may be of it: an application of
// applications may have itself among them.
const (
	maxWaves   = 20
	maxSources = 10_000
)

// compact takes out what was read twice.
func (r *Result) compact() {
	r.sort()
	r.Findings = slices.Compact(r.Findings)
	r.Objects = slices.Compact(r.Objects)
	r.References = slices.CompactFunc(r.References, func(a, b Reference) bool { return CompareReferences(a, b) == 0 })
	r.Uses = slices.Compact(r.Uses)
}

// deployer reads what sources name.
type deployer struct {
	tree     tree
	roots    []string
	worker   worker
	held     map[string]held // by From.String
	done     map[string]bool
	rendered map[string]bool // charts, by their folders
}

// wave reads the sources that were not read before: charts only when there is nothing else, as an overlay that is built may
// change what a chart is rendered with. It returns false when all were read.
func (d *deployer) wave(ctx context.Context, sources []gitops.Source) bool {
	type work struct {
		gitops.Source
		dir  string
		tool gitops.Tool
	}
	var charts, others []work
	for _, s := range sources {
		dir, tool := d.find(s)
		switch {
		case dir == "" || d.done[s.Key()]:
		case tool == gitops.Helm:
			charts = append(charts, work{s, dir, tool})
		default:
			others = append(others, work{s, dir, tool})
		}
	}
	if len(others) == 0 {
		others = charts
	}
	var now []gitops.Source
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
		case gitops.Helm:
			d.chart(ctx, w.Source, w.dir)
		case gitops.Kustomize:
			d.kustomization(w.Source, w.dir)
		default:
			d.plain(w.Source, w.dir, "", 0)
		}
	}
	return len(others) > 0
}

// find returns the folder of a source and what makes objects of it; "" when it is not in the tree.
func (d *deployer) find(s gitops.Source) (dir string, tool gitops.Tool) {
	if s.Outside != "" {
		return "", s.Tool
	}
	for _, root := range d.roots {
		dir := filepath.Join(root, filepath.FromSlash(s.Path))
		tool, ok := d.tree.tool(dir)
		if !ok || s.Path == "" && tool == gitops.Plain {
			continue // any tree has a root
		}
		if s.Tool != gitops.Any {
			tool = s.Tool
		} else if s.Recurse && tool == gitops.Helm {
			tool = gitops.Plain // Flux takes no charts for a Kustomization
		}
		return dir, tool
	}
	return "", s.Tool
}

// outside tells of a source that is not in the tree.
func (d *deployer) outside(s gitops.Source) {
	if dir, _ := d.find(s); dir != "" {
		return
	}
	why := s.Outside
	if why == "" {
		why = fmt.Sprintf("the folder %q of %s is not in the tree", "/"+s.Path, s.Repository)
	}
	d.say(s, GitOpsOutside, diag.Info, "what it deploys is not seen: %s", why)
}

func (d *deployer) say(s gitops.Source, id string, severity diag.Severity, format string, args ...any) {
	d.worker.result.Findings = append(d.worker.result.Findings, diag.Finding{ID: id, Severity: severity, Position: s.Position,
		Message: s.Owner + ": " + fmt.Sprintf(format, args...)})
}

// kustomization builds a kustomization as it is deployed.
func (d *deployer) kustomization(s gitops.Source, dir string) {
	d.worker.kustomization(dir, deployment{owner: s.Owner, overlay: s.Overlay, vars: d.vars(s)})
}

// plain reads the manifests of a folder as they are deployed. Those that are scanned anyway give their objects an owner.
// within is the path of the folder in that of the source, which the source's patterns are matched with.
func (d *deployer) plain(s gitops.Source, dir, within string, depth int) {
	entries, err := d.tree.list(dir)
	if err != nil || depth > 50 {
		d.say(s, GitOpsSource, diag.Error, "the folder %s cannot be listed", dir)
		return
	}
	vars := d.vars(s)
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		switch tool, _ := d.tree.tool(name); {
		case strings.HasPrefix(e.Name(), "."):
		case e.IsDir() && s.Recurse && tool == gitops.Kustomize:
			d.kustomization(s, name)
		case e.IsDir() && s.Recurse:
			d.plain(s, name, path.Join(within, e.Name()), depth+1)
		case e.Type().IsRegular() && isManifest(name) && s.Takes(path.Join(within, e.Name())) && !slices.Contains(kustomize.Names(), e.Name()):
			d.file(s, name, vars)
		}
	}
}

// file reads one manifest as it is deployed.
func (d *deployer) file(s gitops.Source, name string, vars map[string]string) {
	var out Result
	inner := worker{reader: d.worker.reader, result: &out}
	if vars != nil {
		as := deployment{vars: vars}
		inner.edit = func(doc []byte) []byte { return []byte(as.text(string(doc))) }
	}
	inner.file(name)
	all := d.worker.result
	if !d.tree.covers(name) { // else it is counted and reported without this
		all.Files, all.Seen = all.Files+out.Files, all.Seen+out.Seen
		all.Findings, all.References, all.Uses = append(all.Findings, out.Findings...), append(all.References, out.References...), append(all.Uses, out.Uses...)
	}
	for _, o := range out.Objects {
		o.Owner, o.GitOps = s.Owner, true
		all.Objects = append(all.Objects, o)
	}
	for _, g := range out.declared.texts {
		g.Rank = gitops.Deployed
		all.declared.take(g)
	}
}
