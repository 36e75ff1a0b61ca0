package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// undo holds what was in the places of a set of files, under second names beside them.
type undo struct {
	paths, kept []string // kept is "" where there was no file
}

// keep gives the file of a place a second name. Only of a set is one needed: a single file is replaced or is not.
func (u *undo) keep(path string, set bool) error {
	if !set {
		return nil
	}
	if info, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		u.paths, u.kept = append(u.paths, path), append(u.kept, "")
		return nil
	} else if err == nil && info.IsDir() {
		return errors.New("it is a folder")
	}
	second := fmt.Sprintf("%s0%d", filepath.Join(filepath.Dir(path), ownTemp(os.Getpid())), len(u.paths))
	if err := os.Link(path, second); err != nil {
		return nil //nolint:nilerr // not every file system has second names; the file is then replaced without one
	}
	u.paths, u.kept = append(u.paths, path), append(u.kept, second)
	return nil
}

// restore puts everything back.
func (u *undo) restore() error {
	var all error
	for i, path := range u.paths {
		var err error
		if u.kept[i] == "" {
			err = os.Remove(path)
		} else {
			err = os.Rename(u.kept[i], path)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			all = errors.Join(all, fmt.Errorf("put back %s: %w", path, Cause(err)))
		}
	}
	u.drop()
	return all
}

// drop forgets what was there.
func (u *undo) drop() {
	for _, second := range u.kept {
		if second != "" {
			_ = os.Remove(second) // the next run in the folder removes what is left
		}
	}
	u.paths, u.kept = nil, nil
}
