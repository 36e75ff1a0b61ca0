package apis

import (
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"treadmill/internal/diag"
	"treadmill/upgrade/apis/read"
)

// guard opens what lies in the trees that were named. A link that leads out of them is not opened: who sends a change to a repository
// must not choose what a scan shows of the machine that it runs on.
type guard struct {
	open  read.Opener
	real  func(name string) (string, error)
	roots []root

	mu      sync.Mutex
	refused map[string]bool
}

// root is a folder that was named, and where it is.
type root struct{ name, real string }

func newGuard(open read.Opener, find func(name string) (string, error), paths []string) *guard {
	g := &guard{open: open, real: find, refused: map[string]bool{}}
	if find == nil {
		return g
	}
	for _, p := range paths {
		if p == "-" {
			continue
		}
		g.add(p)
		if dir, err := read.IsFolder(open, p); err == nil && !dir {
			g.add(filepath.Dir(p))
		}
	}
	return g
}

func (g *guard) add(name string) {
	if at, err := g.real(name); err == nil {
		g.roots = append(g.roots, root{filepath.Clean(name), at})
	}
}

// Open opens a file or a folder.
func (g *guard) Open(name string) (fs.File, error) {
	if g.real != nil && name != "-" && !g.inside(name) {
		g.mu.Lock()
		g.refused[name] = true
		g.mu.Unlock()
		return nil, &fs.PathError{Op: "open", Path: name, Err: read.ErrOutside}
	}
	return g.open(name)
}

// inside reports whether a path lies in a root, or no link leads from a root to it. What does not exist is for Open to tell.
func (g *guard) inside(name string) bool {
	at, err := g.real(name)
	if err != nil {
		return true
	}
	return slices.ContainsFunc(g.roots, func(r root) bool {
		below, err := filepath.Rel(r.name, name)
		return err == nil && filepath.Join(r.real, below) == at || at == r.real || strings.HasPrefix(at, strings.TrimSuffix(r.real, "/")+"/")
	})
}

// findings name the links that were not followed.
func (g *guard) findings() (out []diag.Finding) {
	for _, name := range slices.Sorted(maps.Keys(g.refused)) {
		if dir := filepath.Dir(name); g.refused[dir] {
			continue
		}
		out = append(out, diag.Finding{ID: read.Link, Severity: diag.Warning, Position: diag.Position{File: name},
			Message: "a link that leads out of the folder that is read is not followed: name what it leads to as an argument to read that"})
	}
	return out
}
