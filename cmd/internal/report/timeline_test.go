package report_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"treadmill/cmd/internal/report"
)

func date(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

// hops is a plan of three clusters over nine months.
func hops() report.Timeline {
	return report.Timeline{
		Text:  "Hops of each cluster, freezes shaded",
		From:  date("2026-11-01"),
		To:    date("2027-08-01"),
		Today: date("2026-11-23"),
		Bands: []report.Span{{Label: "year end", From: date("2026-12-15"), To: date("2027-01-07")}},
		Rows: []report.TimelineRow{
			{Label: "pay-dev-eu", Spans: []report.Span{{Label: "1.33 → 1.36", From: date("2026-11-24"), To: date("2026-12-04"), Tone: report.Good}},
				Marks: []report.Mark{{Label: "end of support", At: date("2027-05-28"), Tone: report.Bad}}},
			{
				Label: "pay-prod-eu",
				Spans: []report.Span{
					{Label: "1.33 → 1.35", From: date("2027-02-02"), To: date("2027-03-16")},
					{Label: "extended support", From: date("2027-03-16"), To: date("2027-06-20"), Tone: report.Warn},
				},
				Bands: []report.Span{{Label: "quarter close", From: date("2027-03-27"), To: date("2027-04-02")}},
			},
			{
				Label: "search-with-a-very-long-name-that-does-not-fit-anywhere",
				Spans: []report.Span{{Label: "out of support", From: date("2027-07-01"), To: date("2028-01-01"), Tone: report.Bad}},
			},
		},
	}
}

func svg(t *testing.T, c report.Chart) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.SVG(&b); err != nil {
		t.Fatal(err)
	}
	d := xml.NewDecoder(strings.NewReader("<div>" + b.String() + "</div>"))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return b.String()
		} else if err != nil {
			t.Fatalf("not well-formed: %v\n%s", err, b.String())
		}
	}
}

func TestTimelineShowsWhatItHolds(t *testing.T) {
	got := svg(t, hops())
	for _, want := range []string{
		`role="img" data-from="`, `data-wide="880"><title>Hops of each cluster, freezes shaded</title>`,
		`<title>year end, 2026-12-15 to 2027-01-06</title>`,
		`<title>quarter close, 2027-03-27 to 2027-04-01</title>`,
		`class="span warn"`, `class="mark bad"`, `class="today"`, `<title>today, 2026-11-23</title>`,
		`>Dec</text>`, `>2027</text>`,
		`search-with-a-very-long-name-that…<title>search-with-a-very-long-name-that-does-not-fit-anywhere</title>`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if strings.Contains(got, "NaN") || strings.Contains(got, "e+") {
		t.Errorf("no number in\n%s", got)
	}
	if words, want := hops().Words(), "pay-dev-eu: 1.33 → 1.36, 2026-11-24 to 2026-12-03; end of support, 2027-05-28"; len(words) != 3 ||
		words[0] != want {
		t.Errorf("words %q, want first %q", words, want)
	}
}

func TestTimelineFindsItsExtent(t *testing.T) {
	tests := map[string]struct {
		chart     report.Timeline
		has, lack string
	}{
		"nothing at all": {report.Timeline{Text: "empty"}, `width="880"`, "<rect"},
		"months around marks": {
			report.Timeline{Rows: []report.TimelineRow{{Marks: []report.Mark{{Label: "m", At: date("2027-02-10")}}}}},
			">Feb<",
			">Mar<",
		},
		"end before start":    {report.Timeline{From: date("2027-05-01"), To: date("2026-01-01")}, ">May<", ">Jun<"},
		"ten years get wider": {report.Timeline{From: date("2020-01-01"), To: date("2030-01-01")}, `width="1680"`, ">Feb<"},
		"outside is not drawn": {
			report.Timeline{From: date("2027-01-01"), To: date("2027-02-01"), Today: date("2028-01-01"), Rows: []report.TimelineRow{
				{Spans: []report.Span{{Label: "gone", From: date("2026-01-01"), To: date("2026-02-01")}}}}},
			">Jan<",
			"<rect",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := svg(t, tt.chart)
			if !strings.Contains(got, tt.has) || strings.Contains(got, tt.lack) {
				t.Errorf("want %s and no %s in\n%s", tt.has, tt.lack, got)
			}
		})
	}
}

func TestTimelineEscapes(t *testing.T) {
	evil := "</title><script>alert(1)</script>\x1b[31m\x00&\"'"
	chart := report.Timeline{Text: evil, Bands: []report.Span{{Label: evil, From: date("2027-01-02"), To: date("2027-01-20")}},
		Rows: []report.TimelineRow{{Label: evil, Spans: []report.Span{{Label: evil, From: date("2027-01-02"), To: date("2028-01-20")}},
			Marks: []report.Mark{{Label: evil, At: date("2027-01-02")}}}}}
	if got := svg(t, chart); strings.ContainsAny(got, "\x1b\x00") || strings.Contains(got, "<script") {
		t.Errorf("not escaped: %q", got)
	}
}
