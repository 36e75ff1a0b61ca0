package kustomize

import (
	"bytes"
	"io/fs"
	"path"
	"path/filepath"
	"time"

	"go.yaml.in/yaml/v3"
)

// Overlay puts a kustomization with the given fields (YAML) above the one in a folder: Build(Overlay(open, dir, fields)) builds
// both. Paths in the fields are relative to the folder. It exists in memory only.
func Overlay(open func(string) (fs.File, error), dir, fields string) (func(string) (fs.File, error), string, error) {
	above := filepath.Join(dir, "..", ".overlay")
	down, err := filepath.Rel(above, dir)
	if err != nil { // what is above the current folder has no name for it
		return open, dir, nil //nolint:nilerr // the fields change names, and seldom what there is
	}
	all := map[string]any{}
	if err := yaml.Unmarshal([]byte(fields), &all); err != nil {
		return nil, "", err
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
		return nil, "", err
	}
	file := filepath.Join(above, Names()[0])
	return func(name string) (fs.File, error) {
		if name == file {
			return memory{bytes.NewReader(text), len(text)}, nil
		}
		return open(name)
	}, above, nil
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

func (i info) Name() string       { return Names()[0] }
func (i info) Size() int64        { return int64(i) }
func (i info) Mode() fs.FileMode  { return 0o444 }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return false }
func (i info) Sys() any           { return nil }
