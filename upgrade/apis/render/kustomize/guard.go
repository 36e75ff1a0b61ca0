package kustomize

import (
	"bytes"
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/yaml"
)

// guarded looks at a file before Kustomize sees it. It returns the text that Kustomize is given.
func (d *disk) guarded(path string, data []byte) ([]byte, error) {
	if !isKustomization(path) {
		if d.plugins && bytes.Contains(data, []byte("builtin")) && elsewhere(string(data)) {
			return nil, &Remote{File: d.real(path), Names: []string{"a plugin that names a URL"}}
		}
		return data, nil
	}
	var k types.Kustomization
	if err := k.Unmarshal(data); err != nil {
		return data, nil //nolint:nilerr // Kustomize says it in its own words
	}
	k.FixKustomization()
	first := filepath.Dir(path) == d.root
	if d.component = d.component || first && k.Kind == types.ComponentKind; d.component {
		return nil, fmt.Errorf("a component is none by itself")
	}
	names, err := d.missing(filepath.Dir(path), &k)
	if err != nil {
		return nil, err
	}
	if len(names) > 0 {
		return nil, lacking(d.real(path), names)
	}
	for _, c := range k.HelmCharts {
		d.charts = append(d.charts, Chart{File: d.real(path), Name: c.Name, Repository: strings.TrimSuffix(c.Repo, "/")})
	}
	if first || len(k.HelmCharts) > 0 {
		return prepared(data, first)
	}
	return data, nil
}

// lacking is what a kustomization names that is not there, parted from what would be fetched.
func lacking(file string, names []string) *Remote {
	slices.Sort(names)
	out := &Remote{File: file}
	for _, name := range slices.Compact(names) {
		if remote(name) || isRemoteFile(name) {
			out.Fetch = append(out.Fetch, name)
		} else {
			out.Names = append(out.Names, name)
		}
	}
	return out
}

// prepared takes the charts out of a kustomization, as Kustomize runs the program of Helm for them, and tells Kustomize in the first one
// to say which file each object is from.
func prepared(data []byte, first bool) ([]byte, error) {
	fields := map[string]any{}
	if err := yaml.Unmarshal(data, &fields); err != nil {
		return nil, err
	}
	for _, name := range []string{"helmCharts", "helmGlobals", "helmChartInflationGenerator"} {
		delete(fields, name)
	}
	if len(fields) == 0 {
		fields["resources"] = []any{} // Kustomize refuses a file that says nothing
	}
	if first {
		list, _ := fields["buildMetadata"].([]any)
		fields["buildMetadata"] = append(list, types.OriginAnnotations)
	}
	return yaml.Marshal(fields)
}

// missing lists what a kustomization names that is not there, or that Kustomize would fetch.
func (d *disk) missing(dir string, k *types.Kustomization) (names []string, err error) {
	for _, list := range [][]string{k.Resources, k.Generators, k.Transformers, k.Validators} {
		for _, name := range list {
			if !d.local(dir, name) {
				names = append(names, named(name))
			}
		}
	}
	for _, name := range k.Components {
		if remote(name) || d.is(filepath.Join(dir, name)) != folder {
			names = append(names, named(name))
		}
	}
	for _, list := range [][]string{k.Crds, k.Configurations} {
		for _, name := range list {
			if isRemoteFile(name) || d.is(filepath.Join(dir, name)) != file {
				names = append(names, named(name))
			}
		}
	}
	names = append(names, d.fetched(k)...)
	for _, name := range paths(k) {
		if isRemoteFile(name) {
			names = append(names, name)
		}
	}
	for _, name := range append(slices.Clone(k.Resources), k.Components...) {
		if inner := filepath.Join(dir, name); len(names) == 0 && d.is(inner) == folder {
			if !d.hasKustomization(inner) {
				return nil, fmt.Errorf("%s has no kustomization", d.real(inner))
			}
		}
	}
	return names, nil
}

// fetched are the plugins of a kustomization that would fetch something.
func (d *disk) fetched(k *types.Kustomization) (names []string) {
	for kind, list := range map[string][]string{"generator": k.Generators, "transformer": k.Transformers, "validator": k.Validators} {
		for _, text := range list {
			d.plugins = true
			if strings.Contains(text, "\n") && elsewhere(text) {
				names = append(names, "a "+kind+" that names a URL")
			}
		}
	}
	slices.Sort(names)
	return names
}

func named(name string) string {
	if name == "" {
		return "an entry without a name"
	}
	return name
}

// local reports whether a file, a folder or a text written in place is there to be read, in the order in which Kustomize tries.
func (d *disk) local(dir, name string) bool {
	if strings.Contains(name, "\n") {
		return true
	}
	if name == "" || isRemoteFile(name) {
		return false
	}
	switch path := filepath.Join(dir, name); d.is(path) {
	case file:
		return true
	case folder:
		return !remote(name)
	}
	return false
}

// paths are further names of files, which Kustomize says by itself when they are missing.
func paths(k *types.Kustomization) []string {
	out := []string{k.OpenAPI["path"]}
	for _, p := range k.PatchesStrategicMerge { //nolint:staticcheck // it is still read
		out = append(out, string(p))
	}
	for _, p := range slices.Concat(k.Patches, k.PatchesJson6902) { //nolint:staticcheck // it is still read
		out = append(out, p.Path)
	}
	for _, r := range k.Replacements {
		out = append(out, r.Path)
	}
	var sources []types.KvPairSources
	for _, g := range k.ConfigMapGenerator {
		sources = append(sources, g.KvPairSources)
	}
	for _, g := range k.SecretGenerator {
		sources = append(sources, g.KvPairSources)
	}
	for _, s := range sources {
		out = append(out, s.EnvSource)
		for _, name := range slices.Concat(s.FileSources, s.EnvSources) {
			if _, after, ok := strings.Cut(name, "="); ok {
				name = after
			}
			out = append(out, name)
		}
	}
	return out
}

// isRemoteFile reports whether Kustomize would fetch a file.
func isRemoteFile(name string) bool {
	u, err := url.Parse(name)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https")
}

var userPattern = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9-]*@`)

// remote reports whether Kustomize would take the name of a folder for a Git repository: with a scheme, of GitHub, or as in
// user@host:path (NewRepoSpecFromURL in its package git).
func remote(name string) bool {
	if filepath.IsAbs(name) {
		return false
	}
	lower := strings.ToLower(name)
	for _, scheme := range []string{"git::", "ssh://", "http://", "https://", "file://", "github.com/", "github.com:"} {
		if strings.HasPrefix(lower, scheme) {
			return true
		}
	}
	rest, _, _ := strings.Cut(name, "?")
	user := userPattern.FindString(rest)
	if user == "" {
		return false
	}
	rest = rest[len(user):]
	if at := strings.IndexAny(rest, ":/"); at > 0 {
		path := rest[at+1:]
		return strings.Contains(path, "_git/") || strings.Contains(path, "//") || strings.Contains(path, ".git") || strings.Contains(path, "/")
	}
	return false
}

// elsewhere reports whether a text may name something that would be fetched.
func elsewhere(text string) bool {
	return strings.Contains(text, "://") || strings.Contains(text, "git@") || strings.Contains(text, "github.com") ||
		strings.Contains(text, "git::")
}
