package report_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"treadmill/cmd/internal/report"
)

func TestBars(t *testing.T) {
	c := report.Bars{Text: "Bill by month", Unit: "USD", Labels: []string{"2027-01", "2027-02"}, Series: []report.Series{
		{
			Label:  "with <it>",
			Tone:   report.Good,
			Values: []float64{0, 1250},
		}, {Label: "without", Tone: report.Bad, Values: []float64{365, 1500000}},
	}}
	want := []string{"2027-01: with <it> 0 USD, without 365 USD", "2027-02: with <it> 1,250 USD, without 1,500,000 USD"}
	if !slices.Equal(c.Words(), want) {
		t.Errorf("words %q", c.Words())
	}
	got := svg(t, c)
	for _, want := range []string{`<title>Bill by month</title>`, `>with &lt;it&gt;</text>`, `<title>2027-02, without: 1,500,000 USD</title>`, `>1,500,000</text>`, `class="span good"`, `>2027-02</text>`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if empty := svg(t, report.Bars{Text: "nothing"}); strings.Contains(empty, "NaN") || strings.Contains(empty, "Inf") {
		t.Errorf("no number in\n%s", empty)
	}
}

// A page shows the first thousand rows of a table and says how many more there are.
func TestPageLeavesOutRows(t *testing.T) {
	v := report.View{Title: "many", Tables: []report.Table{{Columns: []report.Column{{Name: "n"}}}}}
	for i := range 2500 {
		v.Tables[0].Rows = append(v.Tables[0].Rows, report.Row{Cells: []string{fmt.Sprint("row ", i)}})
	}
	var b strings.Builder
	if err := report.Write(&b, report.HTML, v, report.Style{}); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); strings.Count(got, "<tr>") != 1001 || !strings.Contains(got, "1,500 more rows are left out of this page") {
		t.Errorf("%d rows", strings.Count(got, "<tr>"))
	}
}
