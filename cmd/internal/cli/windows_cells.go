package cli

import (
	"fmt"
	"slices"
	"strings"

	"treadmill/upgrade/windows"
)

// dateCell shows a date with its marks: 2026-12-02, 2026-12-16 planned, ~2027-04-21 ±8d, ~2028-06-28 -10d +20d, and " !" for a conflict.
func dateCell(d windows.Date) string {
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

// milestones are the dates of a window with their names, those it has.
func milestones(w windows.Window) []windows.Milestone {
	all := append([]windows.Milestone{{Name: "available", Date: w.Available}, {Name: "standard", Date: w.StandardEnd}, {Name: "extended", Date: w.ExtendedEnd}}, w.Others...)
	return slices.DeleteFunc(all, func(m windows.Milestone) bool { return m.Date.IsZero() })
}

// othersCell lists the further dates: "preview 2026-09-30 -29d, stable ~2027-01-20 ±64d".
func othersCell(w windows.Window) string {
	var out []string
	for _, m := range w.Others {
		out = append(out, m.Name+" "+dateCell(m.Date))
	}
	return joinWords(out)
}

// sourcesCell names the sources of each date: "available: eold, sched; standard: google", and the names alone when they are the same for all.
func sourcesCell(w windows.Window) string {
	var out []string
	names := map[string]bool{}
	last := ""
	for _, m := range milestones(w) {
		last = joinWords(append([]string{m.Date.Source}, m.Date.Also...))
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

func joinWords(words []string) string { return strings.Join(words, ", ") }
