package app

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// WriteFiles writes a set of files, each under its path, wholly or not at all. Folders are made as needed.
func WriteFiles(files map[string][]byte) error {
	var p Pending
	defer p.Discard()
	if err := p.AddAll("", files); err != nil {
		return err
	}
	return p.Commit()
}

// AddAll adds files by their names below a folder.
func (p *Pending) AddAll(folder string, files map[string][]byte) error {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := p.Add(filepath.Join(folder, name), func(w io.Writer) error { _, err := w.Write(files[name]); return err }); err != nil {
			return err
		}
	}
	return nil
}

// Pending is files that were written beside their places, to be renamed together: a run that fails leaves none half-written.
// What is no file, such as /dev/stdout or a pipe, is written to where it is, after all else could be written.
type Pending struct {
	temps, paths []string
	streams      []stream
}

type stream struct {
	path string
	data []byte
}

// Add writes one file; what fill writes is not held in memory. A link stays one: the file that it leads to is written.
func (p *Pending) Add(path string, fill func(io.Writer) error) error {
	place, err := placeOf(path)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, Cause(err))
	}
	if place.stream {
		var b bytes.Buffer
		err := fill(&b)
		p.streams = append(p.streams, stream{path, b.Bytes()})
		return err
	}
	if err := os.MkdirAll(filepath.Dir(place.path), 0o755); err != nil {
		return fmt.Errorf("write %s: %w", path, Cause(err))
	}
	f, err := os.CreateTemp(filepath.Dir(place.path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, Cause(err))
	}
	p.temps, p.paths = append(p.temps, f.Name()), append(p.paths, place.path)
	w := bufio.NewWriterSize(f, 1<<16)
	if err := errors.Join(fill(w), w.Flush(), f.Chmod(place.mode), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, Cause(err))
	}
	return nil
}

// place is where a file goes.
type place struct {
	path   string // the end of links
	mode   os.FileMode
	stream bool // a device or a pipe, which no other file may take the place of
}

// placeOf finds the place of a file that may be there already. It refuses folders before anything is written.
func placeOf(path string) (place, error) {
	if strings.HasPrefix(filepath.Clean(path), "/dev/") { // /dev/stdout may lead to a plain file
		return place{path: path, stream: true}, nil
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return place{path: path, mode: 0o644}, nil
	case err != nil:
		return place{}, err
	case info.IsDir():
		return place{}, errors.New("it is a folder")
	case !info.Mode().IsRegular():
		return place{path: path, stream: true}, nil
	}
	path, err = filepath.EvalSymlinks(path)
	return place{path: path, mode: info.Mode().Perm()}, err
}

// Commit puts the files in their places.
func (p *Pending) Commit() error {
	for len(p.temps) > 0 {
		if err := os.Rename(p.temps[0], p.paths[0]); err != nil {
			return fmt.Errorf("write %s: %w", p.paths[0], err)
		}
		p.temps, p.paths = p.temps[1:], p.paths[1:]
	}
	for _, s := range p.streams {
		f, err := os.OpenFile(s.path, os.O_WRONLY, 0)
		if err != nil {
			return fmt.Errorf("write %s: %w", s.path, Cause(err))
		}
		_, err = f.Write(s.data)
		if err := errors.Join(err, f.Close()); err != nil {
			return fmt.Errorf("write %s: %w", s.path, Cause(err))
		}
	}
	return nil
}

// Discard removes the files that are not in their places.
func (p *Pending) Discard() {
	for _, temp := range p.temps {
		_ = os.Remove(temp)
	}
	p.temps, p.paths = nil, nil
}
