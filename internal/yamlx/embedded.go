package yamlx

import (
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"treadmill/internal/diag"
)

// Embedded reads the tables data/*.yaml of a package, side by side as commands wait for them, in the order of their names. An error
// says that the build is broken.
func Embedded[T any](data fs.FS, read func(file string, text []byte) (T, []diag.Finding)) ([]T, error) {
	names, err := fs.Glob(data, "data/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the embedded tables: %w", err)
	}
	tables, errs := make([]T, len(names)), make([]error, len(names))
	var wg sync.WaitGroup
	for i, name := range names {
		wg.Go(func() {
			text, err := fs.ReadFile(data, name)
			if err != nil {
				errs[i] = err
				return
			}
			var findings []diag.Finding
			if tables[i], findings = read(name, text); len(findings) > 0 {
				errs[i] = errors.New(findings[0].String())
			}
		})
	}
	wg.Wait()
	return tables, errors.Join(errs...)
}
