package read

import (
	"path/filepath"
	"slices"
	"strings"
)

// maxClimb bounds how many folders above a path are looked at.
const maxClimb = 16

// partOfChart reports whether a path is a template of a chart, a folder of them, or a file that decides what they make: its chart
// is rendered then, and not the file read. Tools that pass the names of changed files name such.
func (w *walker) partOfChart(path string, dir bool) bool {
	root, below, ok := w.chartAbove(path)
	if !ok || dir && below == "." {
		return false
	}
	first, _, inner := strings.Cut(below, "/")
	switch {
	case first == "templates" && (inner || dir):
		w.part(w.parent(root), filepath.Join(root, filepath.FromSlash(below)))
	case !dir && !inner && (first == ChartFile || strings.HasPrefix(first, "values") && IsManifest(first)):
		w.part(w.parent(root), "")
	default:
		return false
	}
	return true
}

// chartAbove finds the nearest chart above a path, and the path in it, with slashes.
func (w *walker) chartAbove(path string) (root, below string, ok bool) {
	up := path
	for range maxClimb {
		if w.has(filepath.Join(up, ChartFile)) {
			below, err := filepath.Rel(up, path)
			return up, filepath.ToSlash(below), err == nil
		}
		next := filepath.Dir(up)
		if next == up {
			if up == "." {
				return w.aboveHere(path)
			}
			break
		}
		up = next
	}
	return "", "", false
}

// aboveHere finds the chart in whose templates the current folder is.
func (w *walker) aboveHere(path string) (root, below string, ok bool) {
	here, err := filepath.Abs(".")
	for range maxClimb {
		root, below, here = filepath.Join(root, ".."), filepath.Join(filepath.Base(here), below), filepath.Dir(here)
		if err == nil && w.has(filepath.Join(root, ChartFile)) {
			below = filepath.Join(below, path)
			_, err := IsFolder(w.open, filepath.Join(root, below))
			return root, filepath.ToSlash(below), err == nil
		}
	}
	return "", "", false
}

// parent is the chart that a chart is a part of, or the chart itself.
func (w *walker) parent(root string) string {
	for range maxClimb {
		up := filepath.Join(root, "..", "..")
		if filepath.Base(filepath.Dir(root)) != "charts" || !w.has(filepath.Join(up, ChartFile)) {
			break
		}
		root = up
	}
	return root
}

func (w *walker) has(path string) bool {
	dir, err := IsFolder(w.open, path)
	return err == nil && !dir
}

// part notes a part of a chart; "" stands for all of it.
func (w *walker) part(root, name string) {
	if w.only == nil {
		w.only = map[string][]string{}
	}
	if _, ok := w.only[root]; !ok {
		w.charts = append(w.charts, root)
	}
	w.only[root] = append(w.only[root], name)
}

// parts gives the charts of which parts were named, each once.
func (w *walker) parts() {
	for _, root := range w.charts {
		whole := Input{Name: root, As: Chart}
		if names := w.only[root]; !slices.Contains(names, "") && !w.seen[whole] {
			slices.Sort(names)
			whole.Only = strings.Join(slices.Compact(names), "\n")
		}
		if !w.give(whole) {
			return
		}
	}
}
