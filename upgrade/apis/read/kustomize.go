package read

import (
	"bytes"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/upgrade/apis/render/gitops"
	"treadmill/upgrade/apis/render/kustomize"
)

// The IDs of findings about kustomizations.
const (
	KustomizeBuild  = "kustomize/build"  // it does not build
	KustomizeRemote = "kustomize/remote" // it needs what is not among the files, so that nothing was built
)

// kustomization builds the kustomization in a folder. What it makes is known by the place in the file that it is from.
func (w *worker) kustomization(dir string, as deployment) {
	above, err := kustomize.Above{Open: w.reader.Open, Root: dir}, error(nil)
	if as.overlay != "" {
		above, err = kustomize.Overlay(w.reader.Open, dir, as.overlay)
	}
	var made []kustomize.Object
	if err == nil {
		made, err = kustomize.Build(above.Open, above.Root, wanted)
	}
	var remote *kustomize.Remote
	switch {
	case errors.As(err, &remote):
		w.find(KustomizeRemote, diag.Position{File: remote.File}, "the kustomization of %s is not built: %v; its own files are read as they are", dir, err)
		return
	case err != nil:
		w.find(KustomizeBuild, diag.Position{File: dir}, "the kustomization does not build: %v; its own files are read as they are", err)
		return
	}
	sources := map[string][]Object{}
	for _, m := range made {
		if m.Path != "" && as.overlay != "" {
			m.Path = above.Path(m.Path)
		}
		w.built(dir, as, m, sources)
	}
}

// wanted chooses the objects whose text says what is deployed, or with what.
func wanted(o kustomize.Object) bool {
	return gitops.Mentions([]byte(o.APIVersion)) || o.APIVersion == "v1" && (o.Kind == "ConfigMap" || o.Kind == "Secret") && o.Path == ""
}

// built takes an object that a kustomization made. sources are the objects of the files that were read so far.
func (w *worker) built(dir string, as deployment, m kustomize.Object, sources map[string][]Object) {
	o := Object{Source: Kustomize, APIVersion: as.text(m.APIVersion), Kind: as.text(m.Kind), Namespace: as.text(m.Namespace), Name: as.text(m.Name),
		Owner: "kustomization " + filepath.ToSlash(dir), Position: diag.Position{File: dir}}
	if as.owner != "" {
		o.Owner, o.GitOps = as.owner, true
	}
	keep := w.reader.Want == nil || w.reader.Want([]byte(o.APIVersion), []byte(o.Kind))
	if !keep && len(m.Text) == 0 {
		return
	}
	if m.Path != "" {
		if _, ok := sources[m.Path]; !ok {
			sources[m.Path] = w.objects(m.Path)
		}
		o.Position = origin(sources[m.Path], m)
	}
	if keep {
		w.result.Objects = append(w.result.Objects, o)
	}
	if len(m.Text) > 0 {
		rank := gitops.Overlaid
		if below, err := filepath.Rel(dir, m.Path); as.owner != "" {
			rank = gitops.Deployed
		} else if err == nil && filepath.IsLocal(below) {
			rank = gitops.Built
		}
		w.result.declared.take(gitops.Declared{Text: []byte(as.text(string(m.Text))), Position: o.Position, Fixed: true, Rank: rank})
	}
}

// objects reads the objects of a file for their places.
func (w *worker) objects(path string) []Object {
	var out Result
	want := func(apiVersion, kind []byte) bool {
		return gitops.Mentions(apiVersion) || bytes.Contains(apiVersion, []byte("${")) || w.reader.Want == nil || w.reader.Want(apiVersion, kind)
	}
	inner := worker{reader: Reader{Open: w.reader.Open, Want: want}, result: &out}
	inner.file(path)
	return out.Objects
}

// origin is the place of the object that a kustomization made another from: that of the same API whose name is the longest
// part of the other's name, as prefixes and suffixes are added to names.
func origin(in []Object, made kustomize.Object) diag.Position {
	best, length := diag.Position{File: made.Path}, -1
	for _, o := range in {
		if o.APIVersion == made.APIVersion && o.Kind == made.Kind && strings.Contains(made.Name, o.Name) && len(o.Name) > length {
			best, length = o.Position, len(o.Name)
		}
	}
	return best
}

// merge makes one object of what kustomizations make from one place: the object in the file, if that was read, with its owners.
// The objects are sorted.
func merge(objects []Object) []Object {
	out := objects[:0]
	for i := 0; i < len(objects); {
		n := i + 1
		for n < len(objects) && objects[n].Position == objects[i].Position && objects[n].APIVersion == objects[i].APIVersion && objects[n].Kind == objects[i].Kind {
			n++
		}
		out = append(out, mergeSame(objects[i:n])...)
		i = n
	}
	return out
}

// mergeSame merges objects of one place and API.
func mergeSame(same []Object) []Object {
	var owners []string
	var first, deployed []Object
	for _, o := range same {
		if o.GitOps {
			deployed = append(deployed, o)
			continue
		}
		if o.Source != Kustomize || o.Line == 0 {
			first = append(first, o)
			continue
		}
		owners = append(owners, strings.TrimPrefix(o.Owner, "kustomization "))
	}
	if len(owners) == 0 {
		return same
	}
	if len(first) == 0 {
		i := slices.IndexFunc(same, func(o Object) bool { return !o.GitOps })
		first = slices.Clone(same[i : i+1])
	}
	first[0].Owner = "kustomization " + joined(slices.Compact(slices.Sorted(slices.Values(owners))))
	return append(first, deployed...)
}
