// Package date shows dates of the support calendar: in a cell of a table, and to machines.
package date

import (
	"fmt"

	"treadmill/cmd/internal/app"
	"treadmill/upgrade/windows"
)

// Cell shows a date with its marks: 2026-12-02, 2026-12-16 planned, ~2027-04-21 ±8d, ~2028-06-28 -10d +20d, and " !" for a conflict.
func Cell(d windows.Date) string {
	if d.IsZero() {
		return ""
	}
	s := d.Day.String()
	switch d.Status {
	case windows.Projected:
		s = "~" + s
	case windows.Planned:
		s += " planned"
	}
	switch {
	case d.Early == d.Late && d.Late > 0:
		s += fmt.Sprintf(" ±%dd", d.Late)
	case d.Early > 0 && d.Late > 0:
		s += fmt.Sprintf(" -%dd +%dd", d.Early, d.Late)
	case d.Early > 0:
		s += fmt.Sprintf(" -%dd", d.Early)
	case d.Late > 0:
		s += fmt.Sprintf(" +%dd", d.Late)
	}
	if len(d.Conflicts) > 0 {
		s += " !"
	}
	return s
}

// Source is where a date is from.
type Source struct {
	Key   string      `json:"key"`
	Title string      `json:"title"`
	URL   string      `json:"url,omitempty"`
	Read  windows.Day `json:"read"`
}

// Data is a date with its status, its source and what contradicts it.
type Data struct {
	Date      windows.Day    `json:"date"`
	Status    windows.Status `json:"status"`
	Source    string         `json:"source"`
	Early     int            `json:"early"`
	Late      int            `json:"late"`
	Note      string         `json:"note,omitempty"`
	Also      []string       `json:"also"`
	Conflicts []conflictData `json:"conflicts"`
}

type conflictData struct {
	Date   windows.Day `json:"date"`
	Source string      `json:"source"`
	Note   string      `json:"note,omitempty"`
}

// NewData is nil for an unknown date.
func NewData(d windows.Date) *Data {
	if d.IsZero() {
		return nil
	}
	out := &Data{Date: d.Day, Status: d.Status, Source: d.Source, Early: d.Early, Late: d.Late, Note: d.Note,
		Also: app.Strings(d.Also), Conflicts: []conflictData{}}
	for _, c := range d.Conflicts {
		out.Conflicts = append(out.Conflicts, conflictData{c.Day, c.Source, c.Note})
	}
	return out
}
