package app

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// WriteFiles writes a set of files, each under its path, wholly or not at all. Folders are made as needed.
func (a *App) WriteFiles(files map[string][]byte) error {
	p := a.Pending()
	defer p.Discard()
	if err := p.AddAll("", files); err != nil {
		return err
	}
	return p.Commit()
}

// Pending is no file yet, to be written together with others.
func (a *App) Pending() *Pending { return &Pending{app: a} }

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
	app          *App
	temps, paths []string
	streams      []stream
}

type stream struct {
	place
	data []byte
}

// Add writes one file; what fill writes is not held in memory. A link stays one: the file that it leads to is written.
func (p *Pending) Add(path string, fill func(io.Writer) error) error {
	place, err := p.app.placeOf(path)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, Cause(err))
	}
	if place.stream {
		var b bytes.Buffer
		err := fill(&b)
		p.streams = append(p.streams, stream{place, b.Bytes()})
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

// Commit puts the files in their places.
func (p *Pending) Commit() error {
	for len(p.temps) > 0 {
		if err := os.Rename(p.temps[0], p.paths[0]); err != nil {
			return fmt.Errorf("write %s: %w", p.paths[0], err)
		}
		p.temps, p.paths = p.temps[1:], p.paths[1:]
	}
	return p.pour()
}

// pour writes what goes to streams.
func (p *Pending) pour() error {
	for _, s := range p.streams {
		w, done, err := p.app.openStream(s.place)
		if err != nil {
			return fmt.Errorf("write %s: %w", s.path, Cause(err))
		}
		_, err = w.Write(s.data)
		if err := errors.Join(err, done()); err != nil {
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
