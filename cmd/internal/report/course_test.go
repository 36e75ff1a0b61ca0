package report_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"treadmill/cmd/internal/report"
)

func course() report.Course {
	nan := math.NaN()
	from := date("2026-11-01")
	return report.Course{Text: "Errors of <pay>", From: from, To: from.AddDate(0, 0, 8),
		Line:   []report.Range{{0, 0}, {0, 0.5}, {nan, nan}, {0.001, 0.001}, {0.001, 0.001}, {0.001, 0.01}, {0, 0}, {0, 0}},
		Area:   []report.Range{{0, 0}, {0, 1}, {nan, nan}, {0, 0.1}, {0, 0.1}, {0, 0}, {0, 0}, {0, 0}},
		Limits: []report.Limit{{"page 1h/5m", 0.0144, report.Bad}, {"ticket 3d/6h", 0.01, report.Warn}},
		Rows: []report.TimelineRow{
			{
				Label: "page",
				Spans: []report.Span{
					{Label: "Burn & co", From: from.Add(25 * time.Hour), To: from.Add(26 * time.Hour), Tone: report.Bad},
					{Label: "Burn", From: from.Add(26 * time.Hour), To: from.Add(27 * time.Hour), Tone: report.Bad},
				},
			},
			{Label: "ticket"},
		}}
}

func TestCourseShowsWhatItHolds(t *testing.T) {
	got := svg(t, course())
	for _, want := range []string{
		`<title>Errors of &lt;pay&gt;</title>`, `>100%</text>`, `>1%</text>`, `>0</text>`, `class="limit bad"`, `>page 1h/5m 1.44%<title>`, `>1 Nov</text>`, `>ticket<title>`,
		`<title>Burn &amp; co and others, 2 times, 2026-11-02 01:00 to 2026-11-02 03:00</title>`,
		`d="M0 190H110V28H220M330 190H550V130H660V190H880"`, // to a half, a gap, at a thousandth, up to a hundredth, nothing
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	words := strings.Join(course().Words(), "\n")
	for _, want := range []string{"highest: 50%, about 2026-11-02 00:00", "page 1h/5m: 1.44%",
		"page: Burn & co, 2026-11-02 01:00 to 2026-11-02 02:00; Burn", "ticket: none"} {
		if !strings.Contains(words, want) {
			t.Errorf("no %s in\n%s", want, words)
		}
	}
}

// TestCourseIsBounded: whatever happened, the picture and its words have a size that a page can hold a hundred times.
func TestCourseIsBounded(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	c := report.Course{Text: "x", From: date("2026-11-01"), To: date("2026-12-01"), Limits: course().Limits}
	for range report.Columns {
		r := report.Range{Low: random.Float64() / 100, High: random.Float64()}
		c.Line, c.Area = append(c.Line, r), append(c.Area, r)
	}
	for range 5 {
		row := report.TimelineRow{Label: "row"}
		for i := range 10_000 {
			at := c.From.Add(time.Duration(i) * 4 * time.Minute)
			row.Spans = append(row.Spans, report.Span{Label: "Alert", From: at, To: at.Add(time.Minute), Tone: report.Bad})
		}
		c.Rows = append(c.Rows, row)
	}
	if got := len(svg(t, c)) + len(strings.Join(c.Words(), "\n")); got > 64<<10 {
		t.Errorf("%d bytes", got)
	}
}

func TestCourseOfNothing(t *testing.T) {
	nan := math.NaN()
	for name, c := range map[string]report.Course{
		"empty": {}, "no time": {From: date("2026-11-01"), To: date("2026-11-01"), Line: []report.Range{{1, 1}}},
		"unknown": {From: date("2026-11-01"), To: date("2026-11-02"), Line: []report.Range{{nan, nan}}, Area: []report.Range{{nan, nan}}},
		"infinite": {From: date("2026-11-01"), To: date("2026-11-02"), Line: []report.Range{{-1, math.Inf(1)}},
			Limits: []report.Limit{{"l", 0, report.Bad}, {"m", 2, report.Bad}}},
		"rows only": {From: date("2026-11-01"), To: date("2026-11-02"), Rows: []report.TimelineRow{{Label: "a"}}},
	} {
		if got := svg(t, c); strings.Contains(got, "NaN") || strings.Contains(got, "Inf") {
			t.Errorf("%s: %s", name, got)
		}
		c.Words()
	}
}
