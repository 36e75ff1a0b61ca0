package windows

import (
	"embed"
	"fmt"
	"io/fs"
)

//go:embed data/*.yaml
var data embed.FS

// Embedded is the table that comes with Treadmill, parsed anew on every call. An error says that the build is broken.
func Embedded() (Table, error) {
	names, err := fs.Glob(data, "data/*.yaml")
	if err != nil {
		return Table{}, fmt.Errorf("list the embedded support windows: %w", err)
	}
	var all []calendar
	for _, name := range names {
		text, err := data.ReadFile(name)
		if err != nil {
			return Table{}, fmt.Errorf("read the embedded support windows: %w", err)
		}
		t, findings := Read(name, text)
		if len(findings) > 0 {
			return Table{}, fmt.Errorf("read the embedded support windows: %s", findings[0])
		}
		all = append(all, t.calendars...)
	}
	return Table{}.with(all), nil
}
