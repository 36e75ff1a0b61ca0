package gitops

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/glob"
)

// Repository is the tree as generators of an ApplicationSet see it: names with slashes, relative to the root of the repository.
type Repository struct {
	Folders, Files func() []string
	Read           func(name string) ([]byte, bool)
}

// maxApplications bounds what one ApplicationSet makes.
const maxApplications = 1000

// generator is one generator of an ApplicationSet: the fields are those of
// https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Generators/, read on 2026-11-30.
type generator struct {
	List *struct {
		Elements []map[string]any `yaml:"elements"`
		YAML     string           `yaml:"elementsYaml"`
	} `yaml:"list"`
	Git *struct {
		Directories []gitPath         `yaml:"directories"`
		Files       []gitPath         `yaml:"files"`
		Values      map[string]string `yaml:"values"`
		Prefix      string            `yaml:"pathParamPrefix"`
	} `yaml:"git"`
	Clusters *struct {
		Values map[string]string `yaml:"values"`
	} `yaml:"clusters"`
	Matrix *struct {
		Generators []generator `yaml:"generators"`
	} `yaml:"matrix"`
	Merge *struct {
		Keys       []string    `yaml:"mergeKeys"`
		Generators []generator `yaml:"generators"`
	} `yaml:"merge"`
	Selector *struct {
		Labels map[string]string `yaml:"matchLabels"`
	} `yaml:"selector"`
}

// gitPath is a pattern of a Git generator.
type gitPath struct {
	Path    string `yaml:"path"`
	Exclude bool   `yaml:"exclude"`
}

// applicationSet is what is read of an ApplicationSet.
type applicationSet struct {
	Spec struct {
		Go         bool        `yaml:"goTemplate"`
		Generators []generator `yaml:"generators"`
		Template   yaml.Node   `yaml:"template"`
	} `yaml:"spec"`
}

// errOutside says that a generator asks what is not in the tree, such as a code host.
var errOutside = errors.New("its generators make Applications when it runs: scan those, as argocd app manifests or --live shows them")

// applicationSet reads the Applications that an ApplicationSet makes.
func (r *reader) applicationSet(o declared) {
	var set applicationSet
	if !r.decode(o, &set) {
		return
	}
	var all []map[string]any
	var err error
	if len(set.Spec.Generators) == 0 {
		err = errOutside
	}
	for _, g := range set.Spec.Generators {
		params, problem := r.params(g, set.Spec.Go, nil, 0)
		if all = append(all, params...); problem != nil {
			err = problem
		}
	}
	if len(all) > maxApplications {
		all, err = all[:maxApplications], fmt.Errorf("it makes more than %d Applications: the others are left out", maxApplications)
	}
	for _, p := range all {
		n, problem := fill(&set.Spec.Template, p, set.Spec.Go)
		made := declared{Position: o.Position, rank: o.rank, node: n}
		if problem != nil || n.Decode(&made.header) != nil {
			err = fmt.Errorf("its template cannot be filled in: %w", problem)
			continue
		}
		if made.Metadata.Namespace == "" {
			made.Metadata.Namespace = o.Metadata.Namespace
		}
		r.application(made)
	}
	if err != nil {
		r.sources = append(r.sources, Source{Position: o.Position, Owner: "Argo CD ApplicationSet " + o.name(), Outside: err.Error()})
	}
}

// params lists the parameters that a generator makes; given are those of the generator before it in a matrix.
func (r *reader) params(g generator, goTemplate bool, given map[string]any, depth int) (out []map[string]any, err error) {
	switch {
	case depth > 3:
		return nil, errOutside
	case g.List != nil:
		out = slices.Clone(g.List.Elements)
		var more []map[string]any
		if text, _ := fillText(g.List.YAML, given, goTemplate); text != "" && yaml.Unmarshal([]byte(text), &more) == nil {
			out = append(out, more...)
		}
	case g.Git != nil && r.at != nil:
		out = r.git(g, goTemplate, given)
	case g.Clusters != nil:
		out, err = []map[string]any{
			withValues(map[string]any{"name": "in-cluster", "nameNormalized": "in-cluster", "server": "https://kubernetes.default.svc"},
				g.Clusters.Values),
		}, errOutside
	case g.Matrix != nil && len(g.Matrix.Generators) == 2:
		out, err = r.matrix(g.Matrix.Generators, goTemplate, depth)
	case g.Merge != nil && len(g.Merge.Generators) > 0:
		out, err = r.merge(g.Merge.Generators, g.Merge.Keys, goTemplate, depth)
	default:
		return nil, errOutside
	}
	if g.Selector != nil {
		out = slices.DeleteFunc(out, func(p map[string]any) bool {
			for k, want := range g.Selector.Labels {
				if flat(p)[k] != want {
					return true
				}
			}
			return false
		})
	}
	return out, err
}

