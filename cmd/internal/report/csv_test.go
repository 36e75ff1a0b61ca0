package report_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"treadmill/cmd/internal/report"
)

// Numbers with their units stay as they are in CSV, whatever their sign; what a spreadsheet would run does not.
func TestCSVCells(t *testing.T) {
	for cell, inert := range map[string]bool{
		"-14d": true, "+3d": true, "-6h30m": true, "-2.5%": true, "-2.5 %": true, "-1,200 EUR": true, "-7": true, "-1e3": true, "+0.5": true,
		"-": true, "+": true, "-Inf": true, "-3 days": true, "-12 ms": true, "-1d 12h": true, "-5µs": true,
		"-1+1": false, "=1": false, "-A1": false, "-1|x": false, "-cmd": false, "@SUM(A1)": false, "+HYPERLINK(\"x\")": false, "-2-3": false,
		"-1!A1": false, "-1*2": false, "--1": false, "-1d=2": false, "-1\tx": false, "-1&2": false, "-1 (2)": false, "+1;2": false,
	} {
		var b bytes.Buffer
		v := report.View{Tables: []report.Table{{Columns: []report.Column{{Name: "cell"}}, Rows: []report.Row{{Cells: []string{cell}}}}}}
		if err := report.Write(&b, report.CSV, v, report.Style{}); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
		if err != nil || len(rows) != 2 {
			t.Fatalf("%q: %v %q", cell, err, b.String())
		}
		want := cell
		if !inert {
			want = "'" + cell
		}
		if rows[1][0] != want {
			t.Errorf("%q is written as %q, want %q", cell, rows[1][0], want)
		}
	}
}
