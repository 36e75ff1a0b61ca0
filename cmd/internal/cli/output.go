package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// writeFiles writes a set of files, each under its path, wholly or not at all. Folders are made as needed.
func writeFiles(files map[string][]byte) error {
	var p pending
	defer p.discard()
	if err := p.addAll("", files); err != nil {
		return err
	}
	return p.commit()
}

// addAll adds files by their names below a folder.
func (p *pending) addAll(folder string, files map[string][]byte) error {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := p.add(filepath.Join(folder, name), func(w io.Writer) error { _, err := w.Write(files[name]); return err }); err != nil {
			return err
		}
	}
	return nil
}

// pending is files that were written beside their places, to be renamed together: a run that fails leaves none half-written.
type pending struct{ temps, paths []string }

// add writes one file; what fill writes is not held in memory.
func (p *pending) add(path string, fill func(io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("write %s: %w", path, cause(err))
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, cause(err))
	}
	p.temps, p.paths = append(p.temps, f.Name()), append(p.paths, path)
	w := bufio.NewWriterSize(f, 1<<16)
	mode := os.FileMode(0o644)
	if info, statErr := os.Stat(path); statErr == nil {
		mode = info.Mode().Perm()
	}
	if err := errors.Join(fill(w), w.Flush(), f.Chmod(mode), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, cause(err))
	}
	return nil
}

// commit puts the files in their places.
func (p *pending) commit() error {
	for len(p.temps) > 0 {
		if err := os.Rename(p.temps[0], p.paths[0]); err != nil {
			return fmt.Errorf("write %s: %w", p.paths[0], err)
		}
		p.temps, p.paths = p.temps[1:], p.paths[1:]
	}
	return nil
}

// discard removes the files that are not in their places.
func (p *pending) discard() {
	for _, temp := range p.temps {
		_ = os.Remove(temp)
	}
	p.temps, p.paths = nil, nil
}
