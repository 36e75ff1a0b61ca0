package manifest

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/upgrade/manifest/kustomize"
)

// The IDs of findings about kustomizations.
const (
	KustomizeBuild  = "kustomize/build"  // it does not build
	KustomizeRemote = "kustomize/remote" // it needs what is not among the files, so that nothing was built
)

// kustomization builds the kustomization in a folder. What it makes is known by the place in the file that it is from.
func (w *worker) kustomization(dir string) {
	made, err := kustomize.Build(w.reader.Open, dir)
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
		if w.reader.Want != nil && !w.reader.Want([]byte(m.APIVersion), []byte(m.Kind)) {
			continue
		}
		o := Object{Source: Kustomize, APIVersion: m.APIVersion, Kind: m.Kind, Namespace: m.Namespace, Name: m.Name,
			Owner: "kustomization " + filepath.ToSlash(dir), Position: diag.Position{File: dir}}
		if m.Path != "" {
			if _, ok := sources[m.Path]; !ok {
				sources[m.Path] = w.objects(m.Path)
			}
			o.Position = origin(sources[m.Path], m)
		}
		w.result.Objects = append(w.result.Objects, o)
	}
}

// objects reads the objects of a file for their places.
func (w *worker) objects(path string) []Object {
	var out Result
	inner := worker{reader: Reader{Open: w.reader.Open, Want: w.reader.Want}, result: &out}
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
	var first []Object
	for _, o := range same {
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
		first = same[:1]
	}
	first[0].Owner = "kustomization " + joined(slices.Compact(slices.Sorted(slices.Values(owners))))
	return first
}
