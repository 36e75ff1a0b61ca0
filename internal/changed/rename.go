package changed

import (
	"bytes"
	"context"
	"maps"
	"path"
	"slices"

	"treadmill/internal/git"
)

// maxLike bounds the files that a new one is compared with to find the one that it was.
const maxLike = 200

// origins names what new files may have been, in before; those that the repository ignores are no part of a change.
func (t *Tree) origins(ctx context.Context, fresh []string, before map[string][]git.File) error {
	if len(fresh) == 0 {
		return nil
	}
	ignored, err := t.repo.Ignored(ctx, fresh)
	if err != nil {
		return err
	}
	var gone []git.File
	for _, name := range slices.Sorted(maps.Keys(t.then)) {
		if f := t.then[name]; !f.Link && !t.exists(t.name(name)) {
			gone = append(gone, f)
		}
	}
	for _, path := range fresh {
		f := t.now[path]
		if f.whole = !slices.Contains(ignored, path); f.whole {
			if from := like(path, gone); len(from) > 0 {
				before[path] = from
			}
		}
	}
	return nil
}

// like are the files that a new one may have been: of the same kind, those of the same name first.
func like(name string, gone []git.File) []git.File {
	var named, others []git.File
	for _, g := range gone {
		switch {
		case path.Base(g.Name) == path.Base(name):
			named = append(named, g)
		case path.Ext(g.Name) == path.Ext(name):
			others = append(others, g)
		}
	}
	all := slices.Concat(named, others)
	return all[:min(len(all), maxLike)]
}

// origin is the text that a new one comes from: the one with which it shares most lines, and at least half of those of the longer one.
func origin(text []byte, from []git.File, texts map[string][]byte) (best []byte, ok bool) {
	most := 0
	for _, f := range from {
		old := texts[f.Name]
		if n, longer := shared(old, text); n > most && 2*n >= longer {
			best, most, ok = old, n, true
		}
	}
	return best, ok
}

// shared counts the lines that two texts have in common, and those of the longer one.
func shared(a, b []byte) (n, longer int) {
	count := map[string]int{}
	x, y := 0, 0
	for l := range bytes.Lines(a) {
		count[string(l)]++
		x++
	}
	for l := range bytes.Lines(b) {
		if count[string(l)] > 0 {
			count[string(l)]--
			n++
		}
		y++
	}
	return n, max(x, y)
}