// matrix combines two generators; the second may use what the first makes.
func (r *reader) matrix(two []generator, goTemplate bool, depth int) (out []map[string]any, err error) {
	first, err := r.params(two[0], goTemplate, nil, depth+1)
	for _, a := range first {
		second, problem := r.params(two[1], goTemplate, a, depth+1)
		if problem != nil {
			err = problem
		}
		for _, b := range second {
			if both := maps.Clone(a); len(out) <= maxApplications {
				maps.Copy(both, b)
				out = append(out, both)
			}
		}
	}
	return out, err
}

// merge puts what later generators make above what the first makes, where the keys agree.
func (r *reader) merge(all []generator, keys []string, goTemplate bool, depth int) (out []map[string]any, err error) {
	out, err = r.params(all[0], goTemplate, nil, depth+1)
	key := func(p map[string]any) string {
		var parts []string
		for _, k := range keys {
			parts = append(parts, flat(p)[k])
		}
		return strings.Join(parts, "\x00")
	}
	for _, g := range all[1:] {
		above, problem := r.params(g, goTemplate, nil, depth+1)
		if problem != nil {
			err = problem
		}
		for i, base := range out {
			for _, p := range above {
				if key(p) == key(base) {
					out[i] = maps.Clone(out[i])
					maps.Copy(out[i], p)
				}
			}
		}
	}
	return out, err
}

// git lists folders of the repository, or reads parameters from its files.
func (r *reader) git(g generator, goTemplate bool, given map[string]any) (out []map[string]any) {
	takes := func(list []gitPath, name string) bool {
		match := func(p gitPath) bool {
			pattern, err := fillText(p.Path, given, goTemplate)
			return err == nil && glob.Path(strings.Trim(pattern, "./"), name)
		}
		return slices.ContainsFunc(list, func(p gitPath) bool { return !p.Exclude && match(p) }) &&
			!slices.ContainsFunc(list, func(p gitPath) bool { return p.Exclude && match(p) })
	}
	if len(g.Git.Directories) > 0 {
		for _, name := range r.at.Folders() {
			if takes(g.Git.Directories, name) && len(out) <= maxApplications {
				out = append(out, withValues(prefixed(pathParams(name, goTemplate), g.Git.Prefix, goTemplate), g.Git.Values))
			}
		}
		return out
	}
	for _, name := range r.at.Files() {
		if !takes(g.Git.Files, name) || len(out) > maxApplications {
			continue
		}
		for _, p := range r.fileParams(name) {
			all := pathParams(path.Dir(name), goTemplate)
			if paths, ok := all["path"].(map[string]any); ok {
				paths["filename"] = path.Base(name)
			} else {
				all["path.filename"] = path.Base(name)
			}
			all = prefixed(all, g.Git.Prefix, goTemplate)
			maps.Copy(all, p)
			out = append(out, withValues(all, g.Git.Values))
		}
	}
	return out
}

// fileParams are the parameters that a file holds: one set or a list of them. What is neither makes nothing.
func (r *reader) fileParams(name string) []map[string]any {
	text, ok := r.at.Read(name)
	var one map[string]any
	var many []map[string]any
	if ok && yaml.Unmarshal(text, &one) != nil && yaml.Unmarshal(text, &many) != nil {
		return nil
	}
	if one != nil {
		many = []map[string]any{one}
	}
	return many
}

// pathParams are what a generator says of a path.
func pathParams(name string, goTemplate bool) map[string]any {
	base, segments := path.Base(name), strings.Split(name, "/")
	if goTemplate {
		return map[string]any{"path": map[string]any{"path": name, "basename": base, "basenameNormalized": normalize(base), "segments": segments}}
	}
	out := map[string]any{"path": name, "path.basename": base, "path.basenameNormalized": normalize(base)}
	for i, s := range segments {
		out[fmt.Sprintf("path[%d]", i)] = s
	}
	return out
}

// prefixed puts what is said of a path below the prefix that a generator gives it (pathParamPrefix), so that two can meet in a matrix.
func prefixed(params map[string]any, prefix string, goTemplate bool) map[string]any {
	if prefix == "" {
		return params
	}
	if goTemplate {
		return map[string]any{prefix: params}
	}
	out := make(map[string]any, len(params))
	for k, v := range params {
		out[prefix+"."+k] = v
	}
	return out
}

func withValues(p map[string]any, values map[string]string) map[string]any {
	if len(values) > 0 {
		inner := map[string]any{}
		for k, v := range values {
			inner[k] = v
		}
		p["values"] = inner
	}
	return p
}
