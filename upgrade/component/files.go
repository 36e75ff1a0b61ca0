package component

import (
	"embed"
	"io/fs"
)

//go:embed flags.tsv gates.tsv
var files embed.FS

// Files are the files of the tables that come with Treadmill.
func Files() fs.FS { return files }

// read is the text of a table; from nil it is the embedded one.
func read(from fs.FS, name string) (string, error) {
	if from == nil {
		from = files
	}
	text, err := fs.ReadFile(from, name)
	return string(text), err
}
