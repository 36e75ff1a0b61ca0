package gitops

import (
	"fmt"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"
)

// application is what is read of an Application of Argo CD.
type application struct {
	Spec struct {
		Destination struct {
			Namespace string `yaml:"namespace"`
		} `yaml:"destination"`
		Source  *argoSource  `yaml:"source"`
		Sources []argoSource `yaml:"sources"`
	} `yaml:"spec"`
}

type argoSource struct {
	RepoURL   string          `yaml:"repoURL"`
	Path      string          `yaml:"path"`
	Chart     string          `yaml:"chart"`
	Revision  string          `yaml:"targetRevision"`
	Ref       string          `yaml:"ref"`
	Helm      *argoHelmFields `yaml:"helm"`
	Kustomize map[string]any  `yaml:"kustomize"`
	Directory *struct {
		Recurse bool   `yaml:"recurse"`
		Include string `yaml:"include"`
		Exclude string `yaml:"exclude"`
	} `yaml:"directory"`
	Plugin map[string]any `yaml:"plugin"`
}

type argoHelmFields struct {
	ReleaseName string         `yaml:"releaseName"`
	Namespace   string         `yaml:"namespace"`
	ValueFiles  []string       `yaml:"valueFiles"`
	Missing     bool           `yaml:"ignoreMissingValueFiles"`
	Values      string         `yaml:"values"`
	Object      map[string]any `yaml:"valuesObject"`
	APIVersions []string       `yaml:"apiVersions"`
	Parameters  []struct {
		Name  string `yaml:"name"`
		Value string `yaml:"value"`
		Force bool   `yaml:"forceString"`
	} `yaml:"parameters"`
}

// application reads an Application. With sources, source does not count.
func (r *reader) application(o declared) {
	var app application
	if !r.decode(o, &app) {
		return
	}
	sources := app.Spec.Sources
	if len(sources) == 0 && app.Spec.Source != nil {
		sources = []argoSource{*app.Spec.Source}
	}
	for _, from := range sources {
		s := Source{Position: o.Position, Owner: "Argo CD Application " + o.name(), Repository: from.RepoURL, Path: clean(from.Path),
			Release: o.Metadata.Name, Namespace: app.Spec.Destination.Namespace}
		switch {
		case from.Chart != "":
			s.Outside = fmt.Sprintf("the chart %s is in the Helm repository %s", from.Chart, strings.TrimSuffix(from.RepoURL, "/"))
			s.Chart, s.Version = path.Base(from.Chart), from.Revision
			if from.Helm != nil {
				argoHelm(&s, from.Helm)
			}
		case from.Plugin != nil:
			s.Outside, s.Plugin = "a plugin of Argo CD makes its manifests", true
		case from.Ref != "" && from.Path == "":
			continue // a repository of values files
		case from.Helm != nil:
			s.Tool = Helm
			argoHelm(&s, from.Helm)
		case len(from.Kustomize) > 0:
			s.Tool = Kustomize
			s.Overlay = overlay(from.Kustomize)
		case from.Directory != nil:
			s.Tool, s.Recurse, s.Include, s.Exclude = Plain, from.Directory.Recurse, from.Directory.Include, from.Directory.Exclude
		}
		r.sources = append(r.sources, s)
	}
}

// argoHelm takes the values: files first, then those in place, then single ones (the order of precedence in Argo CD's guide to Helm).
func argoHelm(s *Source, h *argoHelmFields) {
	if h.ReleaseName != "" {
		s.Release = h.ReleaseName
	}
	if h.Namespace != "" {
		s.Namespace = h.Namespace
	}
	s.APIs = h.APIVersions
	for _, name := range h.ValueFiles {
		s.Layers = append(s.Layers, Layer{File: valueFile(s.Path, name), Optional: h.Missing})
	}
	switch {
	case len(h.Object) > 0:
		s.Layers = append(s.Layers, Layer{Values: written(h.Object)})
	case h.Values != "":
		s.Layers = append(s.Layers, Layer{Values: h.Values})
	}
	for _, p := range h.Parameters {
		s.Layers = append(s.Layers, Layer{Set: p.Name + "=" + escape(p.Value), Text: p.Force})
	}
}

// valueFile is the place of a values file in its repository: relative to the chart, to the root of the repository with a
// leading slash, or to that of another one that a source with a ref names. A URL stays as it is.
func valueFile(chart, name string) string {
	switch {
	case strings.Contains(name, "://"):
		return name
	case strings.HasPrefix(name, "$"):
		_, below, _ := strings.Cut(name, "/")
		return clean(below)
	case strings.HasPrefix(name, "/"):
		return clean(name)
	}
	return clean(path.Join(chart, name))
}

// escape keeps a parameter's commas from cutting it, as Argo CD does.
func escape(value string) string {
	return strings.ReplaceAll(strings.ReplaceAll(value, `\,`, ","), ",", `\,`)
}

// clean is a path in a repository without its leading slash; "." is its root.
func clean(p string) string { return strings.TrimPrefix(path.Clean("/"+p), "/") }

// overlay is a kustomization with those of the fields that decide which objects there are and what they are called.
func overlay(fields map[string]any) string {
	kept := map[string]any{}
	for _, name := range []string{"namePrefix", "nameSuffix", "namespace", "patches", "components"} {
		if v, ok := fields[name]; ok {
			kept[name] = v
		}
	}
	if len(kept) == 0 {
		return ""
	}
	return written(kept)
}

// written is a map that was read from YAML as YAML, which does not fail.
func written(fields map[string]any) string {
	text, err := yaml.Marshal(fields)
	if err != nil {
		return ""
	}
	return string(text)
}
