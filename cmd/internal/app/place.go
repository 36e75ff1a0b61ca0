package app

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
)

// place is where a file goes.
type place struct {
	path   string // the end of links
	mode   os.FileMode
	old    os.FileInfo // of the file that is there; nil for none
	stream bool        // a device, a pipe or an open file, which no other file may replace
	open   int         // the number of the open file that it is; -1 for none
}

// placeOf finds the place of a file that may be there already. It refuses folders before anything is written.
func (a *App) placeOf(path string) (place, error) {
	if n, ok := openFile(path); ok {
		return place{path: path, stream: true, open: n}, nil
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return place{path: path, mode: 0o644, open: -1}, nil
	case err != nil:
		return place{}, err
	case info.IsDir():
		return place{}, errors.New("it is a folder")
	case !info.Mode().IsRegular():
		return place{path: path, stream: true, open: -1}, nil
	case a.isStdout(info):
		return place{path: path, stream: true, open: 1}, nil
	}
	path, err = filepath.EvalSymlinks(path)
	return place{path: path, mode: info.Mode().Perm(), old: info, open: -1}, err
}

// isStdout reports whether a file is the one that standard output was redirected to, which would be lost if another file replaced it.
func (a *App) isStdout(file fs.FileInfo) bool {
	f, ok := a.Env.Stdout.(*os.File)
	if !ok {
		return false
	}
	out, err := f.Stat()
	return err == nil && os.SameFile(out, file)
}

// openName are the names of files that the process has open already, by their number.
var openName = regexp.MustCompile(
	`^(?:/dev|/proc/(?:self|thread-self|` + strconv.Itoa(os.Getpid()) + `))/(?:fd/(\d{1,9})|std(in|out|err))$`,
)

// openFile is the number of the open file that a name or a link leads to. To open it by its name once more would write at its beginning.
func openFile(path string) (n int, ok bool) {
	const links = 40 // as the system follows
	for range links {
		path = filepath.Clean(path)
		if m := openName.FindStringSubmatch(path); m != nil {
			if m[1] == "" {
				return map[string]int{"in": 0, "out": 1, "err": 2}[m[2]], true
			}
			n, err := strconv.Atoi(m[1])
			return n, err == nil
		}
		to, err := os.Readlink(path)
		if err != nil {
			return 0, false
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = to
	}
	return 0, false
}

// openStream opens a stream for writing. done must be called after the last byte.
func (a *App) openStream(p place) (w io.Writer, done func() error, err error) {
	nothing := func() error { return nil }
	switch {
	case p.open == 1:
		return a.Env.Stdout, nothing, nil
	case p.open == 2:
		return a.Env.Stderr, nothing, nil
	case p.open >= 0:
		if a.opened[p.open] == nil { // closed with the process: it may be named twice
			a.opened[p.open] = os.NewFile(uintptr(p.open), p.path)
		}
		return a.opened[p.open], nothing, nil
	}
	f, err := os.OpenFile(p.path, os.O_WRONLY, 0)
	if err != nil {
		return nil, nil, err
	}
	return f, f.Close, nil
}
