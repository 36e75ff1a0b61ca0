package windows

import (
	"fmt"
	"slices"
	"strings"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/cli/upgrade/date"
	"treadmill/upgrade/windows"
)

// milestones are the dates of a window with their names, those it has.
func milestones(w windows.Window) []windows.Milestone {
	all := append([]windows.Milestone{{Name: "available", Date: w.Available}, {Name: "standard", Date: w.StandardEnd}, {Name: "extended", Date: w.ExtendedEnd}}, w.Others...)
	return slices.DeleteFunc(all, func(m windows.Milestone) bool { return m.Date.IsZero() })
}

// othersCell lists the further dates: "preview 2026-09-30 -29d, stable ~2027-01-20 ±64d".
func othersCell(w windows.Window) string {
	var out []string
	for _, m := range w.Others {
		out = append(out, m.Name+" "+date.Cell(m.Date))
	}
	return app.JoinWords(out)
}

// sourcesCell names the sources of each date: "available: eold, sched; standard: google", and the names alone when they are the same for all.
func sourcesCell(w windows.Window) string {
	var out []string
	names := map[string]bool{}
	last := ""
	for _, m := range milestones(w) {
		last = app.JoinWords(append([]string{m.Date.Source}, m.Date.Also...))
		names[last] = true
		out = append(out, m.Name+": "+last)
	}
	if len(names) == 1 {
		return last
	}
	return strings.Join(out, "; ")
}

// conflictsCell names what other sources say: "standard: 2026-10-01 (eold)".
func conflictsCell(w windows.Window) string {
	var out []string
	for _, m := range milestones(w) {
		for _, c := range m.Date.Conflicts {
			out = append(out, fmt.Sprintf("%s: %s (%s)", m.Name, c.Day, c.Source))
		}
	}
	return strings.Join(out, "; ")
}
