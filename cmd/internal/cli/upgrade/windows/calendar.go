package windows

import (
	"fmt"
	"time"

	"treadmill/cmd/internal/cli/upgrade/date"
	"treadmill/upgrade/calendar"
	"treadmill/upgrade/windows"
)

// remindOfEnds is how long before a support end a calendar tells its reader.
const remindOfEnds = 30 * 24 * time.Hour

// calendar is the support ends that lie ahead, as events of a calendar. An event keeps its UID forever.
func (v windowsView) calendar() []calendar.Entry {
	var out []calendar.Entry
	for _, p := range v.providers {
		for _, w := range v.shown(p.Name) {
			for _, end := range supportEnds(w) {
				if end.Date.Day > v.now {
					out = append(out, endEntry(p, w, end.Name, end.Date))
				}
			}
		}
	}
	return out
}

func endEntry(p windows.Provider, w windows.Window, kind string, d windows.Date) calendar.Entry {
	e := calendar.Entry{
		UID:     fmt.Sprintf("support-end-%s-%s-%s@treadmill", p.Name, w.Minor, kind),
		Summary: fmt.Sprintf("%s %s: %s support ends", p.Name, w.Minor, termName(kind)),
		From:    d.Day.Time(), AllDay: true, Remind: remindOfEnds, Categories: []string{"Kubernetes", p.Title},
		Description: fmt.Sprintf("%s. Status: %s. Source: %s.", date.Cell(d), d.Status, d.Source),
	}
	if d.Status == windows.Projected {
		e.Summary += " (projected)"
	}
	if kind == "standard" && p.Extended != nil && !w.ExtendedEnd.IsZero() {
		e.Description += fmt.Sprintf("\nExtended support costs %s more per cluster and hour from then on.", p.Extended)
	}
	return e
}
