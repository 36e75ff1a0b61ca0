// Package kustomize builds kustomizations in process and without a network, and knows which file each object is from.
//
// The way through it: Renderer.Documents takes the folders of kustomizations among documents → Build → what they make. Build
// runs Kustomize itself over a file system (disk.go) that reads through an Opener, whatever names paths have. Each
// kustomization is looked at (guard.go) before Kustomize sees it: one that names what lies elsewhere, such as a URL, is
// refused, as Kustomize would fetch it. What a build may cost is bounded. It runs no plugins and inflates no charts.
package kustomize

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"

	"treadmill/internal/diag"
	"treadmill/upgrade/apis/read"
)

// Object is one object that a kustomization makes.
type Object struct {
	APIVersion, Kind, Namespace, Name string
	Path                              string // the file it is from; "" when it was generated
	Text                              []byte // in YAML, if it was asked for; of a definition of a custom resource without schemas
}

// Remote says that a kustomization names something that is not among the files, or that lies elsewhere.
type Remote struct {
	File  string   // the kustomization
	Names []string // what is not there
	Fetch []string // what Kustomize would fetch
}

func (r *Remote) Error() string {
	return "it needs " + strings.Join(slices.Concat(r.Names, r.Fetch), ", ") + ", which is not a local file"
}

// findings say what a kustomization lacks: an error for all that is not there, and an info for each source that lies elsewhere.
func (r *Remote) findings(dir string) (out []diag.Finding) {
	const then = "; its own files are read as they are"
	at := diag.Position{File: r.File}
	if len(r.Names) > 0 {
		local := &Remote{Names: r.Names}
		f := diag.Errorf(NotLocal, at, "the kustomization of %s is not built: %v%s", dir, local, then)
		f.Cause = "file " + r.File + " " + strings.Join(r.Names, ", ")
		out = append(out, f)
	}
	for _, name := range r.Fetch {
		out = append(out, read.From(diag.Finding{ID: NotLocal, Severity: diag.Info, Position: at,
			Message: fmt.Sprintf("the kustomization of %s is not built: %s lies elsewhere, and nothing is fetched%s", dir, name, then)}, name, ""))
	}
	return out
}

// Chart is a chart that a kustomization names; what it makes is left out.
type Chart struct {
	File             string // the kustomization
	Name, Repository string
}

// Options say what is built.
type Options struct {
	Open    read.Opener
	Dir     string            // of the kustomization
	Overlay string            // YAML of fields for a kustomization above it, with paths relative to the folder; "" for none
	Text    func(Object) bool // chooses the objects whose text is wanted too; nil chooses none
	Timeout time.Duration     // 0 is 20 s
	Lost    *Lost             // shared by builds of one run; nil for one that stands alone
	Quiet   func(work func()) // runs the library, which writes what it advises to the process's standard error; nil runs it as it is
}

// Lost is the time that builds of a run took which had to be stopped. When it is half of what one may take, no more are begun: many small
// kustomizations can each take long.
type Lost struct{ sum atomic.Int64 }

func (l *Lost) add(d time.Duration) {
	if l != nil {
		l.sum.Add(int64(d))
	}
}

func (l *Lost) over(most time.Duration) bool { return l != nil && l.sum.Load() > int64(most) }

// building is full while Kustomize runs, which keeps its schema in variables.
var building = make(chan struct{}, 1)

// maxWait is how long a build waits for others, in times of its own timeout: one that cannot be stopped is in the way for good.
const maxWait = 20

// Build builds a kustomization, without the charts in it. A component, which is none by itself, gives nothing.
func Build(ctx context.Context, o Options) ([]Object, []Chart, error) {
	d := newDisk(o.Open)
	root := virtual(o.Dir)
	if o.Overlay != "" {
		text, err := above(root, o.Overlay)
		if err != nil {
			return nil, nil, err
		}
		root = filepath.Join(filepath.Dir(root), ".overlay")
		d.memory[filepath.Join(root, read.KustomizationFiles()[0])] = text
	}
	d.root = root
	if !d.hasKustomization(virtual(o.Dir)) {
		return nil, nil, fmt.Errorf("%s has no kustomization", o.Dir)
	}
	if o.Timeout == 0 {
		o.Timeout = 20 * time.Second
	}
	return d.bounded(ctx, o)
}

