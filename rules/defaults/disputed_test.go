package defaults_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"treadmill/rules/defaults"
)

// TestDisputedDispositions holds the table of docs/replacing-defaults.md to the dispositions.
func TestDisputedDispositions(t *testing.T) {
	page, err := os.ReadFile("../../docs/replacing-defaults.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(page), "## Dispositions that were disputed\n")
	if section, _, _ = strings.Cut(section, "\n## "); !found {
		t.Fatal("the section is gone")
	}
	known, _ := defaults.Known()
	rows := 0
	for line := range strings.Lines(section) {
		cells := strings.Split(line, " | ")
		if len(cells) != 5 || strings.HasPrefix(line, "| alert") || strings.HasPrefix(line, "| ---") {
			continue
		}
		rows++
		name := strings.TrimPrefix(cells[0], "| ")
		i := slices.IndexFunc(known[name], func(r defaults.Row) bool { return r.Severity == cells[1] })
		if i < 0 || string(known[name][i].Disposition) != cells[2] {
			t.Errorf("%s (%s): the page says %s, the table %v", name, cells[1], cells[2], known[name])
		}
	}
	if rows != 18 {
		t.Errorf("%d rows, want 18", rows)
	}
}
