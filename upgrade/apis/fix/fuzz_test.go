package fix_test

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// FuzzFix: no input makes it panic; a second run changes nothing; each object is rewritten or refused, with each comment that was.
func FuzzFix(f *testing.F) {
	files, err := filepath.Glob("testdata/golden/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range files {
		a, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, doc := range bytes.SplitAfter(a.Files[0].Data, []byte("\n---\n")) {
			f.Add(doc)
			f.Add(bytes.ReplaceAll(doc, []byte("\n"), []byte("\r\n")))
		}
	}
	table := load(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		got := run(t, table, "f", data)
		promises(t, table, "f", data, got)
	})
}
