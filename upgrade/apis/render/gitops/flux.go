package gitops

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// helmRelease is what is read of a HelmRelease of Flux.
type helmRelease struct {
	Spec struct {
		Chart struct {
			Spec fluxChart `yaml:"spec"`
		} `yaml:"chart"`
		ChartRef        *fluxRef       `yaml:"chartRef"`
		ReleaseName     string         `yaml:"releaseName"`
		TargetNamespace string         `yaml:"targetNamespace"`
		Values          map[string]any `yaml:"values"`
		ValuesFrom      []fluxFrom     `yaml:"valuesFrom"`
		PostRenderers   []struct {
			Kustomize map[string]any `yaml:"kustomize"`
		} `yaml:"postRenderers"`
	} `yaml:"spec"`
}

type fluxChart struct {
	Chart       string   `yaml:"chart"`
	Version     string   `yaml:"version"`
	SourceRef   fluxRef  `yaml:"sourceRef"`
	ValuesFile  string   `yaml:"valuesFile"` // before v2
	ValuesFiles []string `yaml:"valuesFiles"`
	Missing     bool     `yaml:"ignoreMissingValuesFiles"`
}

type fluxRef struct {
	Kind      string `yaml:"kind"`
	Name      string `yaml:"name"`
	Namespace string `yaml:"namespace"`
}

type fluxFrom struct {
	Kind     string `yaml:"kind"`
	Name     string `yaml:"name"`
	Key      string `yaml:"valuesKey"`
	Target   string `yaml:"targetPath"`
	Optional bool   `yaml:"optional"`
}

// helmRelease reads a HelmRelease. The name of its release is that of its documentation: spec.releaseName, or the namespace it goes
// to, if that is named, and its own name.
func (r *reader) helmRelease(o declared) {
	var h helmRelease
	if !r.decode(o, &h) || h.Spec.Chart.Spec.Chart == "" && h.Spec.ChartRef == nil { // without a chart it is a patch of one
		return
	}
	s := Source{
		Position:  o.Position,
		Owner:     "Flux HelmRelease " + o.name(),
		Tool:      Helm,
		Release:   h.Spec.ReleaseName,
		Namespace: h.Spec.TargetNamespace,
	}
	if s.Release == "" {
		s.Release = o.Metadata.Name
		if s.Namespace != "" {
			s.Release = s.Namespace + "-" + s.Release
		}
	}
	if s.Namespace == "" {
		s.Namespace = o.Metadata.Namespace
	}
	chart := h.Spec.Chart.Spec
	if ref := h.Spec.ChartRef; ref != nil && !r.chartRef(o, *ref, &chart) {
		s.Outside, s.Repository = fmt.Sprintf("its chart is the %s %s", ref.Kind, ref.Name), r.repository(o, *ref)
		s.Chart = path.Base(s.Repository)
	}
	switch kind := chart.SourceRef.Kind; {
	case s.Outside != "":
	case kind == "GitRepository" || kind == "Bucket":
		s.Path, s.Repository = clean(chart.Chart), r.repository(o, chart.SourceRef)
	default:
		s.Repository = r.repository(o, chart.SourceRef)
		s.Outside = fmt.Sprintf("the chart %s is in the %s %s", chart.Chart, kind, s.Repository)
		s.Chart, s.Version = chart.Chart, chart.Version
	}
	s.Instead = chart.values()
	for _, from := range h.Spec.ValuesFrom {
		key := from.Key
		if key == "" {
			key = "values.yaml"
		}
		s.Layers = append(s.Layers, Layer{Optional: from.Optional,
			From: From{Kind: from.Kind, Namespace: o.Metadata.Namespace, Name: from.Name, Key: key, Target: from.Target}})
	}
	for _, post := range h.Spec.PostRenderers {
		for field := range post.Kustomize {
			s.Patched = s.Patched || strings.HasPrefix(field, "patches")
		}
	}
	if len(h.Spec.Values) > 0 {
		s.Layers = append(s.Layers, Layer{Values: written(h.Spec.Values)})
	}
	r.sources = append(r.sources, s)
}

// values are the files of a chart that take the place of its own values.
func (c fluxChart) values() (out []string) {
	files := c.ValuesFiles
	if c.ValuesFile != "" {
		files = append(slices.Clone(files), c.ValuesFile)
	}
	for _, name := range files {
		out = append(out, clean(name))
	}
	return out
}

// chartRef finds the HelmChart that a reference names among the objects.
func (r *reader) chartRef(o declared, ref fluxRef, into *fluxChart) bool {
	if ref.Kind != "HelmChart" {
		return false
	}
	for _, c := range r.objects {
		var chart struct {
			Spec fluxChart `yaml:"spec"`
		}
		if c.is("source.toolkit.fluxcd.io", "HelmChart") && ref.names(o, c) && c.node.Decode(&chart) == nil {
			*into = chart.Spec
			return true
		}
	}
	return false
}

// names reports whether a reference in one object names another one.
func (f fluxRef) names(in, other declared) bool {
	namespace := f.Namespace
	if namespace == "" {
		namespace = in.Metadata.Namespace
	}
	return other.Metadata.Name == f.Name && (namespace == "" || other.Metadata.Namespace == "" || other.Metadata.Namespace == namespace)
}

// repository is the URL of a source if it is among the objects, else its name.
func (r *reader) repository(o declared, ref fluxRef) string {
	for _, c := range r.objects {
		var source struct {
			Spec struct {
				URL string `yaml:"url"`
			} `yaml:"spec"`
		}
		if c.is("source.toolkit.fluxcd.io", ref.Kind) && ref.names(o, c) && c.node.Decode(&source) == nil && source.Spec.URL != "" {
			return source.Spec.URL
		}
	}
	return ref.Name
}

// fluxKustomization is what is read of a Kustomization of Flux.
type fluxKustomization struct {
	Spec struct {
		Path            string  `yaml:"path"`
		SourceRef       fluxRef `yaml:"sourceRef"`
		TargetNamespace string  `yaml:"targetNamespace"`
		PostBuild       *struct {
			Substitute map[string]string `yaml:"substitute"`
			From       []fluxFrom        `yaml:"substituteFrom"`
		} `yaml:"postBuild"`
	} `yaml:"spec"`
}

// kustomization reads a Kustomization of Flux. A folder without a kustomization is deployed with all manifests in it.
func (r *reader) kustomization(o declared) {
	var k fluxKustomization
	var all struct {
		Spec map[string]any `yaml:"spec"`
	}
	if !r.decode(o, &k) || !r.decode(o, &all) || k.Spec.SourceRef.Kind == "" { // without a source it is a patch of one
		return
	}
	s := Source{Position: o.Position, Owner: "Flux Kustomization " + o.name(), Path: clean(k.Spec.Path), Namespace: k.Spec.TargetNamespace,
		Repository: r.repository(o, k.Spec.SourceRef), Recurse: true}
	if k.Spec.SourceRef.Kind == "OCIRepository" {
		s.Outside = "its manifests are in the OCIRepository " + s.Repository
	}
	if k.Spec.TargetNamespace != "" {
		all.Spec["namespace"] = k.Spec.TargetNamespace
	}
	s.Overlay = overlay(all.Spec)
	if post := k.Spec.PostBuild; post != nil {
		s.Substitute, s.Vars = true, post.Substitute
		for _, from := range post.From {
			s.Layers = append(s.Layers,
				Layer{From: From{Kind: from.Kind, Namespace: o.Metadata.Namespace, Name: from.Name}, Optional: from.Optional})
		}
	}
	r.sources = append(r.sources, s)
}
