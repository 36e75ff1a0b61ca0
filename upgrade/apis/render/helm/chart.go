// Package helm renders Helm charts in process, without a cluster and without a network, and knows which line of which
// template each object is from.
//
// The way through it: []File (of a folder, or of Unpack) + Options → Render → Rendered: documents, each of which can say
// where a line of it was written. The work is done by Helm's own engine. What a chart may cost is bounded in time, memory and
// output; functions that are random, slow or tell the time give fixed values; lookup finds nothing and names are not resolved.
// It does not check values against a chart's schema, since a schema may refer to the network.
package helm

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/loader/archive"
	helm "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"

	"treadmill/upgrade"
	"treadmill/upgrade/apis/render/helm/values"
)

// File is one file of a chart.
type File struct {
	Name string // below the chart's folder, with slashes
	Path string // where the user finds it
	Data []byte
}

// Options say what a chart is rendered for.
type Options struct {
	Version   upgrade.Minor  // of Kubernetes, for .Capabilities.KubeVersion
	APIs      []string       // that version serves, such as "policy/v1" and "policy/v1/PodDisruptionBudget"
	Values    map[string]any // above those of the chart
	Release   string         // "" is the chart's name
	Namespace string         // "" is "default"
	Timeout   time.Duration  // 0 is 20 s
}

// Rendered is what a chart makes.
type Rendered struct {
	Documents []Document
	Missing   []string // dependencies that are switched on and not among the files
	Excluded  string   // the constraint of the chart on Kubernetes when it excludes the version
	Release   string
	Namespace string
	Values    map[string]any // all of them, those of subcharts below their names

	reached map[place]bool // where in the files the objects are written that were made
	whole   bool           // reached has all of them that are written as text
}

// place is a line of a file, which is known by its index.
type place struct {
	file, line int
	value      string // what stands there, "" for whatever does
}

// Document is what one template made; it may hold many YAML documents.
type Document struct {
	File  File // the template
	Text  []byte
	files []File
}

// Error says why a chart could not be rendered, and where.
type Error struct {
	File         string // the path of a template; "" when it is not known
	Line, Column int
	Message      string
	Missing      []string // dependencies that are not among the files, which may be why
}

func (e *Error) Error() string { return e.Message }

