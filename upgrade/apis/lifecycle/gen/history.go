package main

import (
	"io/fs"
	"maps"
	"path/filepath"
	"strings"

	"treadmill/internal/gomodule"
)

// history is everything that the releases say.
type history struct {
	modules []gomodule.Module
	types   map[gvk]*life
	served  map[int]map[gvk]string // by minor
	newest  int                    // the newest minor that is read and released
	coming  preview
}

// life is what is known of one type: what the newest release that has it says, and which releases have it.
type life struct {
	tags
	said        gomodule.Module // the release that the tags are from
	first, last int             // the first and the last minor that has it
}

func read(modules []gomodule.Module) (*history, error) {
	h := &history{modules: modules, types: map[gvk]*life{}, served: map[int]map[gvk]string{},
		coming: preview{types: map[gvk]tags{}, said: map[gvk]gomodule.Module{}}}
	if err := checkPreview(modules); err != nil {
		return nil, err
	}
	for _, m := range modules {
		if m.Pre {
			if err := h.coming.read(m); err != nil {
				return nil, err
			}
			continue
		}
		h.newest = max(h.newest, m.Minor)
		if m.Path == "k8s.io/kubernetes" {
			kinds, err := served(m)
			if err != nil {
				return nil, err
			}
			h.served[m.Minor] = kinds
			continue
		}
		if err := h.add(m); err != nil {
			return nil, err
		}
	}
	return h, nil
}

func (h *history) add(m gomodule.Module) error {
	return filepath.WalkDir(m.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() {
			return nil
		}
		if strings.HasPrefix(d.Name(), "example") || d.Name() == "vendor" || d.Name() == "test" {
			return filepath.SkipDir
		}
		types, err := readPackage(path)
		if err != nil {
			return err
		}
		for k, t := range types {
			h.note(m, k, t)
		}
		return nil
	})
}

// note lets a newer release overrule an older one, except that it forgets nothing: a release before 1.19 has no
// lifecycle methods at all.
func (h *history) note(m gomodule.Module, k gvk, t tags) {
	l := h.types[k]
	if l == nil {
		l = &life{first: m.Minor}
		h.types[k] = l
	}
	l.resource = l.resource || t.resource
	t.resource = l.resource
	l.tags, l.said, l.last = t, m, m.Minor
}

// servedMinors returns the minors whose served kinds are known without a gap up to the newest one.
func (h *history) servedSince() int {
	first := h.newest
	for {
		if _, ok := h.served[first-1]; !ok {
			return first
		}
		first--
	}
}

// resource is the plural name of a kind: as some release serves it, else by the rule of English that API machinery uses.
func (h *history) resource(k gvk) string {
	for _, minor := range sortedDown(maps.Keys(h.served)) {
		for s, r := range h.served[minor] {
			if s == k {
				return r
			}
		}
	}
	for _, minor := range sortedDown(maps.Keys(h.served)) {
		for s, r := range h.served[minor] {
			if s.group == k.group && s.kind == k.kind {
				return r
			}
		}
	}
	return plural(k.kind)
}

// plural is UnsafeGuessKindToResource of k8s.io/apimachinery/pkg/api/meta.
func plural(kind string) string {
	s := strings.ToLower(kind)
	switch {
	case strings.HasSuffix(s, "endpoints"):
		return s
	case strings.HasSuffix(s, "s"):
		return s + "es"
	case strings.HasSuffix(s, "y"):
		return strings.TrimSuffix(s, "y") + "ies"
	}
	return s + "s"
}
