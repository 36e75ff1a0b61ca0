package read

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/upgrade/apis/render/kustomize"
)

// walker names the files that paths stand for.
type walker struct {
	open   func(name string) (fs.File, error)
	result *Result
	yield  func(j job) bool
	charts bool         // they are rendered
	seen   map[job]bool // files named so far, when paths may name one twice
}

func (w *walker) walk(paths []string) {
	if len(paths) > 1 {
		w.seen = map[job]bool{}
	}
	for _, path := range paths {
		if path == "-" {
			w.file("-")
			continue
		}
		if dir, ok := w.isFolder(path); ok && dir {
			w.folder(filepath.Clean(path), ordinary)
		} else if ok {
			w.file(filepath.Clean(path))
		}
	}
}

func (w *walker) file(name string) bool {
	if w.charts && isArchive(name) {
		return w.give(job{name, archive})
	}
	return w.give(job{name: name})
}

// give passes a job on, once.
func (w *walker) give(j job) bool {
	if w.seen != nil {
		if w.seen[j] {
			return true
		}
		w.seen[j] = true
	}
	return w.yield(j)
}

// place is what a folder is to a chart.
type place uint8

const (
	ordinary  place = iota
	chartRoot       // it has a Chart.yaml
	subcharts       // its charts folder, whose charts belong to it
	subchart        // a folder in there
)

// within is what a folder in a folder is; ok is false for templates, which are rendered and not read.
func within(p place, name string) (inner place, ok bool) {
	switch {
	case p == ordinary:
		return ordinary, true
	case p == subcharts:
		return subchart, true
	case name == "templates":
		return p, false
	case name == "charts":
		return subcharts, true
	}
	return ordinary, true
}

// isFolder tells folders from files; ok is false for what cannot be opened.
func (w *walker) isFolder(path string) (dir, ok bool) {
	f, err := w.open(path)
	if err != nil {
		w.unread(path, err)
		return false, false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		w.unread(path, err)
		return false, false
	}
	return info.IsDir(), true
}

func (w *walker) unread(path string, err error) {
	w.result.Findings = append(w.result.Findings, unread(path, err))
}

// folder walks a folder, listing it in pieces so that its size does not matter.
func (w *walker) folder(path string, as place) bool {
	f, err := w.open(path)
	if err != nil {
		w.unread(path, err)
		return true
	}
	defer f.Close()
	dir, ok := f.(fs.ReadDirFile)
	if !ok {
		w.unread(path, fmt.Errorf("the folder cannot be listed"))
		return true
	}
	for first := true; ; first = false {
		entries, err := dir.ReadDir(1000)
		if first && as == ordinary && w.charts && w.isChart(path, entries) {
			if as = chartRoot; !w.give(job{path, folder}) {
				return false
			}
		}
		if w.charts && slices.ContainsFunc(entries, isKustomization) && !w.give(job{path, overlay}) {
			return false
		}
		for _, e := range entries {
			if !strings.HasPrefix(e.Name(), ".") && !w.entry(filepath.Join(path, e.Name()), e, as) {
				return false
			}
		}
		if errors.Is(err, io.EOF) || err == nil && len(entries) == 0 {
			return true
		}
		if err != nil {
			w.unread(path, err)
			return true
		}
	}
}

// isChart reports whether a folder is that of a chart, given the first of its entries.
func (w *walker) isChart(path string, entries []fs.DirEntry) bool {
	if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == chartFile }) {
		return true
	}
	if len(entries) < 1000 {
		return false
	}
	f, err := w.open(filepath.Join(path, chartFile))
	if err == nil {
		_ = f.Close()
	}
	return err == nil
}

// entry takes one name in a folder. It returns false when the walk is over.
func (w *walker) entry(path string, e fs.DirEntry, as place) bool {
	switch {
	case e.IsDir():
		if inner, ok := within(as, e.Name()); ok {
			return w.folder(path, inner)
		}
		return true
	case e.Type()&fs.ModeSymlink != 0:
		return w.link(path)
	case w.charts && as != subcharts && isArchive(path) && e.Type().IsRegular():
		return w.give(job{path, archive})
	case !isManifest(path):
		return true
	case !e.Type().IsRegular():
		w.unread(path, fmt.Errorf("it is not a regular file"))
		return true
	}
	return w.file(path)
}

// link takes a symbolic link: to a file it is as good as the file; to a folder it is not followed, as links may form loops.
func (w *walker) link(path string) bool {
	f, err := w.open(path)
	if err != nil {
		if isManifest(path) {
			w.unread(path, err)
		}
		return true
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		w.unread(path, err)
	case info.IsDir():
		w.result.Findings = append(w.result.Findings, diag.Finding{ID: Link, Severity: diag.Info, Position: diag.Position{File: path},
			Message: "a link to a folder is not followed: name it as an argument to read it"})
	case isManifest(path) && info.Mode().IsRegular():
		return w.file(path)
	}
	return true
}

func isKustomization(e fs.DirEntry) bool { return slices.Contains(kustomize.Names(), e.Name()) }

func isArchive(name string) bool { return filepath.Ext(name) == ".tgz" }

func isManifest(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".yaml", ".yml", ".json", ".jsonl", ".ndjson":
		return true
	}
	return false
}
