package gitops

import (
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"treadmill/internal/glob"
	"treadmill/upgrade/apis/read"
)

// tree is the files that are scanned, and those around them.
type tree struct {
	open  read.Opener
	paths []string
}

// maxClimb bounds how many folders above a path are looked at.
const maxClimb = 16

// roots are the folders that may be the root of a repository, the nearest first: each folder that is scanned, and those above
// it up to one that has .git.
func (t tree) roots() []string {
	var roots []string
	add := func(dir string) {
		if !slices.Contains(roots, dir) {
			roots = append(roots, dir)
		}
	}
	for _, p := range t.paths {
		dir := filepath.Clean(p)
		if p == "-" {
			continue
		}
		if _, err := t.list(dir); err != nil {
			dir = filepath.Dir(dir)
		}
		add(dir)
		above := []string{}
		for up := dir; len(above) < maxClimb; {
			if t.open.Has(filepath.Join(up, ".git")) {
				for _, a := range above {
					add(a)
				}
				break
			}
			next := filepath.Join(up, "..")
			if next == up || strings.HasPrefix(up, "..") && len(above) > maxClimb/2 {
				break
			}
			above, up = append(above, next), next
		}
	}
	if slices.ContainsFunc(t.paths, func(p string) bool { return !filepath.IsAbs(p) }) {
		add(".")
	}
	return roots
}

// list lists a folder.
func (t tree) list(dir string) ([]fs.DirEntry, error) {
	f, err := t.open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	d, ok := f.(fs.ReadDirFile)
	if !ok {
		return nil, fmt.Errorf("the folder cannot be listed")
	}
	entries, err := d.ReadDir(-1)
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, err
}

// tool says what a folder holds; ok is false when it is none.
func (t tree) tool(dir string) (tool Tool, ok bool) {
	f, err := t.open(dir)
	if err != nil {
		return Plain, false
	}
	info, err := f.Stat()
	_ = f.Close()
	if err != nil || !info.IsDir() {
		return Plain, false
	}
	if t.open.Has(filepath.Join(dir, read.ChartFile)) {
		return Helm, true
	}
	if slices.ContainsFunc(read.KustomizationFiles(), func(n string) bool { return t.open.Has(filepath.Join(dir, n)) }) {
		return Kustomize, true
	}
	return Plain, true
}

// covers reports whether a file is scanned by itself.
func (t tree) covers(name string) bool {
	return slices.ContainsFunc(t.paths, func(p string) bool {
		_, ok := glob.Below(p, name)
		return ok
	})
}

// maxEntries bounds how many files and folders of a repository are listed, and maxDepth how deep.
const (
	maxEntries = 200_000
	maxDepth   = 30
)

// repository is the tree below roots, as generators see it. It is listed when it is first asked.
func (t tree) repository(roots []string) *Repository {
	list := sync.OnceValues(func() (folders, files []string) {
		for _, root := range roots {
			t.walk(root, "", &folders, &files, 0)
		}
		slices.Sort(folders)
		slices.Sort(files)
		return slices.Compact(folders), slices.Compact(files)
	})
	return &Repository{
		Folders: func() []string { folders, _ := list(); return folders },
		Files:   func() []string { _, files := list(); return files },
		Read: func(name string) ([]byte, bool) {
			for _, root := range roots {
				if data, ok := t.file(filepath.Join(root, filepath.FromSlash(name))); ok {
					return data, true
				}
			}
			return nil, false
		},
	}
}

func (t tree) walk(root, below string, folders, files *[]string, depth int) {
	entries, err := t.list(filepath.Join(root, filepath.FromSlash(below)))
	if err != nil || depth > maxDepth {
		return
	}
	for _, e := range entries {
		name := path.Join(below, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), ".") || len(*folders)+len(*files) > maxEntries:
		case e.IsDir():
			*folders = append(*folders, name)
			t.walk(root, name, folders, files, depth+1)
		case e.Type().IsRegular():
			*files = append(*files, name)
		}
	}
}

// file reads a file that is no larger than one of values may be.
func (t tree) file(name string) ([]byte, bool) {
	f, err := t.open(name)
	if err != nil {
		return nil, false
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxValues+1))
	return data, err == nil && len(data) <= maxValues
}
