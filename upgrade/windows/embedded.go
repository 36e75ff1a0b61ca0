package windows

import (
	"embed"
	"fmt"
	"io/fs"

	"treadmill/internal/yamlx"
)

//go:embed data/*.yaml
var data embed.FS

// EmbeddedUpstream is the part of the embedded table that is about Kubernetes itself, which takes a tenth of the time to read.
func EmbeddedUpstream() (Table, error) { return UpstreamIn(nil) }

// UpstreamIn is the part of a table in files that is about Kubernetes itself; nil stands for the embedded one.
func UpstreamIn(files fs.FS) (Table, error) {
	if files == nil {
		files = data
	}
	const file = "data/" + Upstream + ".yaml"
	text, err := fs.ReadFile(files, file)
	if err != nil {
		return Table{}, fmt.Errorf("read the embedded support windows: %w", err)
	}
	t, findings := Read(file, text)
	if len(findings) > 0 {
		return Table{}, fmt.Errorf("read the embedded support windows: %s", findings[0])
	}
	return t, nil
}

// Files are the files of the table that comes with Treadmill.
func Files() fs.FS { return data }

// Embedded is the table that comes with Treadmill, parsed anew on every call. An error says that the build is broken.
func Embedded() (Table, error) { return In(nil) }

// In is the table in files of the form of Files, or the embedded one for nil.
func In(files fs.FS) (Table, error) {
	if files == nil {
		files = data
	}
	tables, err := yamlx.Embedded(files, Read)
	if err != nil {
		return Table{}, fmt.Errorf("read the support windows: %w", err)
	}
	var all []calendar
	for _, t := range tables {
		all = append(all, t.calendars...)
	}
	return Table{}.with(all), nil
}
