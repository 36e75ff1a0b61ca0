package report_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"treadmill/cmd/internal/report"
)

// TestRoom: a Markdown that would be too long has as many of the first rows as there is room for, and says what it leaves out.
func TestRoom(t *testing.T) {
	table := func(title string, rows int, cell string) report.Table {
		out := report.Table{Title: title, Columns: []report.Column{{Name: "what"}}}
		for i := range rows {
			out.Rows = append(out.Rows, report.Row{Cells: []string{fmt.Sprintf("%s %d.", cell, i)}})
		}
		return out
	}
	write := func(v report.View) string {
		var b bytes.Buffer
		if err := report.Write(&b, report.Markdown, v, report.Style{}); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	v := report.View{Title: "Rules", Tables: []report.Table{table("Findings", 300, "finding"), table("Coverage", 20, "alert")}}
	whole := write(v)
	for _, room := range []int{len(whole), len(whole) - 1, 2000, 600} {
		v.Room = report.Room{Bytes: room, Rest: "Run it to see all."}
		text := write(v)
		if len(text) > room {
			t.Errorf("room for %d: %d bytes", room, len(text))
		}
		if fits := room == len(whole); fits != (text == whole) || fits == strings.Contains(text, "Run it to see all.") {
			t.Errorf("room for %d of %d: %s", room, len(whole), text)
		}
		if room == 2000 {
			shown := strings.Count(text, "| finding ")
			if left := fmt.Sprintf("%d of \"Findings\"", 300-shown); !strings.Contains(text, left) || !strings.Contains(text, "finding 0.") {
				t.Errorf("%d findings shown, and no %q:\n%s", shown, left, text)
			}
			if room-len(text) > 40 {
				t.Errorf("room for %d, and only %d used", room, len(text))
			}
		}
	}
	v = report.View{Tables: []report.Table{table("Findings", 1, strings.Repeat("ü|", 5000))},
		Room: report.Room{Bytes: 3000, Rest: "See the rest."}}
	if text := write(v); len(text) > 3000 || !strings.Contains(text, "Long texts are cut") {
		t.Errorf("a long cell: %s", text)
	}
}
