package report_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
)

func pageOf(t *testing.T, v report.View, origin report.Origin) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Write(&b, report.HTML, v, report.Style{Origin: origin}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// inOrder fails unless texts come one after the other.
func inOrder(t *testing.T, page string, texts ...string) {
	t.Helper()
	at := 0
	for _, text := range texts {
		i := strings.Index(page[at:], text)
		if i < 0 {
			t.Fatalf("no %q after byte %d in\n%s", text, at, page)
		}
		at += i + len(text)
	}
}

// A page has the numbers first, then what to do, then the rows that need somebody, and says at its end where it comes from.
func TestPageOrder(t *testing.T) {
	rows := []report.Row{
		{Cells: []string{"quiet", ""}, Tone: report.Good},
		{Cells: []string{"late", ""}, Tone: report.Warn},
		{Cells: []string{"broken", ""}, Tone: report.Bad},
	}
	columns := []report.Column{{Name: "cluster"}, {Name: "nothing here"}}
	view := report.View{Title: "Check", Tables: []report.Table{{Columns: columns, Rows: rows, Worst: true}},
		Findings: []diag.Finding{
			{
				ID:       "check/soon",
				Severity: diag.Error,
				Message:  "broken is out of support",
				Position: diag.Position{File: "fleet.yaml", Line: 3, Column: 1},
			},
		}}
	page := pageOf(t, view,
		report.Origin{Program: "Treadmill v1", Command: "treadmill upgrade check", Data: []string{"windows of 2026-11-23"}})
	inOrder(t, page, "<dt>rows</dt><dd>3</dd>", "<dt>most urgent</dt><dd>1</dd>", "<dt>errors</dt><dd>1</dd>",
		"Start here:</strong> broken is out of support (fleet.yaml:3:1)", "<td>broken</td>", "<td>late</td>", "<td>quiet</td>",
		"most urgent", "Made by: treadmill upgrade check", "Treadmill v1 · windows of 2026-11-23")
	if strings.Contains(page, "nothing here") {
		t.Error("an empty column takes room")
	}
	view.Tables[0].Worst = false
	inOrder(t, pageOf(t, view, report.Origin{}), "<td>quiet</td>", "<td>late</td>", "<td>broken</td>")

	view.Figures = []report.Figure{report.Counted("clusters", 1200, report.Plain), report.Counted("missed", 0, report.Bad)}
	inOrder(t, pageOf(t, view, report.Origin{}), "<div><dt>clusters</dt><dd>1,200</dd></div>",
		`<div class="good"><dt>missed</dt><dd>0</dd></div>`)
}

// One chart stands above the tables; of many, the first calendar does, and the others are folded below the tables.
func TestPageFoldsCharts(t *testing.T) {
	day := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	lines := func(n int) []report.Chart {
		var out []report.Chart
		for i := range n {
			out = append(out, report.Lines{Text: fmt.Sprintf("line %d", i), From: day, To: day.AddDate(0, 0, 9),
				Lines: []report.Line{{Points: []report.Point{{At: day, Value: 1}}}}})
		}
		return out
	}
	table := []report.Table{{Columns: []report.Column{{Name: "slo"}}, Rows: []report.Row{{Cells: []string{"pay"}}}}}
	inOrder(t, pageOf(t, report.View{Tables: table, Charts: lines(1)}, report.Origin{}), "<figcaption>line 0", "<td>pay</td>")
	inOrder(t, pageOf(t, report.View{Tables: table, Charts: lines(2)}, report.Origin{}), "<td>pay</td>", "<summary>line 0</summary>",
		"<summary>line 1</summary>")
	inOrder(t, pageOf(t, report.View{Tables: table, Charts: append(lines(4), report.Timeline{Text: "calendar"})}, report.Origin{}),
		"<figcaption>calendar", "<td>pay</td>", "<summary>4 charts</summary>", "<summary>line 0</summary>")
}
