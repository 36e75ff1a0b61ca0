package kustomize

import (
	"fmt"
	"io"
)

// What a kustomization may read.
const (
	maxBytes = 64 << 20
	maxFiles = 5000
)

// read reads a file once.
func (c *closure) read(path string) ([]byte, error) {
	if data, ok := c.files[path]; ok {
		return data, nil
	}
	f, err := c.open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, int64(maxBytes-c.bytes)+1))
	if err != nil {
		return nil, err
	}
	if c.bytes += len(data); c.bytes > maxBytes || len(c.files) == maxFiles {
		return nil, fmt.Errorf("it reads more than %d MiB or %d files", maxBytes>>20, maxFiles)
	}
	c.files[path] = data
	return data, nil
}
