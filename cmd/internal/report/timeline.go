package report

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Timeline is a chart of rows over a calendar: bars for what lasts, diamonds for what happens on one day, shaded bands
// for times that apply to every row, and a line for today. Times are shown as UTC days.
//
// A minimal use: Timeline{Text: "Hops of each cluster", Today: now, Rows: []TimelineRow{{Label: "pay-prod",
// Spans: []Span{{Label: "1.34 to 1.36", From: a, To: b}}}}}.
type Timeline struct {
	Text  string    // the caption: one sentence that says what the picture shows
	From  time.Time // left end; zero means the first day of the month of the earliest thing shown
	To    time.Time // right end, exclusive; zero means the end of the month of the latest thing shown
	Today time.Time // zero draws no line
	Rows  []TimelineRow
	Bands []Span // shaded over all rows, such as freezes; Tone is not used
}

// TimelineRow is one line of the chart, drawn in the given order.
type TimelineRow struct {
	Label string
	Spans []Span // bars; later ones lie over earlier ones
	Marks []Mark
	Bands []Span // shaded in this row only; Tone is not used
}

// Span is a stretch of time: From inclusive, To exclusive. What lies outside the chart is cut off.
// Label is drawn where there is room and is always part of the tooltip, together with the dates.
type Span struct {
	Label    string
	From, To time.Time
	Tone     Tone // Plain, Good, Warn, Bad or Muted; the label must say in words what the tone means
}

// Mark is a point in time, such as an end of support.
type Mark struct {
	Label string
	At    time.Time
	Tone  Tone
}

// Caption returns the text of the chart.
func (t Timeline) Caption() string { return t.Text }

// The measures of the drawing, in CSS pixels.
const (
	rowHeight   = 28
	barHeight   = 18
	headHeight  = 46 // month axis and the names of bands
	plotWidth   = 880
	minMonth    = 14 // a month is never narrower than this: the page scrolls instead
	glyphWidth  = 6.4
	maxLabel    = 34 // runes of a row's label; the rest is in its tooltip
	labelMargin = 10
)

// SVG writes two svg elements in a row: the labels, which stay in place when the page scrolls the second, the plot.
// Both take their colours from the page's variables. Every text is escaped.
func (t Timeline) SVG(w io.Writer) error {
	p := newPlot(t)
	p.labels()
	p.open()
	p.axis()
	for _, band := range t.Bands {
		p.band(band, headHeight, p.height, true)
	}
	for i, row := range t.Rows {
		p.row(row, headHeight+float64(i)*rowHeight)
	}
	p.today(t.Today)
	p.b.WriteString("</svg>\n")
	_, err := io.WriteString(w, p.b.String())
	return err
}

// Words says what the rows hold, a line for each.
func (t Timeline) Words() []string {
	out := make([]string, len(t.Rows))
	for i, r := range t.Rows {
		parts := make([]string, 0, len(r.Spans)+len(r.Marks))
		for _, s := range r.Spans {
			parts = append(parts, s.title())
		}
		for _, m := range r.Marks {
			parts = append(parts, m.title())
		}
		out[i] = r.Label + ": " + strings.Join(parts, "; ")
	}
	return out
}

// title is a span's tooltip; the last day is named, not the one after it.
func (s Span) title() string {
	last := s.To.Add(-time.Nanosecond)
	if last.Before(s.From) {
		last = s.From
	}
	if day(s.From) == day(last) {
		return fmt.Sprintf("%s, %s", s.Label, day(s.From))
	}
	return fmt.Sprintf("%s, %s to %s", s.Label, day(s.From), day(last))
}

func (m Mark) title() string { return fmt.Sprintf("%s, %s", m.Label, day(m.At)) }

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// extent is the time that the chart shows: whole months around everything in it, where the caller does not say.
func (t Timeline) extent() (from, to time.Time) {
	var first, last time.Time
	see := func(at time.Time) {
		if at.IsZero() {
			return
		}
		if first.IsZero() || at.Before(first) {
			first = at
		}
		if at.After(last) {
			last = at
		}
	}
	see(t.Today)
	for _, r := range t.Rows {
		for _, s := range r.Spans {
			see(s.From)
			see(s.To)
		}
		for _, m := range r.Marks {
			see(m.At)
		}
	}
	from, to = t.From.UTC(), t.To.UTC()
	if t.From.IsZero() {
		from = month(first)
	}
	if t.To.IsZero() {
		to = month(last).AddDate(0, 1, 0)
	}
	if !to.After(from) {
		to = from.AddDate(0, 1, 0)
	}
	return from, to
}

// month is the first day of the month of a time.
func month(t time.Time) time.Time {
	u := t.UTC()
	return time.Date(u.Year(), u.Month(), 1, 0, 0, 0, 0, time.UTC)
}
