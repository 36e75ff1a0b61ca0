package fix_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"treadmill/upgrade/apis/fix"
)

// FuzzFix: no input makes it panic; a second run changes nothing; each object is rewritten or refused; and every line that
// is not in the diff is there, in order, with each comment that was.
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
		if text := patch(t, data, fix.Diff("f", data, got.Text)); !bytes.Equal(text, got.Text) {
			t.Errorf("the diff makes\n%q\nof\n%q\nand not\n%q", text, data, got.Text)
		}
	})
}

// patch applies a diff, and fails unless what the diff has as context and as taken out is in the text.
func patch(t *testing.T, text, diff []byte) []byte {
	t.Helper()
	lines := strings.SplitAfter(string(text), "\n")
	var out strings.Builder
	at := 0
	hunks := strings.SplitAfter(string(diff), "\n")
	for i, line := range hunks {
		switch {
		case strings.HasPrefix(line, "--- a/f\n") || strings.HasPrefix(line, "+++ b/f\n") || strings.HasPrefix(line, `\`) || line == "":
			continue
		case strings.HasPrefix(line, "@@ -"):
			start := hunkStart(t, line)
			for ; at < start; at++ {
				out.WriteString(lines[at])
			}
			continue
		}
		body := line[1:]
		if i+1 < len(hunks) && strings.HasPrefix(hunks[i+1], `\`) {
			body = strings.TrimSuffix(body, "\n")
		}
		if line[0] != '+' {
			if at >= len(lines) || lines[at] != body {
				t.Fatalf("line %d of the text is not %q", at+1, body)
			}
			at++
		}
		if line[0] != '-' {
			out.WriteString(body)
		}
	}
	for ; at < len(lines); at++ {
		out.WriteString(lines[at])
	}
	return []byte(out.String())
}

// hunkStart is the number of lines before a hunk.
func hunkStart(t *testing.T, line string) int {
	t.Helper()
	var from, lines int
	if _, err := fmt.Sscanf(line, "@@ -%d,%d", &from, &lines); err != nil {
		t.Fatal(err)
	}
	if lines == 0 {
		return from
	}
	return from - 1
}
