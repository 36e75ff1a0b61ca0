package app

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// met opens what a file or folder that was read leads to, such as the base of a kustomization: within the trees that the command line
// names.
func (g *guard) met(name string) (fs.File, error) {
	if !g.named[filepath.Clean(name)] && g.roots(name) == nil {
		if err := g.inTrees(name); err != nil {
			return nil, &fs.PathError{Op: "open", Path: name, Err: err}
		}
	}
	return g.open(name)
}

// inTrees says why a name outside of what the command line names is not opened: it lies outside of the trees of that, too.
func (g *guard) inTrees(name string) error {
	end := g.realFolder(name) // of a file too
	trees := map[string]bool{}
	for _, f := range slices.Concat(g.folders, g.beside) {
		tree := g.treeOf(g.realFolder(f.name))
		if below(tree, end) {
			return nil
		}
		trees[tree] = true
	}
	if len(trees) == 0 {
		return nil
	}
	return fmt.Errorf("it lies outside of %s: name it as an argument to read it", strings.Join(slices.Sorted(maps.Keys(trees)), " and "))
}

// treeOf is the tree that a folder is part of: the Git repository, else the chart or the working folder around it, else itself.
func (g *guard) treeOf(folder string) string {
	if known, ok := g.trees.Load(folder); ok {
		return known.(string)
	}
	tree := folder
	if work, err := os.Getwd(); err == nil && below(g.realFolder(work), folder) {
		tree = g.realFolder(work)
	}
	for at := folder; ; at = filepath.Dir(at) {
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			tree = at
			break
		}
		if _, err := os.Lstat(filepath.Join(at, "Chart.yaml")); err == nil && below(at, tree) {
			tree = at
		}
		if at == filepath.Dir(at) {
			break
		}
	}
	g.trees.Store(folder, tree)
	return tree
}
