package read

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"path/filepath"
	"slices"
	"strings"

	"treadmill/internal/diag"
)

// ChartFile is the name of the file that makes a folder that of a chart.
const ChartFile = "Chart.yaml"

// KustomizationFiles are the names that the file may have that makes a folder that of a kustomization.
func KustomizationFiles() []string {
	return []string{"kustomization.yaml", "kustomization.yml", "Kustomization"}
}

// Link is the ID of a finding that says that a link to a folder was not followed.
const Link = "input/link"

// ErrOutside is why an Opener does not open what a link leads to that lies outside of the tree; it tells of that itself.
var ErrOutside = errors.New("the link leads out of the folder that is read")

// Input is a file to read, a folder that documents are made from, or what is said instead of one.
type Input struct {
	Name    string
	As      Kind
	Met     bool   // it was met in a folder, and not named
	Only    string // of a chart: its templates and folders of templates that are asked for, one a line; "" for all
	Finding *diag.Finding
}

// Walk names what paths stand for: files, "-", and what is in folders and ends in .yaml, .yml, .json, .jsonl, .ndjson or .tf;
// names that start with a dot are left out. With render it names the folders of charts and kustomizations and packed charts
// too, and not the templates of charts, which are no manifests. What skip takes is left out; nil leaves nothing out.
func Walk(open Opener, paths []string, render bool, skip func(path string) bool) iter.Seq[Input] {
	return func(yield func(Input) bool) {
		w := walker{open: open, render: render, yield: yield, skip: skip}
		if skip == nil {
			w.skip = func(string) bool { return false }
		}
		if len(paths) > 1 {
			w.seen = map[Input]bool{}
		}
		for _, path := range paths {
			if !w.path(path) {
				return
			}
		}
		w.parts()
	}
}

// walker names the files that paths stand for. Its methods return false when the walk is over.
type walker struct {
	open   Opener
	yield  func(Input) bool
	render bool
	skip   func(path string) bool
	seen   map[Input]bool      // those named so far, when paths may name one twice
	charts []string            // of which only parts were named
	only   map[string][]string // the parts
}

func (w *walker) path(path string) bool {
	if path == "-" {
		return w.give(Input{Name: "-"})
	}
	dir, err := IsFolder(w.open, path)
	path = filepath.Clean(path)
	switch {
	case w.skip(path):
		return true
	case err != nil:
		return w.unread(path, err)
	case w.render && w.partOfChart(path, dir):
		return true
	case dir:
		return w.folder(path, ordinary)
	}
	if w.render && slices.Contains(KustomizationFiles(), filepath.Base(path)) {
		return w.give(Input{Name: filepath.Dir(path), As: Kustomization}) && w.give(Input{Name: path})
	}
	if w.render && (IsArchive(path) || isTar(path)) {
		return w.give(Input{Name: path, As: Archive})
	}
	return w.give(Input{Name: path})
}

// give passes an input on, once.
func (w *walker) give(in Input) bool {
	if w.seen != nil {
		key := in
		if key.Met = false; w.seen[key] {
			return true
		}
		w.seen[key] = true
	}
	return w.yield(in)
}

// say passes a finding on.
func (w *walker) say(f diag.Finding) bool { return w.yield(Input{Finding: &f}) }

func (w *walker) unread(path string, err error) bool { return w.say(Unread(path, err)) }

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

// IsFolder tells folders from files.
func IsFolder(open Opener, path string) (bool, error) {
	f, err := open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return false, err
	}
	return info.IsDir(), nil
}

// folder walks a folder, listing it in pieces so that its size does not matter.
func (w *walker) folder(path string, as place) bool {
	f, err := w.open(path)
	if err != nil {
		return w.unread(path, err)
	}
	defer f.Close()
	dir, ok := f.(fs.ReadDirFile)
	if !ok {
		return w.unread(path, fmt.Errorf("the folder cannot be listed"))
	}
	for first := true; ; first = false {
		entries, err := dir.ReadDir(1000)
		if first && as == ordinary && w.render && w.isChart(path, entries) {
			if as = chartRoot; !w.give(Input{Name: path, As: Chart}) {
				return false
			}
		}
		if w.render && slices.ContainsFunc(entries, isKustomization) && !w.give(Input{Name: path, As: Kustomization}) {
			return false
		}
		for _, e := range entries {
			if path := filepath.Join(path, e.Name()); !strings.HasPrefix(e.Name(), ".") && !w.skip(path) && !w.entry(path, e, as) {
				return false
			}
		}
		if errors.Is(err, io.EOF) || err == nil && len(entries) == 0 {
			return true
		}
		if err != nil {
			return w.unread(path, err)
		}
	}
}

// isChart reports whether a folder is that of a chart, given the first of its entries.
func (w *walker) isChart(path string, entries []fs.DirEntry) bool {
	if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == ChartFile }) {
		return true
	}
	if len(entries) < 1000 {
		return false
	}
	f, err := w.open(filepath.Join(path, ChartFile))
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
	case w.render && as != subcharts && IsArchive(path) && e.Type().IsRegular():
		return w.give(Input{Name: path, As: Archive})
	case w.render && isTar(path) && as == ordinary:
		return w.say(passed(diag.Position{File: path}, "is an archive, which is opened only when it is named: passed over"))
	case !IsManifest(path) && !IsTerraform(path):
		return true
	case !e.Type().IsRegular():
		return w.unread(path, fmt.Errorf("it is not a regular file"))
	}
	return w.give(Input{Name: path, Met: true})
}

// link takes a symbolic link: to a file it is as good as the file; to a folder it is not followed, as links may form loops.
func (w *walker) link(path string) bool {
	f, err := w.open(path)
	if err != nil {
		return !IsManifest(path) && !IsTerraform(path) || errors.Is(err, ErrOutside) || w.unread(path, err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return w.unread(path, err)
	case info.IsDir():
		return w.say(diag.Finding{ID: Link, Severity: diag.Info, Position: diag.Position{File: path},
			Message: "a link to a folder is not followed: name it as an argument to read it"})
	case (IsManifest(path) || IsTerraform(path)) && info.Mode().IsRegular():
		return w.give(Input{Name: path, Met: true})
	}
	return true
}

func isKustomization(e fs.DirEntry) bool { return slices.Contains(KustomizationFiles(), e.Name()) }

// IsArchive reports whether a name is that of a packed chart.
func IsArchive(name string) bool { return filepath.Ext(name) == ".tgz" }

// isTar reports whether a name is that of an archive that may hold manifests, such as a backup or a dump of a cluster.
func isTar(name string) bool {
	lower := strings.ToLower(name)
	return strings.HasSuffix(lower, ".tar.gz") || strings.HasSuffix(lower, ".tar")
}

// IsManifest reports whether a name is one that is read in folders.
func IsManifest(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".yaml", ".yml", ".json", ".jsonl", ".ndjson":
		return true
	}
	return false
}
