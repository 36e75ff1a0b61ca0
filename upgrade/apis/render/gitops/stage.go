package gitops

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"sync"

	"treadmill/internal/diag"
	"treadmill/upgrade/apis/object"
	"treadmill/upgrade/apis/read"
	"treadmill/upgrade/apis/render/helm"
	"treadmill/upgrade/apis/render/kustomize"
)

// The IDs of findings about what GitOps tools deploy.
const (
	Outside = "gitops/outside" // it deploys what is not in the tree
	Values  = "gitops/values"  // values that it names are not in the tree
	Patched = "gitops/patched" // it patches what a chart makes, and the patches are not applied
	Folder  = "gitops/source"  // the folder is there and is not what the object takes it for
)

// Follower is the stage that makes documents of what GitOps objects deploy. Documents keeps those objects as they pass by;
// when all have passed, Deployed gives what they deploy, what those objects deploy that come out of it, and so on.
type Follower struct {
	Open  read.Opener
	Paths []string // that are scanned
	Helm  helm.Renderer
	Build kustomize.Renderer

	mu     sync.Mutex
	kept   gathered
	failed []*helm.Failed
	broken []*kustomize.Failed
}

// Documents passes documents on and keeps what GitOps objects say, and the charts that do not render: what they are deployed
// with may be other values. It may be called from many goroutines.
func (f *Follower) Documents(in iter.Seq[read.Document]) iter.Seq[read.Document] {
	return func(yield func(read.Document) bool) {
		var p read.Parser
		for d := range in {
			if f.keep(d, &p) && !yield(d) {
				return
			}
		}
	}
}

// keep takes what a document says; it returns false for one that goes no further.
func (f *Follower) keep(d read.Document, p *read.Parser) bool {
	var failed *helm.Failed
	var broken *kustomize.Failed
	switch {
	case errors.As(d.Failed, &failed):
		f.mu.Lock()
		f.failed = append(f.failed, failed)
		f.mu.Unlock()
		return false
	case errors.As(d.Failed, &broken):
		f.mu.Lock()
		f.broken = append(f.broken, broken)
		f.mu.Unlock()
		return false
	}
	if declared, ok := declares(d, p); ok {
		f.mu.Lock()
		f.kept.take(declared)
		f.mu.Unlock()
	}
	return true
}

// declares makes a declaration of a document that holds GitOps objects.
func declares(d read.Document, p *read.Parser) (Declared, bool) {
	out := Declared{Position: d.Position}
	switch {
	case len(d.Text) == 0 || d.Known == nil && !Mentions(d.Text) || d.Made != nil && !d.Made.Before.IsZero():
		return out, false
	case d.Known != nil && !tells(d.Known.APIVersion, d.Known.Kind): // the text is for others
		return out, false
	case d.Known != nil:
		out.Fixed = true
	default:
		if found, _ := p.Read(d); len(found) == 0 {
			return out, false
		}
		if d.Made != nil && d.Made.Near != nil {
			out.Fixed, out.Position = true, d.Made.Near(d.Line+bytes.Count(d.Text, []byte("\n")))
		}
	}
	out.Text, out.Rank = bytes.Clone(d.Text), rank(d.Made)
	return out, true
}

// Tells reports whether the text of an object that a kustomization builds says what is deployed, or with what.
func Tells(o kustomize.Object) bool {
	return tells(o.APIVersion, o.Kind) && (o.APIVersion != "v1" || o.Path == "")
}

// tells reports whether the text of an object of an API may do so.
func tells(apiVersion, kind string) bool {
	return Mentions([]byte(apiVersion)) || apiVersion == "v1" && (kind == "ConfigMap" || kind == "Secret")
}

// rank says how a declaration was made.
func rank(m *read.Made) Rank {
	switch {
	case m == nil:
		return Written
	case m.GitOps:
		return Deployed
	case m.Source != object.Kustomize:
		return Written
	case m.Below:
		return Built
	}
	return Overlaid
}

// maxDeclared bounds the texts of GitOps objects that are held, in bytes.
const maxDeclared = 64 << 20

// gathered are texts of GitOps objects.
type gathered struct {
	texts []Declared
	bytes int
	full  bool
}

func (g *gathered) take(d Declared) {
	if g.full = g.full || g.bytes+len(d.Text) > maxDeclared; !g.full {
		g.texts, g.bytes = append(g.texts, d), g.bytes+len(d.Text)
	}
}

// Deployed gives what the objects deploy out of the tree that Documents has seen. Charts that do not render and that none of
// them deploys are told after it, with their templates as they are.
func (f *Follower) Deployed(ctx context.Context) iter.Seq[read.Document] {
	return func(yield func(read.Document) bool) {
		d := deployer{
			Follower: f,
			tree:     tree{open: f.Open, paths: f.Paths},
			done:     map[string]bool{},
			held:     map[string]held{},
			rendered: map[string]bool{},
		}
		var p read.Parser
		d.yield = func(doc read.Document) bool {
			d.over = d.over || f.keep(doc, &p) && !yield(doc)
			return !d.over
		}
		d.run(ctx)
	}
}

// say makes a finding about what an object deploys.
func (s Source) say(id string, severity diag.Severity, message string) read.Document {
	return read.Said(s.finding(id, severity, message))
}

func (s Source) finding(id string, severity diag.Severity, message string) diag.Finding {
	return diag.Finding{ID: id, Severity: severity, Position: s.Position, Message: s.Owner + ": " + message}
}

// inner is where in its repository the source is; "" for a chart, all of which come from one place.
func (s Source) inner() string {
	if s.Chart != "" {
		return ""
	}
	return s.Path
}
