package kustomize

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/filesys"

	"treadmill/upgrade/apis/read"
)

// What a build may read: bytes, files counting those that are read again, and one file again. Two folders that each name both of
// the next level are few files and builds without end.
const (
	maxBytes = 64 << 20
	maxReads = 10_000
	maxAgain = 250
)

// home is the folder in memory that stands for the current one; it is deep, so that "../" has somewhere to go.
var home = strings.Repeat("/w", 40)

func virtual(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(home, path)
}

// disk is the file system that Kustomize sees: what can be opened, read-only, under absolute names. After the first thing that may
// not be read it shows nothing any more, so that the build ends.
type disk struct {
	ctx       context.Context
	open      read.Opener
	root      string            // of the build
	memory    map[string][]byte // files that are nowhere else
	kinds     map[string]kind
	files     map[string][]byte
	bytes     int
	reads     int
	again     map[string]int // how often a file was read
	component bool           // the first kustomization is one
	plugins   bool           // some kustomization has generators, transformers or validators
	charts    []Chart
	failed    error
}

// unbounded is a build that was stopped.
type unbounded struct{ error }

func tooMuch(format string, args ...any) error { return unbounded{fmt.Errorf(format, args...)} }

func newDisk(open read.Opener) *disk {
	return &disk{ctx: context.Background(), open: open, memory: map[string][]byte{}, kinds: map[string]kind{}, files: map[string][]byte{},
		again: map[string]int{}}
}

// kind is what a path is.
type kind uint8

const (
	unknown kind = iota
	nothing
	file
	folder
)

// real is the name by which a path is opened.
func (d *disk) real(path string) string {
	if below, err := filepath.Rel(home, path); err == nil && strings.HasPrefix(path, "/w/") {
		return below
	}
	return path
}

// is tells what a path is.
func (d *disk) is(path string) kind {
	if k := d.kinds[path]; k != unknown {
		return k
	}
	k := nothing
	if _, ok := d.memory[path]; ok {
		k = file
	} else if path == d.root && len(d.memory) > 0 {
		k = folder
	} else if f, err := d.open(d.real(path)); err == nil {
		if info, err := f.Stat(); err == nil && info.IsDir() {
			k = folder
		} else if err == nil && info.Mode().IsRegular() {
			k = file
		}
		_ = f.Close()
	}
	d.kinds[path] = k
	return k
}

// fail ends the build.
func (d *disk) fail(err error) error {
	if d.failed == nil {
		d.failed = err
	}
	return d.failed
}

// ReadFile reads a file, if the build may go on.
func (d *disk) ReadFile(path string) ([]byte, error) {
	if d.failed != nil {
		return nil, d.failed
	}
	if err := d.ctx.Err(); err != nil {
		return nil, d.fail(err)
	}
	if d.is(path) != file {
		return nil, &fs.PathError{Op: "open", Path: d.real(path), Err: fs.ErrNotExist}
	}
	if d.reads++; d.reads > maxReads {
		return nil, d.fail(tooMuch("it reads more than %d files, counting what is read again", maxReads))
	}
	if d.again[path]++; d.again[path] > maxAgain {
		return nil, d.fail(tooMuch("it builds %s more than %d times", d.real(filepath.Dir(path)), maxAgain))
	}
	data, err := d.read(path)
	if err != nil {
		return nil, d.fail(err)
	}
	if data, err = d.guarded(path, data); err != nil {
		return nil, d.fail(err)
	}
	return data, nil
}

// read reads a file once.
func (d *disk) read(path string) ([]byte, error) {
	if data, ok := d.memory[path]; ok {
		return data, nil
	}
	if data, ok := d.files[path]; ok {
		return data, nil
	}
	f, err := d.open(d.real(path))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, int64(maxBytes-d.bytes)+1))
	if err != nil {
		return nil, err
	}
	if d.bytes += len(data); d.bytes > maxBytes {
		return nil, fmt.Errorf("it reads more than %d MiB", maxBytes>>20)
	}
	d.files[path] = data
	return data, nil
}

// IsDir reports whether a path is a folder.
func (d *disk) IsDir(path string) bool { return d.failed == nil && d.is(path) == folder }

// Exists reports whether a path is a file or a folder.
func (d *disk) Exists(path string) bool { return d.failed == nil && d.is(path) != nothing }

// CleanedAbs cuts a path into a folder and a file in it; the file is "" for a folder.
func (d *disk) CleanedAbs(path string) (filesys.ConfirmedDir, string, error) {
	path = virtual(path)
	switch d.is(path) {
	case folder:
		return filesys.ConfirmedDir(path), "", nil
	case file:
		return filesys.ConfirmedDir(filepath.Dir(path)), filepath.Base(path), nil
	}
	return "", "", fmt.Errorf("'%s' doesn't exist", d.real(path))
}

var errReadOnly = errors.New("a build reads files and does nothing else")

// The rest of filesys.FileSystem, which a build does not need.

func (d *disk) Create(string) (filesys.File, error)  { return nil, errReadOnly }
func (d *disk) Mkdir(string) error                   { return errReadOnly }
func (d *disk) MkdirAll(string) error                { return errReadOnly }
func (d *disk) RemoveAll(string) error               { return errReadOnly }
func (d *disk) WriteFile(string, []byte) error       { return errReadOnly }
func (d *disk) Open(string) (filesys.File, error)    { return nil, errReadOnly }
func (d *disk) ReadDir(string) ([]string, error)     { return nil, errReadOnly }
func (d *disk) Glob(string) ([]string, error)        { return nil, errReadOnly }
func (d *disk) Walk(string, filepath.WalkFunc) error { return errReadOnly }
