package report_test

import (
	"bytes"
	"strings"
	"testing"

	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
)

// A finding brings what there is to say about it: to code scanning as the help of its rule, to a page as text that needs no network.
func TestFindingsBringTheirHelp(t *testing.T) {
	v := report.View{Title: "Scan", Findings: []diag.Finding{
		{ID: "api/removed", Severity: diag.Error, Message: "gone", Position: diag.Position{File: "a.yaml", Line: 1}},
		{ID: "api/removed", Severity: diag.Error, Message: "gone too", Position: diag.Position{File: "b.yaml", Line: 1}},
		{ID: "own/finding", Severity: diag.Info, Message: "one that the catalogue does not know", Position: diag.Position{File: "b.yaml"}},
	}}
	for format, want := range map[report.Format][]string{
		"sarif": {`"markdown": "# ` + "`api/removed`", `"text": "The target version does not serve the API`, `"id": "own/finding"`, "## How to fix it"},
		"html": {"<summary><code>api/removed</code>: the target version", "<code>treadmill upgrade fix</code> does so",
			"<code>treadmill explain api/removed</code>"},
	} {
		var b bytes.Buffer
		if err := report.Write(&b, format, v, report.Style{}); err != nil {
			t.Fatal(err)
		}
		for _, text := range want {
			if strings.Count(b.String(), text) != 1 {
				t.Errorf("%s has %d times %q:\n%s", format, strings.Count(b.String(), text), text, b.String())
			}
		}
		if strings.Contains(b.String(), "helpUri") {
			t.Error("there is a link, though this module has no home on the web")
		}
	}
}
