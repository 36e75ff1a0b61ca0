package windows

import (
	"embed"
	"fmt"

	"treadmill/internal/yamlx"
)

//go:embed data/*.yaml
var data embed.FS

// Embedded is the table that comes with Treadmill, parsed anew on every call. An error says that the build is broken.
func Embedded() (Table, error) {
	tables, err := yamlx.Embedded(data, Read)
	if err != nil {
		return Table{}, fmt.Errorf("read the embedded support windows: %w", err)
	}
	var all []calendar
	for _, t := range tables {
		all = append(all, t.calendars...)
	}
	return Table{}.with(all), nil
}
