// Package changed tells which lines of the files in a Git work tree a commit does not have.
//
// The way through it: a folder and the name of a commit → Since → *Tree; Look at places → Has, which is asked for each. The comparing is
// done here, as Git runs programs for it that a repository names: filters, text converters, monitors. Files are opened through what it is
// given.
package changed

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"treadmill/internal/git"
	"treadmill/internal/glob"
)

// Files reaches the files of the work tree.
type Files struct {
	Open func(name string) (fs.File, error)
	Real func(name string) (string, error) // where a file or folder lies, with all links followed
}

// Tree is a work tree beside a commit.
type Tree struct {
	files Files
	repo  git.Repo
	then  map[string]git.File // the files of the commit, by their paths from the top
	subs  []string            // the folders of submodules

	was     map[string]map[string]git.File // what new files were, by their paths, for each kind of file that was looked at
	now     map[string]*file               // those of the work tree that were looked at
	places  map[string]place               // where the names lie that were looked at
	folders map[string]bool                // whether anything in a folder that was looked at changed
}

// Since compares the work tree that a folder lies in with a commit. REV... is the commit at which HEAD and REV parted.
func Since(ctx context.Context, files Files, dir, rev string) (*Tree, error) {
	t := &Tree{
		files: files, then: map[string]git.File{}, was: map[string]map[string]git.File{}, now: map[string]*file{},
		places: map[string]place{}, folders: map[string]bool{},
	}
	var err error
	if t.repo, err = git.Open(ctx, dir); err != nil {
		return nil, fmt.Errorf("%s is in no Git work tree: %w", dir, err)
	}
	if t.repo.Root, err = files.Real(t.repo.Root); err != nil {
		return nil, err
	}
	commit, err := t.commit(ctx, rev)
	if err != nil {
		return nil, err
	}
	if t.subs, err = t.repo.Submodules(ctx); err != nil {
		return nil, err
	}
	list, err := t.repo.Files(ctx, commit)
	for _, f := range list {
		t.then[f.Name] = f
	}
	return t, err
}

// commit is the commit that is compared with.
func (t *Tree) commit(ctx context.Context, rev string) (string, error) {
	name, parted := strings.CutSuffix(rev, "...")
	if !parted {
		return t.repo.Commit(ctx, rev)
	}
	commit, _, err := t.repo.Base(ctx, name)
	return commit, err
}

// path is where something lies in the work tree, from its top; ok is false for what lies elsewhere, such as in a submodule.
func (t *Tree) path(name string) (path string, ok bool) {
	dir, err := t.files.Real(filepath.Dir(name))
	if err != nil {
		return "", false
	}
	base := filepath.Base(name)
	if base == "." || base == ".." {
		if dir, err = t.files.Real(name); err != nil {
			return "", false
		}
		base = ""
	}
	path, ok = glob.Below(t.repo.Root, filepath.Join(dir, base))
	return path, ok && !slices.ContainsFunc(t.subs, func(sub string) bool { return within(path, sub) })
}

// within reports whether a path is a folder or lies in it.
func within(path, folder string) bool {
	return folder == "." || path == folder || strings.HasPrefix(path, folder+"/")
}

// name is the name that a path of the tree is opened by.
func (t *Tree) name(path string) string { return filepath.Join(t.repo.Root, filepath.FromSlash(path)) }