// Render renders a chart. The error is an *Error when the chart is the reason.
func Render(ctx context.Context, files []File, o Options) (Rendered, error) {
	files, err := unfold(files)
	if err != nil {
		return Rendered{}, &Error{Message: err.Error()}
	}
	if o.Timeout == 0 {
		o.Timeout = 20 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	type outcome struct {
		rendered Rendered
		err      error
	}
	done := make(chan outcome, 1)
	go func() { // text/template cannot be stopped, so that what goes on after the time is left behind
		var out outcome
		defer func() {
			if p := recover(); p != nil {
				out.err = &Error{Message: fmt.Sprintf("the chart makes Helm panic: %v", p)}
			}
			done <- out
		}()
		out.rendered, out.err = render(ctx, files, o, true)
		if out.err != nil && ctx.Err() == nil && !tooMuch(out.err) { // the marks might be the reason
			out.rendered, out.err = render(ctx, files, o, false)
		}
	}()
	select {
	case out := <-done:
		return out.rendered, out.err
	case <-ctx.Done():
		if ctx.Err() == context.DeadlineExceeded {
			return Rendered{}, &Error{Message: fmt.Sprintf("rendering takes longer than %v", o.Timeout)}
		}
		return Rendered{}, ctx.Err()
	}
}

// render renders the files as they are.
func render(ctx context.Context, files []File, o Options, mark bool) (Rendered, error) {
	c, err := load(files, mark)
	if err != nil {
		return Rendered{}, &Error{File: chartFile(files), Message: err.Error()}
	}
	out := Rendered{Release: o.Release, Namespace: o.Namespace}
	if out.Release == "" {
		out.Release = c.Name()
	}
	if out.Namespace == "" {
		out.Namespace = "default"
	}
	version := fmt.Sprintf("v%d.%d.0", o.Version.Major, o.Version.Minor)
	if need := c.Metadata.KubeVersion; need != "" && !values.IsCompatibleRange(need, version) {
		out.Excluded = need
	}
	if err := values.ProcessDependencies(c, o.Values); err != nil {
		return Rendered{}, &Error{File: chartFile(files), Message: err.Error()}
	}
	out.Missing = missing(c, nil)
	kube, err := common.ParseKubeVersion(version)
	if err != nil {
		return Rendered{}, err
	}
	caps := &common.Capabilities{KubeVersion: *kube, APIVersions: o.APIs, HelmVersion: common.DefaultCapabilities.HelmVersion}
	given, err := values.ToRenderValues(c, o.Values,
		common.ReleaseOptions{Name: out.Release, Namespace: out.Namespace, IsInstall: true, Revision: 1}, caps)
	if err != nil {
		return Rendered{}, &Error{File: chartFile(files), Message: err.Error()}
	}
	b := newBudget(ctx)
	defer b.close()
	templates := map[string]int{}
	index(c, templates)
	watchValues(given)
	texts, err := engine.Engine{CustomTemplateFuncs: b.functions()}.RenderWithContext(ctx, c, given)
	if err != nil {
		located := locate(err, templates, files)
		located.Missing = out.Missing
		return Rendered{}, located
	}
	for name, text := range texts {
		text = tickPattern.ReplaceAllString(text, "") // of values that were written out as they are
		if base := path.Base(name); strings.TrimSpace(text) != "" && base != "NOTES.txt" && !strings.HasPrefix(base, "_") {
			out.Documents = append(out.Documents, Document{File: files[templates[name]], Text: []byte(text), files: files})
		}
	}
	out.Values, _ = asTable(given["Values"])
	out.reached, out.whole = marked(texts), mark
	slices.SortFunc(out.Documents, func(a, b Document) int {
		return strings.Compare(a.File.Path+"\n"+string(a.Text), b.File.Path+"\n"+string(b.Text))
	})
	return out, nil
}

// load gives the files to Helm. The time of each is its index, which is how a template is known again after Helm has moved
// it to the chart, or the alias, that it belongs to.
func load(files []File, mark bool) (*helm.Chart, error) {
	var buffered []*archive.BufferedFile
	for i, f := range files {
		data := f.Data
		if isTemplate(f.Name) {
			data = []byte(instrument(string(data), i, mark))
		}
		if base := path.Base(f.Name); base == "requirements.lock" || base == "values.schema.json" {
			continue
		}
		buffered = append(buffered, &archive.BufferedFile{Name: f.Name, ModTime: time.Unix(int64(i), 0), Data: data})
	}
	return loader.LoadFiles(buffered)
}

func isTemplate(name string) bool {
	return strings.HasPrefix(name, "templates/") || strings.Contains(name, "/templates/")
}

// index maps the names that templates have inside Helm to the files that they are from.
func index(c *helm.Chart, into map[string]int) {
	for _, t := range c.Templates {
		into[path.Join(c.ChartFullPath(), t.Name)] = int(t.ModTime.Unix())
	}
	for _, sub := range c.Dependencies() {
		index(sub, into)
	}
}

// missing lists the dependencies that a chart wants and has not.
func missing(c *helm.Chart, names []string) []string {
	for _, want := range c.Metadata.Dependencies {
		if !slices.ContainsFunc(c.Dependencies(), func(d *helm.Chart) bool { return d.Name() == want.Name }) {
			names = append(names, want.Name)
		}
	}
	for _, sub := range c.Dependencies() {
		names = missing(sub, names)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func chartFile(files []File) string {
	for _, f := range files {
		if f.Name == "Chart.yaml" {
			return f.Path
		}
	}
	return ""
}

// nameOf is the name of a chart.
func nameOf(files []File) string {
	var chart struct {
		Name string `yaml:"name"`
	}
	for _, f := range files {
		if f.Name == "Chart.yaml" && yaml.Unmarshal(f.Data, &chart) == nil {
			return chart.Name
		}
	}
	return ""
}
