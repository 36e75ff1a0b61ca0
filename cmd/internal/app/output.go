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
	"sync"
	"time"
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

// Add writes one file; what fill writes is not held in memory. A link stays one: the file that it leads to is written. In a folder that the
// command line names, a link that leads out of it is refused, as what it leads to was never meant.
func (p *Pending) Add(path string, fill func(io.Writer) error) error {
	if p.app.captured != nil {
		return fmt.Errorf("write %s: %w", path, errReadsOnly)
	}
	if err := p.app.guard.writable(path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
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
	p.app.temps.sweep(filepath.Dir(place.path))
	f, err := os.CreateTemp(filepath.Dir(place.path), p.app.temps.prefix()+"*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, Cause(err))
	}
	place.keepOwner(f)
	p.temps, p.paths = append(p.temps, f.Name()), append(p.paths, place.path)
	w := bufio.NewWriterSize(f, 1<<16)
	if err := errors.Join(fill(w), w.Flush(), f.Chmod(place.mode), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, Cause(err))
	}
	return nil
}

// Commit puts the files in their places. When one cannot be put there, those before it are what they were.
func (p *Pending) Commit() error {
	back := undo{prefix: p.app.temps.prefix()}
	for i, temp := range p.temps {
		err := back.keep(p.paths[i], len(p.temps) > 1)
		if err == nil {
			err = os.Rename(temp, p.paths[i])
		}
		if err != nil {
			return errors.Join(fmt.Errorf("write %s: %w", p.paths[i], Cause(err)), back.restore())
		}
	}
	p.temps, p.paths = nil, nil
	back.drop()
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

// Showing shows on a terminal what is being done, on one line of standard error that stop takes away. Work that is over at
// once shows nothing.
func (a *App) Showing(line func(since time.Duration) string) (stop func()) {
	if !a.Env.Progress {
		return func() {}
	}
	done, start := make(chan struct{}), time.Now()
	var wait sync.WaitGroup
	wait.Go(func() {
		for {
			select {
			case <-done:
				fmt.Fprint(a.Env.Stderr, "\r\x1b[K")
				return
			case <-time.After(200 * time.Millisecond):
				fmt.Fprintf(a.Env.Stderr, "\r\x1b[K%s", line(time.Since(start)))
			}
		}
	})
	return sync.OnceFunc(func() { close(done); wait.Wait() })
}
