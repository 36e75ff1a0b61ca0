package slo_test

import (
	"os"
	"strings"
	"testing"

	"treadmill/slo"
)

// The table of docs/slo.md has every word that is known, and no other.
func TestSeverityWordsAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../docs/slo.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, severity := range []slo.Severity{slo.Page, slo.Ticket} {
		row := "| " + string(severity) + " | `" + strings.Join(slo.SeverityWords(severity), "` `") + "` |"
		if !strings.Contains(string(page), row) {
			t.Errorf("docs/slo.md lacks\n%s", row)
		}
		for _, w := range slo.SeverityWords(severity) {
			if got, ok := slo.SeverityOf(w); !ok || got != severity {
				t.Errorf("%s is %q", w, got)
			}
		}
	}
}
