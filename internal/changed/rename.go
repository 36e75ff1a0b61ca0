package changed

import (
	"cmp"
	"context"
	"maps"
	"path"
	"slices"
	"strings"

	"treadmill/internal/git"
)

// maxLike bounds the files that a new one is compared with to find the one that it was.
const maxLike = 200

// origins names what new files were, in before; those that the repository ignores are no part of a change.
func (t *Tree) origins(ctx context.Context, fresh []string, before map[string]git.File) error {
	if len(fresh) == 0 {
		return nil
	}
	ignored, err := t.repo.Ignored(ctx, fresh)
	if err != nil {
		return err
	}
	for _, name := range fresh {
		f := t.now[name]
		if f.whole = !slices.Contains(ignored, name); !f.whole {
			continue
		}
		was, err := t.renames(ctx, path.Ext(name))
		if err != nil {
			return err
		}
		if from, ok := was[name]; ok {
			before[name] = from
		}
	}
	return nil
}

// renames tells what the new files of a kind were, whether they are looked at or not: each was one file at most, and each file became one
// at most, those that are most alike first.
func (t *Tree) renames(ctx context.Context, ext string) (map[string]git.File, error) {
	if was, ok := t.was[ext]; ok {
		return was, nil
	}
	pairs, err := t.pairs(ctx, ext)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(pairs, closest)
	was, taken := map[string]git.File{}, map[string]bool{}
	for _, p := range pairs {
		if _, ok := was[p.name]; !ok && !taken[p.from.Name] {
			was[p.name], taken[p.from.Name] = p.from, true
		}
	}
	t.was[ext] = was
	return was, nil
}

// pair is a new file and one that it may have been.
type pair struct {
	name           string
	from           git.File
	shared, longer int // the lines that both have, and those of the longer one
}

// closest orders pairs: the most alike first, then those that keep their names.
func closest(a, b pair) int {
	return cmp.Or(cmp.Compare(b.shared*a.longer, a.shared*b.longer), cmp.Compare(b.keeps(), a.keeps()),
		strings.Compare(a.name, b.name), strings.Compare(a.from.Name, b.from.Name))
}

func (p pair) keeps() int {
	if path.Base(p.name) == path.Base(p.from.Name) {
		return 1
	}
	return 0
}

// pairs are those of the new files of a kind with the files that are gone whose lines are the same for half of the longer one.
func (t *Tree) pairs(ctx context.Context, ext string) (out []pair, err error) {
	gone := t.gone(ext)
	if len(gone) == 0 {
		return nil, nil
	}
	names, err := t.repo.Names(ctx)
	if err != nil {
		return nil, err
	}
	from, all := map[string][]git.File{}, map[string]git.File{}
	for _, name := range names {
		if _, old := t.then[name]; old || path.Ext(name) != ext {
			continue
		}
		from[name] = like(name, gone)
		for _, f := range from[name] {
			all[f.Name] = f
		}
	}
	old, err := t.lines(ctx, slices.Collect(maps.Values(all)))
	if err != nil {
		return nil, err
	}
	for name, files := range from {
		text, err := t.read(name)
		if end, bad := t.files.Real(t.name(name)); err != nil || bad != nil || end != t.name(name) { // a link is no file
			continue
		}
		own := sorted(text)
		for _, f := range files {
			p := pair{name, f, shared(own, old[f.Name]), max(len(own), len(old[f.Name]))}
			if p.shared > 0 && 2*p.shared >= p.longer {
				out = append(out, p)
			}
		}
	}
	return out, nil
}

// gone are the files of a kind that the work tree does not have, by name.
func (t *Tree) gone(ext string) (out []git.File) {
	for _, name := range slices.Sorted(maps.Keys(t.then)) {
		if f := t.then[name]; path.Ext(name) == ext && !f.Link && !t.exists(t.name(name)) {
			out = append(out, f)
		}
	}
	return out
}

// like are the files that a new one of their kind may have been: those of the same name first.
func like(name string, gone []git.File) []git.File {
	var named, others []git.File
	for _, g := range gone {
		if path.Base(g.Name) == path.Base(name) {
			named = append(named, g)
		} else {
			others = append(others, g)
		}
	}
	all := slices.Concat(named, others)
	return all[:min(len(all), maxLike)]
}

// lines are those of files of the commit, sorted, by the names of the files.
func (t *Tree) lines(ctx context.Context, files []git.File) (map[string][]string, error) {
	contents, err := t.repo.Read(ctx, files)
	if err != nil {
		return nil, err
	}
	out := map[string][]string{}
	for i, f := range files {
		out[f.Name] = sorted(contents[i])
	}
	return out, nil
}

func sorted(text []byte) []string { return slices.Sorted(strings.Lines(string(unix(text)))) }

// shared counts the lines that two texts have in common, by their sorted lines.
func shared(a, b []string) (n int) {
	for len(a) > 0 && len(b) > 0 {
		switch c := strings.Compare(a[0], b[0]); {
		case c < 0:
			a = a[1:]
		case c > 0:
			b = b[1:]
		default:
			n, a, b = n+1, a[1:], b[1:]
		}
	}
	return n
}
