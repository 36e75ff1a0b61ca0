package gitops

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/upgrade/apis/read"
	"treadmill/upgrade/apis/render/helm"
)

// maxValues is the largest values file that is read, in bytes.
const maxValues = 4 << 20

// chart renders a chart as it is deployed.
func (d *deployer) chart(ctx context.Context, s Source, dir string) {
	files, err := d.Helm.Files(dir)
	if err != nil || !read.IsArchive(dir) && !d.tree.open.Has(filepath.Join(dir, read.ChartFile)) {
		d.say(s, Folder, diag.Error, "it takes %s for a Helm chart, which has no %s that can be read", dir, read.ChartFile)
		return
	}
	d.rendered[dir] = true
	if s.Patched {
		d.say(s, Patched, diag.Info, "its postRenderers patch what the chart makes; objects are told as the chart makes them")
	}
	if len(s.Instead) > 0 {
		files, err = d.instead(s, files)
	}
	var values map[string]any
	if err == nil {
		values, err = d.values(s)
	}
	if err != nil {
		d.say(s, Values, diag.Error, "its values are none: %v", err)
		return
	}
	d.all(d.Helm.Chart(ctx, dir, files, helm.Release{Owner: s.Owner, Name: s.Release, Namespace: s.Namespace, Values: values, APIs: s.APIs}))
}

// instead puts values files instead of the chart's own.
func (d *deployer) instead(s Source, files []helm.File) ([]helm.File, error) {
	var layers []helm.Layer
	for _, name := range s.Instead {
		if f, ok := d.read(s, name, false); ok {
			layers = append(layers, helm.Layer{File: f})
		}
	}
	values, err := helm.Join(layers)
	if err != nil {
		return nil, err
	}
	text, err := yaml.Marshal(values)
	if err != nil {
		return nil, err
	}
	for i := range files {
		if files[i].Name == "values.yaml" {
			files[i].Data = text
			return files, nil
		}
	}
	return append(files, helm.File{Name: "values.yaml", Path: s.Instead[0], Data: text}), nil
}

// values joins the layers of a source.
func (d *deployer) values(s Source) (map[string]any, error) {
	var layers []helm.Layer
	for _, l := range s.Layers {
		switch {
		case l.File != "":
			if f, ok := d.read(s, l.File, l.Optional); ok {
				layers = append(layers, helm.Layer{File: f})
			}
		case l.From.Name != "":
			if text, ok := d.data(s, l)[l.From.Key]; ok && l.From.Target != "" {
				layers = append(layers, helm.Layer{Set: l.From.Target + "=" + strings.ReplaceAll(text, ",", `\,`)})
			} else if ok {
				layers = append(layers, helm.Layer{File: helm.File{Path: l.From.String(), Data: []byte(text)}})
			}
		case l.Set != "":
			layers = append(layers, helm.Layer{Set: l.Set, Text: l.Text})
		default:
			layers = append(layers, helm.Layer{File: helm.File{Path: s.Owner, Data: []byte(l.Values)}})
		}
	}
	return helm.Join(layers)
}

// vars are the variables that are replaced in what a source makes, nil when none are.
func (d *deployer) vars(s Source) map[string]string {
	if !s.Substitute {
		return nil
	}
	vars := map[string]string{}
	for _, l := range s.Layers {
		for k, v := range d.data(s, l) {
			vars[k] = v
		}
	}
	for k, v := range s.Vars {
		vars[k] = v
	}
	return vars
}

// read reads a file of a repository. One that is missing and may not be is a finding.
func (d *deployer) read(s Source, name string, optional bool) (helm.File, bool) {
	if !strings.Contains(name, "://") {
		for _, root := range d.roots {
			path := filepath.Join(root, filepath.FromSlash(name))
			f, err := d.Open(path)
			if err != nil {
				continue
			}
			data, err := io.ReadAll(io.LimitReader(f, maxValues+1))
			_ = f.Close()
			if err == nil && len(data) <= maxValues {
				return helm.File{Path: path, Data: data}, true
			}
		}
	}
	if !optional {
		d.say(s, Values, diag.Warning, "the values file %s is not in the tree: the chart is rendered without it", name)
	}
	return helm.File{}, false
}

// data is what a ConfigMap or Secret holds. One that is not there and has to be is a finding.
func (d *deployer) data(s Source, l Layer) map[string]string {
	held := d.held[l.From.String()]
	switch {
	case held.text == nil && held.err == nil && l.Optional:
		return nil
	case held.text == nil && held.err == nil:
		held.err = fmt.Errorf("it is not in the tree")
	case held.err == nil && l.From.Key != "" && !l.Optional:
		if _, ok := held.text[l.From.Key]; !ok {
			held.err = fmt.Errorf("it has no key %q", l.From.Key)
		}
	}
	if held.err != nil {
		d.say(s, Values, diag.Warning, "the %s gives values that are not known: %v", l.From, held.err)
	}
	return held.text
}

// look looks for the ConfigMaps and Secrets that sources name and that were not looked for before: among what kustomizations
// generate, and then in the files.
func (d *deployer) look(ctx context.Context, sources []Source) {
	f := finder{want: map[string]From{}, held: map[string]held{}}
	for _, s := range sources {
		for _, l := range s.Layers {
			if _, known := d.held[l.From.String()]; !known && l.From.Name != "" {
				f.want[l.From.String()] = l.From
			}
		}
	}
	if len(f.want) == 0 {
		return
	}
	for _, t := range d.kept.texts {
		if t.Fixed {
			f.document(t.Position, t.Text)
		}
	}
	for name := range f.held {
		delete(f.want, name)
	}
	if len(f.want) > 0 {
		read.Fan(ctx, read.Walk(d.Open, d.Paths, false, nil), func(part iter.Seq[read.Input]) {
			for doc := range read.Documents(d.Open, part) { // what cannot be read is reported already
				f.document(doc.Position, doc.Text)
			}
		})
	}
	for name := range f.want {
		d.held[name] = held{}
	}
	for name, h := range f.held {
		d.held[name] = h
	}
}

// held is what a ConfigMap or Secret holds.
type held struct {
	at   diag.Position
	text map[string]string
	err  error
}

// finder looks for objects among documents. Of those that have one name it takes the first.
type finder struct {
	want map[string]From
	mu   sync.Mutex
	held map[string]held
}

func (f *finder) document(at diag.Position, doc []byte) {
	if len(doc) > maxValues || !bytes.Contains(doc, []byte("ConfigMap")) && !bytes.Contains(doc, []byte("Secret")) {
		return
	}
	for name, from := range f.want {
		if !bytes.Contains(doc, []byte(from.Name)) {
			continue
		}
		text, ok, err := Data(doc, from)
		f.mu.Lock()
		if old, known := f.held[name]; ok && (!known || diag.Compare(diag.Finding{Position: at}, diag.Finding{Position: old.at}) < 0) {
			f.held[name] = held{at, text, err}
		}
		f.mu.Unlock()
	}
}
