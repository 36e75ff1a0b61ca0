package kustomize

import (
	"bytes"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"treadmill/upgrade/apis/read"
)

// Above is a kustomization above the one in a folder. It exists in memory only.
type Above struct {
	Open read.Opener // what Build opens files with
	Root string      // the folder that Build builds

	dir, alias string // the folder below, and the name by which it is reached from above
}

// Path is the name of a file that Build gave one by way of the folder above.
func (a Above) Path(path string) string {
	if below, ok := within(path, a.alias); ok {
		return filepath.Join(a.dir, below)
	}
	return path
}

// within is what is left of a path below a folder.
func within(path, folder string) (string, bool) {
	if path == folder {
		return ".", true
	}
	return strings.CutPrefix(path, folder+string(filepath.Separator))
}

// Overlay puts a kustomization with the given fields (YAML) above the one in a folder: building its Root builds both. Paths in the
// fields are relative to the folder. A folder without a name of its own, such as the current one, is reached by its name in memory.
func Overlay(open read.Opener, dir, fields string) (Above, error) {
	above := filepath.Join(dir, "..", ".overlay")
	down, err := filepath.Rel(virtual(above), virtual(dir))
	if err != nil {
		return Above{}, err
	}
	all := map[string]any{}
	if err := yaml.Unmarshal([]byte(fields), &all); err != nil {
		return Above{}, err
	}
	down = filepath.ToSlash(down)
	all["resources"] = []any{down}
	if list, ok := all["components"].([]any); ok {
		for i, c := range list {
			if name, ok := c.(string); ok && !elsewhere(name) {
				list[i] = path.Join(down, name)
			}
		}
	}
	if list, ok := all["patches"].([]any); ok {
		for _, p := range list {
			if patch, ok := p.(map[string]any); ok {
				if name, ok := patch["path"].(string); ok && !elsewhere(name) {
					patch["path"] = path.Join(down, name)
				}
			}
		}
	}
	text, err := yaml.Marshal(all)
	if err != nil {
		return Above{}, err
	}
	out := Above{Root: above, dir: dir, alias: filepath.Join(above, filepath.FromSlash(down))}
	file := filepath.Join(above, read.KustomizationFiles()[0])
	out.Open = func(name string) (fs.File, error) {
		if name == file {
			return memory{bytes.NewReader(text), len(text)}, nil
		}
		return open(out.Path(name))
	}
	return out, nil
}

// memory is a text as a file.
type memory struct {
	*bytes.Reader
	size int
}

func (m memory) Stat() (fs.FileInfo, error) { return info(m.size), nil }
func (m memory) Close() error               { return nil }

// info describes a text of so many bytes.
type info int

func (i info) Name() string       { return read.KustomizationFiles()[0] }
func (i info) Size() int64        { return int64(i) }
func (i info) Mode() fs.FileMode  { return 0o444 }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return false }
func (i info) Sys() any           { return nil }
