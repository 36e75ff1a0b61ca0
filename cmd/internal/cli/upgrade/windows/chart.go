package windows

import (
	"treadmill/cmd/internal/report"
	"treadmill/upgrade/windows"
)

// The charts reach from half a year before now to three years after it.
const (
	monthsBefore = 6
	monthsAfter  = 36
)

// charts draws one timeline for each provider that has windows to show.
func (v windowsView) charts(shown []windows.Window) []report.Chart {
	var out []report.Chart
	for _, p := range v.providers {
		t := report.Timeline{Text: p.Title + ": standard support, then extended support where it is sold; what is projected is pale",
			From: v.now.AddMonths(-monthsBefore).Time(), To: v.now.AddMonths(monthsAfter).Time(), Today: v.now.Time()}
		for _, w := range shown {
			if w.Provider == p.Name {
				t.Rows = append(t.Rows, timelineRow(w))
			}
		}
		if len(t.Rows) > 0 {
			out = append(out, t)
		}
	}
	return out
}

// timelineRow is a bar for each kind of support and a mark where the last of it ends. A version whose begin or end is not
// known has no bar for it.
func timelineRow(w windows.Window) report.TimelineRow {
	row := report.TimelineRow{Label: w.Provider + " " + w.Minor.String()}
	bar := func(name string, from, to windows.Date, tone report.Tone) {
		if from.IsZero() || to.IsZero() {
			return
		}
		if to.Status == windows.Projected {
			name, tone = name+" (projected)", report.Muted
		}
		row.Spans = append(row.Spans, report.Span{Label: name, From: from.Day.Time(), To: to.Day.Time(), Tone: tone})
	}
	bar("standard support", w.Available, w.StandardEnd, report.Plain)
	from := w.StandardEnd
	for _, term := range w.Terms() {
		bar(termName(term.Name)+" support", from, term.Date, report.Warn)
		from = term.Date
	}
	if end := w.End(); !end.IsZero() {
		row.Marks = append(row.Marks, report.Mark{Label: "out of support", At: end.Day.Time(), Tone: report.Bad})
	}
	return row
}
