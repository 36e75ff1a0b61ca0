package windows

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"sync"
)

//go:embed data/*.yaml
var data embed.FS

// Embedded is the table that comes with Treadmill, parsed anew on every call. An error says that the build is broken.
func Embedded() (Table, error) {
	names, err := fs.Glob(data, "data/*.yaml")
	if err != nil {
		return Table{}, fmt.Errorf("list the embedded support windows: %w", err)
	}
	tables, errs := make([]Table, len(names)), make([]error, len(names))
	var wg sync.WaitGroup
	for i, name := range names { // side by side: every command that needs a date waits for this
		wg.Go(func() { tables[i], errs[i] = embedded(name) })
	}
	wg.Wait()
	var all []calendar
	for _, t := range tables {
		all = append(all, t.calendars...)
	}
	if err := errors.Join(errs...); err != nil {
		return Table{}, fmt.Errorf("read the embedded support windows: %w", err)
	}
	return Table{}.with(all), nil
}

func embedded(name string) (Table, error) {
	text, err := data.ReadFile(name)
	if err != nil {
		return Table{}, err
	}
	t, findings := Read(name, text)
	if len(findings) > 0 {
		return Table{}, errors.New(findings[0].String())
	}
	return t, nil
}
