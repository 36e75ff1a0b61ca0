package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// writeFiles writes a set of files, each under its path. All of them are written beside their places first and then
// renamed, so that a run that fails leaves no file half-written. Folders are made as needed.
func writeFiles(files map[string][]byte) (err error) {
	temps := map[string]string{}
	defer func() {
		for _, temp := range temps {
			_ = os.Remove(temp)
		}
	}()
	paths := make([]string, 0, len(files))
	for path := range files {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	for _, path := range paths {
		temp, err := writeTemp(path, files[path])
		if err != nil {
			return fmt.Errorf("write %s: %w", path, cause(err))
		}
		temps[path] = temp
	}
	for _, path := range paths {
		if err := os.Rename(temps[path], path); err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
		delete(temps, path)
	}
	return nil
}

func writeTemp(path string, data []byte) (string, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	mode := os.FileMode(0o644)
	if info, statErr := os.Stat(path); statErr == nil {
		mode = info.Mode().Perm()
	}
	return f.Name(), errors.Join(err, f.Chmod(mode), f.Close())
}
