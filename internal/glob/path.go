package glob

import (
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// Path reports whether a path matches a pattern of paths. Both are written with "/", or in the way of the system.
func Path(pattern, name string) bool {
	pattern, name = filepath.ToSlash(pattern), filepath.ToSlash(name)
	ok, err := doublestar.Match(pattern, name)
	return pattern == name || ok && err == nil
}

// CheckPath says what is wrong with a pattern of paths.
func CheckPath(pattern string) error {
	if !doublestar.ValidatePattern(filepath.ToSlash(pattern)) {
		return errors.New("it is not a pattern: brackets or braces do not match")
	}
	return nil
}

// Covers reports whether a pattern of paths matches a path or a folder above it. As in .gitignore, a pattern without "/" matches at any
// depth; a leading "./" or "/" ties it to the folder that the path counts from, and a trailing "/" may be left out.
func Covers(pattern, name string) bool {
	pattern, name = filepath.ToSlash(pattern), path.Clean(filepath.ToSlash(name))
	pattern = strings.TrimSuffix(pattern, "/")
	tied := strings.Contains(pattern, "/")
	pattern = strings.TrimPrefix(strings.TrimPrefix(pattern, "./"), "/")
	for at := name; ; at = path.Dir(at) {
		if tied && Path(pattern, strings.TrimPrefix(at, "/")) || !tied && Path(pattern, path.Base(at)) {
			return true
		}
		if at == "." || at == "/" || path.Dir(at) == at {
			return false
		}
	}
}

// there reports whether a path exists, be it one that may not be read.
func there(open func(name string) (fs.File, error), name string) bool {
	f, err := open(name)
	if err == nil {
		_ = f.Close() // nothing was read of it
	}
	return err == nil || errors.Is(err, fs.ErrPermission)
}

// Expand resolves a path that may be a pattern which the shell left alone. A path that exists is that file or folder, whatever its name
// looks like, and a pattern that matches nothing stays as it is, so that it is reported as missing. Hidden files and folders match only
// what names their dot. Where ** is used, links to folders are not followed, as they may lead back. What lies in a folder that matches too
// is left out, as whoever reads the folder reads it. Folders that could not be listed are errors; the other matches are returned as well.
func Expand(open func(name string) (fs.File, error), arg string) ([]string, error) {
	pattern := filepath.ToSlash(arg)
	if !strings.ContainsAny(pattern, "*?[{") || !doublestar.ValidatePattern(pattern) || there(open, arg) {
		return []string{arg}, nil
	}
	base, pattern := doublestar.SplitPattern(pattern)
	t := &tree{open: open, base: base}
	options := []doublestar.GlobOption{doublestar.WithNoHidden()}
	if strings.Contains(pattern, "**") {
		options = append(options, doublestar.WithNoFollow())
	}
	found, err := doublestar.Glob(t, pattern, options...)
	if err != nil {
		return nil, err // it was seen that the pattern is one
	}
	found = outermost(t, found)
	for i := range found {
		found[i] = filepath.Join(base, filepath.FromSlash(found[i]))
	}
	if len(found) == 0 && len(t.failed) == 0 {
		found = []string{arg}
	}
	return found, errors.Join(t.failed...)
}

// outermost sorts paths and leaves out those that lie in a folder which is one of them.
func outermost(t *tree, found []string) []string {
	slices.Sort(found)
	found = slices.Compact(found)
	folders := map[string]bool{}
	for _, name := range found {
		if info, err := fs.Stat(t, name); err == nil && info.IsDir() {
			folders[name] = true
		}
	}
	return slices.DeleteFunc(found, func(name string) bool {
		for at := name; at != "."; {
			if at = path.Dir(at); folders[at] {
				return true
			}
		}
		return false
	})
}

// tree is the folder that a pattern starts from. It keeps what could not be opened though it is there.
type tree struct {
	open   func(name string) (fs.File, error)
	base   string
	failed []error
}

// Open opens a file or folder below the base.
func (t *tree) Open(name string) (fs.File, error) {
	return t.open(filepath.Join(t.base, filepath.FromSlash(name)))
}

// ReadDir lists a folder below the base.
func (t *tree) ReadDir(name string) ([]fs.DirEntry, error) {
	f, err := t.Open(name)
	if err == nil {
		defer f.Close()
		if dir, ok := f.(fs.ReadDirFile); ok {
			var entries []fs.DirEntry
			if entries, err = dir.ReadDir(-1); err == nil {
				slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
				return entries, nil
			}
		} else {
			err = &fs.PathError{Op: "list", Path: name, Err: errors.ErrUnsupported}
		}
	}
	if again := slices.ContainsFunc(t.failed, func(e error) bool { return e.Error() == err.Error() }); !again &&
		!errors.Is(err, fs.ErrNotExist) {
		t.failed = append(t.failed, err)
	}
	return nil, err
}
