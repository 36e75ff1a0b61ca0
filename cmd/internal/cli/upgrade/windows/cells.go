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
	all := append(
		[]windows.Milestone{
			{Name: "available", Date: w.Available},
			{Name: "standard", Date: w.StandardEnd},
			{Name: "extended", Date: w.ExtendedEnd},
		},
		w.Others...)
	return slices.DeleteFunc(all, func(m windows.Milestone) bool { return m.Date.IsZero() })
}

// supportEnds are the ends of standard support and of the terms of extended support.
func supportEnds(w windows.Window) []windows.Milestone {
	return append([]windows.Milestone{{Name: "standard", Date: w.StandardEnd}}, w.Terms()...)
}

// termName is how sentences call a kind of support: "extended2" is the second term of extended support.
func termName(milestone string) string {
	if term, ok := strings.CutPrefix(milestone, "extended"); ok && term != "" {
		return "extended (term " + term + ")"
	}
	return milestone
}

// extendedCell lists the ends of the terms of extended support: "2026-06-27, term 2 2027-06-27".
func extendedCell(w windows.Window) string {
	var out []string
	for _, m := range w.Terms() {
		cell := date.Cell(m.Date)
		if term := strings.TrimPrefix(m.Name, "extended"); term != "" {
			cell = "term " + term + " " + cell
		}
		out = append(out, cell)
	}
	return strings.Join(out, ", ")
}

// othersCell lists the further dates: "preview 2026-09-30 -29d, stable ~2027-01-20 ±64d".
func othersCell(w windows.Window) string {
	var out []string
	for _, m := range w.Others {
		if !strings.HasPrefix(m.Name, "extended") {
			out = append(out, m.Name+" "+date.Cell(m.Date))
		}
	}
	return app.JoinWords(out)
}

// sourcesCell names the sources of each date: "available: eold, sched; standard: google", and the names alone when they are the same for
// all.
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
