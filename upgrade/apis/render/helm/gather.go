package helm

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"treadmill/upgrade/apis/read"
)

// What the folder of a chart may hold.
const (
	maxChart      = 128 << 20
	maxChartFiles = 20_000
)

// gather reads the files of a chart's folder, without those that its .helmignore leaves out, and with the charts beside it that it
// depends on or that a library has. Links to folders are not followed.
func gather(open read.Opener, library *Library, root string) ([]File, error) {
	g := gatherer{open: open, library: library}
	return g.chart(root, 0)
}

// gatherer reads the files of charts.
type gatherer struct {
	open    read.Opener
	library *Library
	root    string // of the chart that is read
	files   []File
	bytes   int
	count   int
}

// maxLocal bounds how deep charts beside each other may depend on each other.
const maxLocal = 8

// chart reads one chart.
func (g *gatherer) chart(root string, depth int) ([]File, error) {
	if depth > maxLocal {
		return nil, fmt.Errorf("its dependencies by file:// nest deeper than %d charts, or in a circle", maxLocal)
	}
	g.root, g.files = root, nil
	if err := g.folder(root, 0); err != nil {
		return nil, err
	}
	files := g.files
	if rules, err := g.read(filepath.Join(root, IgnoreFile)); err == nil {
		if files, err = Kept(files, string(rules)); err != nil {
			return nil, err
		}
	}
	for _, d := range absent(files) {
		inner, err := g.dependency(root, d, depth)
		if err != nil {
			return nil, err
		}
		for _, f := range inner {
			f.Name = "charts/" + d.Name + "/" + f.Name
			files = append(files, f)
		}
	}
	return files, nil
}

// dependency reads a chart that another one wants, if it is at hand: else it is missing, which is told when the chart is rendered.
func (g *gatherer) dependency(root string, d dependency, depth int) ([]File, error) {
	place := ""
	if below, ok := d.beside(); ok {
		place = filepath.Join(root, filepath.FromSlash(below))
		if _, err := g.read(filepath.Join(place, read.ChartFile)); err != nil {
			place = ""
		}
	}
	if place == "" {
		place, _ = g.library.Find(d.Name, d.Version)
	}
	switch {
	case place == "" || filepath.Clean(place) == filepath.Clean(root):
		return nil, nil
	case read.IsArchive(place):
		return unpackFile(g.open, place)
	}
	return g.chart(place, depth+1)
}

func (g *gatherer) folder(path string, depth int) error {
	f, err := g.open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	dir, ok := f.(fs.ReadDirFile)
	if !ok || depth > 50 {
		return fmt.Errorf("the folder cannot be listed")
	}
	entries, err := dir.ReadDir(-1)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := filepath.Join(path, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case e.IsDir():
			err = g.folder(name, depth+1)
		case !e.Type().IsRegular() && e.Type()&fs.ModeSymlink == 0:
			err = &fs.PathError{Op: "open", Path: name, Err: errIrregular}
		default:
			err = g.file(name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// file takes a file, if it is one.
func (g *gatherer) file(name string) error {
	data, err := g.read(name)
	if errors.Is(err, errIrregular) || errors.Is(err, read.ErrOutside) {
		return nil
	}
	if err != nil {
		return err
	}
	below, err := filepath.Rel(g.root, name)
	if err != nil {
		return err
	}
	g.files = append(g.files, File{Name: filepath.ToSlash(below), Path: name, Data: data})
	return nil
}

var errIrregular = errors.New("it is not a regular file")

// read reads a file, without a mark at its beginning.
func (g *gatherer) read(name string) ([]byte, error) {
	if g.count++; g.count > maxChartFiles {
		return nil, fmt.Errorf("the chart has more than %d files", maxChartFiles)
	}
	f, err := g.open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errIrregular
	}
	data, err := io.ReadAll(io.LimitReader(f, int64(maxChart-g.bytes)+1))
	if err != nil {
		return nil, err
	}
	if g.bytes += len(data); g.bytes > maxChart {
		return nil, fmt.Errorf("the chart is larger than %d MiB", maxChart>>20)
	}
	return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), nil
}
