package windows

import (
	"embed"
	"fmt"

	"treadmill/internal/yamlx"
)

//go:embed data/*.yaml
var data embed.FS

// EmbeddedUpstream is the part of the embedded table that is about Kubernetes itself, which takes a tenth of the time to read.
func EmbeddedUpstream() (Table, error) {
	const file = "data/" + Upstream + ".yaml"
	text, err := data.ReadFile(file)
	if err != nil {
		return Table{}, fmt.Errorf("read the embedded support windows: %w", err)
	}
	t, findings := Read(file, text)
	if len(findings) > 0 {
		return Table{}, fmt.Errorf("read the embedded support windows: %s", findings[0])
	}
	return t, nil
}

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
