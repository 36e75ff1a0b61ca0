package report_test

import (
	"math"
	"strings"
	"testing"

	"treadmill/cmd/internal/report"
)

func burndown() report.Lines {
	from, to := date("2026-11-01"), date("2026-11-30")
	return report.Lines{Text: "Budget left", From: from, To: to, MarkName: "nothing left",
		Bands: []report.Span{{Label: "outage <1>", From: date("2026-11-10"), To: date("2026-11-11")}},
		Lines: []report.Line{
			{
				Label: "pay & ship",
				Tone:  report.Bad,
				Points: []report.Point{
					{At: from, Value: 1},
					{At: date("2026-11-10"), Value: 0.9},
					{At: date("2026-11-11"), Value: math.NaN()},
					{At: date("2026-11-12"), Value: -0.2},
					{At: to, Value: -0.25},
				},
			},
			{Label: "search", Points: []report.Point{{At: from, Value: 1}, {At: to, Value: -0.24}}},
		}}
}

func TestLinesShowWhatTheyHold(t *testing.T) {
	got := svg(t, burndown())
	for _, want := range []string{
		`<title>Budget left</title>`,
		`>-50%</text>`, `>100%</text>`, `>nothing left</text>`, `outage &lt;1&gt;, 2026-11-10`, `class="line bad"`, `>1 Nov</text>`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if n := strings.Count(got[strings.Index(got, `class="line bad"`):strings.Index(got, "pay &amp; ship</title></path>")], "M"); n != 2 {
		t.Errorf("a gap makes %d pieces, want 2", n)
	}
}

func TestLinesOfNothing(t *testing.T) {
	for name, l := range map[string]report.Lines{
		"empty": {}, "no time": {From: date("2026-11-01"), To: date("2026-11-01"),
			Lines: []report.Line{{Label: "x", Points: []report.Point{{At: date("2026-11-01"), Value: 1}}}}},
		"flat": {From: date("2026-11-01"), To: date("2026-11-02"),
			Lines: []report.Line{{Points: []report.Point{{At: date("2026-11-01"), Value: 1}, {At: date("2026-11-02"), Value: 1}}}}},
		"unknown": {From: date("2026-11-01"), To: date("2026-11-02"),
			Lines: []report.Line{{Points: []report.Point{{At: date("2026-11-01"), Value: math.NaN()},
				{At: date("2026-11-02"), Value: math.Inf(1)}}}}},
	} {
		if got := svg(t, l); strings.Contains(got, "NaN") {
			t.Errorf("%s: %s", name, got)
		}
	}
}
