package changed

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"treadmill/internal/diag"
)

// Has reports whether a place is one that the commit does not have: one of its lines, anything in its file for a place without a line, and
// anything below it for a folder. What lies in an archive is as old as the archive. What is not in the work tree or in a submodule of it has
// no history, and is new. Look must have seen the place.
func (t *Tree) Has(p diag.Position) bool {
	at := t.place(p.File)
	switch {
	case !at.ok:
		return true
	case at.folder:
		return t.folders[at.path]
	}
	f := t.now[at.path]
	switch {
	case f == nil:
		return true
	case p.Line == 0 || f.packed:
		return f.changed()
	}
	return f.has(p.Line, max(p.Line, p.EndLine))
}

// place is where a name lies in the work tree; ok is false for what lies elsewhere.
type place struct {
	path       string
	folder, ok bool
}

// place finds the file or folder that a name is about; in an archive it is the archive. Many findings are about one, which is looked for
// once.
func (t *Tree) place(name string) place {
	p, known := t.places[name]
	if !known {
		p.path, p.folder, p.ok = t.find(name)
		t.places[name] = p
	}
	return p
}

func (t *Tree) find(name string) (path string, folder, ok bool) {
	if name == "" {
		return "", false, false
	}
	for at := name; ; at = filepath.Dir(at) {
		info, err := t.stat(at)
		switch {
		case err == nil && (!info.IsDir() || at == name):
			path, ok = t.path(at)
			if t.then[path].Link { // as old as what it leads to
				if end, err := t.files.Real(at); err == nil {
					path, ok = t.path(end)
				}
			}
			return path, info.IsDir(), ok
		case err == nil || at == filepath.Dir(at):
			return "", false, false
		}
	}
}

func (t *Tree) stat(name string) (fs.FileInfo, error) {
	f, err := t.files.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Stat()
}

func (t *Tree) exists(name string) bool {
	_, err := t.stat(name)
	return !errors.Is(err, fs.ErrNotExist)
}

// below reports whether anything in a folder differs from the commit.
func (t *Tree) below(ctx context.Context, folder string) (bool, error) {
	if slices.ContainsFunc(t.subs, func(sub string) bool { return within(sub, folder) }) {
		return true, nil
	}
	for path, f := range t.then {
		if within(path, folder) && !f.Link && t.differs(path) {
			return true, nil
		}
	}
	fresh := t.fresh(folder)
	if len(fresh) == 0 {
		return false, nil
	}
	ignored, err := t.repo.Ignored(ctx, fresh)
	return len(ignored) < len(fresh), err
}

// differs reports whether a file is another than that of the commit.
func (t *Tree) differs(path string) bool {
	data, err := t.read(path)
	return err != nil || !same(data, t.then[path].Blob)
}

// fresh are the files in a folder that the commit does not have.
func (t *Tree) fresh(folder string) (out []string) {
	f, err := t.files.Open(t.name(folder))
	if err != nil {
		return nil
	}
	defer f.Close()
	dir, ok := f.(fs.ReadDirFile)
	if !ok {
		return nil
	}
	entries, _ := dir.ReadDir(-1) // what cannot be listed was told by who listed it before
	for _, e := range entries {
		path := strings.TrimPrefix(folder+"/"+e.Name(), "./")
		switch {
		case e.Name() == ".git":
		case e.IsDir():
			out = append(out, t.fresh(path)...)
		case t.then[path].Blob == "":
			out = append(out, path)
		}
	}
	return out
}

// maxRead bounds a file that is compared, in bytes; a larger one counts as changed.
const maxRead = 64 << 20

// read reads a file of the work tree.
func (t *Tree) read(path string) ([]byte, error) {
	f, err := t.files.Open(t.name(path))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxRead+1))
	if err == nil && len(data) > maxRead {
		err = errors.New("it is too large")
	}
	return data, err
}