// bounded ends a build that takes too long. Kustomize cannot be stopped: it meets an error the next time that it reads a file, and
// is left behind if it reads none.
func (d *disk) bounded(ctx context.Context, o Options) ([]Object, []Chart, error) {
	select {
	case building <- struct{}{}:
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	case <-time.After(maxWait * o.Timeout):
		return nil, nil, errors.New("another kustomization does not end")
	}
	if most := o.Timeout / 2; o.Lost.over(most) { // the processor has more to do than the clock says, as memory is collected beside the build
		<-building
		return nil, nil, fmt.Errorf("others of this run were stopped after %v in all", most)
	}
	limited, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	began := time.Now()
	d.ctx = limited
	type outcome struct {
		made   []Object
		charts []Chart
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		var made []Object
		var err error
		quiet := o.Quiet
		if quiet == nil {
			quiet = func(work func()) { work() }
		}
		quiet(func() { made, err = d.build(o) })
		if stopped := (unbounded{}); errors.As(d.failed, &stopped) {
			o.Lost.add(time.Since(began))
		}
		<-building
		done <- outcome{made, d.charts, err}
	}()
	select {
	case out := <-done:
		if limited.Err() == nil {
			return out.made, out.charts, out.err
		}
	case <-limited.Done():
	}
	o.Lost.add(o.Timeout)
	if ctx.Err() == nil {
		return nil, nil, fmt.Errorf("it takes longer than %v", o.Timeout)
	}
	return nil, nil, ctx.Err()
}

// build runs Kustomize.
func (d *disk) build(o Options) (out []Object, err error) {
	defer func() {
		if p := recover(); p != nil {
			out, err = nil, fmt.Errorf("it makes Kustomize panic: %v", p)
		}
	}()
	options := krusty.MakeDefaultOptions()
	options.LoadRestrictions = types.LoadRestrictionsNone // the disk shows only what may be read
	made, err := krusty.MakeKustomizer(options).Run(d, d.root)
	switch {
	case d.component:
		return nil, nil
	case d.failed != nil:
		return nil, d.failed
	case err != nil:
		return nil, d.brief(err)
	}
	for _, r := range made.Resources() {
		o2 := Object{APIVersion: r.GetApiVersion(), Kind: r.GetKind(), Namespace: r.GetNamespace(), Name: r.GetName()}
		if origin, err := r.GetOrigin(); err == nil && origin != nil && origin.Path != "" {
			o2.Path = d.real(filepath.Join(d.root, origin.Path))
		}
		if o.Text != nil && o.Text(o2) {
			if o2.Kind == "CustomResourceDefinition" {
				shorten(&r.RNode)
			}
			if o2.Text, err = r.AsYAML(); err != nil {
				return nil, err
			}
		}
		out = append(out, o2)
	}
	return out, nil
}

// shorten takes the schemas out of a definition of a custom resource: they are most of it, and nobody reads them.
func shorten(definition *kyaml.RNode) {
	versions, err := definition.Pipe(kyaml.Lookup("spec", "versions"))
	if err != nil || versions == nil {
		return
	}
	elements, _ := versions.Elements()
	for _, v := range elements {
		_ = v.PipeE(kyaml.Clear("schema"))
	}
}

// above is the text of a kustomization with the given fields above the one in a folder. It exists in memory only.
func above(root, fields string) ([]byte, error) {
	all := map[string]any{}
	if err := yaml.Unmarshal([]byte(fields), &all); err != nil {
		return nil, err
	}
	down := "../" + filepath.Base(root)
	all["resources"] = []any{down}
	moved := func(name any) any {
		if s, ok := name.(string); ok && !remote(s) && !isRemoteFile(s) {
			return down + "/" + s
		}
		return name
	}
	if list, ok := all["components"].([]any); ok {
		for i := range list {
			list[i] = moved(list[i])
		}
	}
	if list, ok := all["patches"].([]any); ok {
		for _, p := range list {
			if patch, ok := p.(map[string]any); ok && patch["path"] != nil {
				patch["path"] = moved(patch["path"])
			}
		}
	}
	return yaml.Marshal(all)
}

// broken is why a kustomization does not build, and the folder of the one that is at fault, which others may use.
type broken struct{ dir, why string }

func (b *broken) Error() string { return b.why }

var innerPattern = regexp.MustCompile(`recursed accumulation of path '([^']*)': `)

// brief is the end of Kustomize's chain of errors, without the places in memory.
func (d *disk) brief(err error) error {
	message := strings.Join(strings.Fields(err.Error()), " ")
	at := d.root
	if all := innerPattern.FindAllStringSubmatchIndex(message, -1); len(all) > 0 {
		last := all[len(all)-1]
		at, message = message[last[2]:last[3]], message[last[1]:]
	}
	if strings.Contains(message, "cycle detected") {
		return errors.New("kustomizations name each other in a circle")
	}
	message = strings.ReplaceAll(strings.ReplaceAll(message, home+"/", ""), home, ".")
	if len(message) > 400 {
		message = message[:400] + "…"
	}
	return &broken{d.real(at), message}
}

// hasKustomization reports whether a folder is that of a kustomization.
func (d *disk) hasKustomization(dir string) bool {
	return slices.ContainsFunc(read.KustomizationFiles(), func(name string) bool { return d.is(filepath.Join(dir, name)) == file })
}

// isKustomization reports whether a path is that of a kustomization.
func isKustomization(path string) bool {
	return slices.Contains(read.KustomizationFiles(), filepath.Base(path))
}
