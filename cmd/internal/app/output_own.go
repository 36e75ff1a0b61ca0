package app

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// sumsFile lists what was written into a folder, in the form of sha256sum, so that a later run knows its own files.
const sumsFile = ".treadmill.sha256"

// WriteOwn writes files below a folder. It refuses to write over a file that is there and was not written by it, or was
// changed since, unless overwrite says so. Files that it wrote before and that are no longer among them stay.
func (a *App) WriteOwn(folder string, files map[string][]byte, overwrite bool) error {
	known, err := a.sums(folder)
	if err != nil {
		return err
	}
	all := map[string][]byte{}
	var theirs, lines []string
	for name, data := range files {
		path := filepath.Join(folder, name)
		old, err := a.Read(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return fmt.Errorf("read %s: %w", path, err)
		case !bytes.Equal(old.Data, data) && known[filepath.ToSlash(name)] != sum(old.Data):
			theirs = append(theirs, path)
		}
		all[path] = data
		lines = append(lines, sum(data)+"  "+filepath.ToSlash(name)+"\n")
	}
	if slices.Sort(theirs); len(theirs) > 0 && !overwrite {
		return fmt.Errorf(
			"nothing is written: %s would be written over and was not written by treadmill as it is now (--overwrite accepts that)",
			strings.Join(theirs, ", "),
		)
	}
	slices.SortFunc(lines, func(x, y string) int { return strings.Compare(x[2*sha256.Size:], y[2*sha256.Size:]) })
	all[filepath.Join(folder, sumsFile)] = []byte(strings.Join(lines, ""))
	return a.WriteFiles(all)
}

func sum(data []byte) string { return fmt.Sprintf("%x", sha256.Sum256(data)) }

// sums are the files that were written into a folder, with their sums.
func (a *App) sums(folder string) (map[string]string, error) {
	in, err := a.Read(filepath.Join(folder, sumsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Join(folder, sumsFile), err)
	}
	known := map[string]string{}
	for line := range strings.Lines(string(in.Data)) {
		if total, name, ok := strings.Cut(strings.TrimSpace(line), "  "); ok {
			known[name] = total
		}
	}
	return known, nil
}
