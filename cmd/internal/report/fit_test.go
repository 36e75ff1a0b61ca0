package report_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
)

// Text fits every terminal of 40 columns or more, and loses no word: what is not shown is named.
func TestTextFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[a-zé/:.-]{1,30}`)
		cell := rapid.Custom(func(t *rapid.T) string { return strings.Join(rapid.SliceOfN(word, 0, 12).Draw(t, "words"), " ") })
		columns := rapid.IntRange(1, 9).Draw(t, "columns")
		table := report.Table{Title: cell.Draw(t, "title")}
		for i := range columns {
			table.Columns = append(table.Columns, report.Column{Name: string(rune('a'+i)) + " column",
				Right: rapid.Bool().Draw(t, "right") && i%3 == 2, Rank: uint8(rapid.IntRange(0, 3).Draw(t, "rank"))})
		}
		for range rapid.IntRange(1, 5).Draw(t, "rows") {
			row := report.Row{}
			for i := range columns {
				if table.Columns[i].Right {
					row.Cells = append(row.Cells, "12345")
				} else {
					row.Cells = append(row.Cells, cell.Draw(t, "cell"))
				}
			}
			table.Rows = append(table.Rows, row)
		}
		v := report.View{Lead: []string{cell.Draw(t, "lead")}, Tables: []report.Table{table}, Notes: []string{cell.Draw(t, "note")},
			Findings: []diag.Finding{
				{ID: "a/b", Severity: diag.Warning, Message: cell.Draw(t, "message"), Position: diag.Position{File: "f.yaml", Line: 1}},
			}}
		width := rapid.IntRange(40, 200).Draw(t, "width")
		var b bytes.Buffer
		if err := report.Write(&b, report.Text, v, report.Style{Width: width}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > width {
				t.Fatalf("a line of %d columns on a terminal of %d: %q\n%s", n, width, line, b.String())
			}
		}
		squeezed := strings.Join(strings.Fields(b.String()), "")
		for i, c := range table.Columns {
			hidden := strings.Contains(b.String(), "Not shown: ") &&
				strings.Contains(squeezed[strings.Index(squeezed, "Notshown:"):], strings.ReplaceAll(c.Name, " ", ""))
			for _, r := range table.Rows {
				for _, w := range strings.Fields(r.Cells[i]) {
					if !hidden && len(w) < 12 && !strings.Contains(b.String(), w) {
						t.Fatalf("%q of column %q is lost\n%s", w, c.Name, b.String())
					}
				}
			}
		}
	})
}

// Columns go by their rank, then all fold; wide shows everything in one line.
func TestColumnsGoByRank(t *testing.T) {
	table := report.Table{
		Columns: []report.Column{{Name: "cluster"}, {Name: "team", Rank: 1}, {Name: "region", Rank: 2}, {Name: "reason"}},
		Rows: []report.Row{
			{Cells: []string{"pay-prod-eu", "payments", "eu-central-1", "support of 1.33 ends before the freeze at the end of the year"}},
		},
	}
	for width, want := range map[int]string{
		120: "CLUSTER      TEAM      REGION        REASON\npay-prod-eu  payments  eu-central-1  support of 1.33 ends before the freeze at the end of the year\n",
		70: "CLUSTER      TEAM      REGION        REASON\n" +
			"pay-prod-eu  payments  eu-central-1  support of 1.33 ends before the\n" +
			"                                     freeze at the end of the year\n",
		52: "CLUSTER      TEAM      REASON\n" +
			"pay-prod-eu  payments  support of 1.33 ends before\n" +
			"                       the freeze at the end of the\n" +
			"                       year\n" +
			"Not shown: region (-o wide).\n",
		40: "CLUSTER      REASON\n" +
			"pay-prod-eu  support of 1.33 ends before\n" +
			"             the freeze at the end of\n" +
			"             the year\n" +
			"Not shown: team, region (-o wide).\n",
	} {
		var b bytes.Buffer
		if err := report.Write(&b, report.Text, report.View{Tables: []report.Table{table}}, report.Style{Width: width}); err != nil {
			t.Fatal(err)
		}
		if b.String() != want {
			t.Errorf("width %d:\n%s\nwant:\n%s", width, b.String(), want)
		}
	}
	var b bytes.Buffer
	if err := report.Write(&b, report.Wide, report.View{Tables: []report.Table{table}}, report.Style{Width: 40}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "eu-central-1  support of 1.33 ends before the freeze at the end of the year\n") {
		t.Errorf("wide folds:\n%s", b.String())
	}
}

// A finding shows the line that it speaks of, with its place underlined by code points; long lines are cut around it.
func TestExcerpts(t *testing.T) {
	lines := map[int]string{
		3: "  - {name: é, version: \"1.99\"}",
		4: "\tkey: value",
		5: strings.Repeat("x", 200) + "HERE" + strings.Repeat("y", 200),
	}
	source := func(file string, line int) (string, bool) {
		text, ok := lines[line]
		return text, ok && file == "fleet.yaml"
	}
	at := func(line, column, end int) diag.Position {
		p := diag.Position{File: "fleet.yaml", Line: line, Column: column}
		if end > 0 {
			p.EndLine, p.EndColumn = line, end
		}
		return p
	}
	for name, c := range map[string]struct {
		finding diag.Finding
		want    string
	}{
		"a span": {diag.Finding{ID: "a/b", Severity: diag.Error, Message: "no", Position: at(3, 23, 29)},
			"fleet.yaml:3:23: error: no [a/b]\n 3 |   - {name: é, version: \"1.99\"}\n   |                       ^^^^^^\n"},
		"a place": {diag.Finding{ID: "a/b", Severity: diag.Warning, Message: "no", Position: at(4, 2, 0)},
			"fleet.yaml:4:2: warning: no [a/b]\n 4 |  key: value\n   |  ^\n"},
		"a line": {diag.Finding{ID: "a/b", Severity: diag.Warning, Message: "no", Position: at(4, 0, 0)},
			"fleet.yaml:4: warning: no [a/b]\n 4 |  key: value\n"},
		"an unknown line": {diag.Finding{ID: "a/b", Severity: diag.Error, Message: "no", Position: at(9, 1, 0)},
			"fleet.yaml:9:1: error: no [a/b]\n"},
		"another file": {diag.Finding{ID: "a/b", Severity: diag.Error, Message: "no",
			Position: diag.Position{File: "x", Line: 3, Column: 1}}, "x:3:1: error: no [a/b]\n"},
		"no more than said": {diag.Finding{ID: "a/b", Severity: diag.Info, Message: "no", Position: at(3, 1, 0)},
			"fleet.yaml:3:1: info: no [a/b]\n"},
	} {
		if got := report.FindingLines([]diag.Finding{c.finding}, report.Style{Source: source}); got != c.want {
			t.Errorf("%s:\n%s\nwant:\n%s", name, got, c.want)
		}
	}
	got := report.FindingLines([]diag.Finding{{ID: "a/b", Severity: diag.Error, Message: "no", Position: at(5, 201, 205)}},
		report.Style{Source: source, Width: 60})
	rows := strings.Split(got, "\n")
	if i := strings.Index(rows[2], "^^^^"); i < 0 || rows[1][len(rows[1])-len("x"):] == "" ||
		!strings.HasPrefix(string([]rune(rows[1])[i:]), "HERE") {
		t.Errorf("the place is not underlined:\n%s", got)
	}
}
