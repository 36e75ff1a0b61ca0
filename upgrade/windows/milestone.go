package windows

import (
	"cmp"
	"slices"
)

// The milestones that a row can date. The first three make the window; the others are shown beside it, and those in channelMilestones
// are the days on which release channels get the minor.
const (
	available = "available"
	standard  = "standard"
	extended  = "extended"
)

var (
	otherMilestones   = []string{"extended2", "extended3", "full", "maintenance", "preview", "rapid", "stable"}
	termMilestones    = []string{extended, "extended2", "extended3"} // ends of the terms of extended support, in order
	channelMilestones = []string{"rapid", "stable"}
)

// AvailableIn is the first day a cluster in a release channel can be upgraded to the minor: that of the channel where it has one of its
// own, such as "stable" at GKE, else Available.
func (w Window) AvailableIn(channel string) Date {
	if slices.Contains(channelMilestones, channel) {
		if d := w.date(channel); !d.IsZero() {
			return d
		}
	}
	return w.Available
}

// date is the date of a milestone by its name.
func (w Window) date(name string) Date {
	switch name {
	case available:
		return w.Available
	case standard:
		return w.StandardEnd
	case extended:
		return w.ExtendedEnd
	}
	if i := slices.IndexFunc(w.Others, func(m Milestone) bool { return m.Name == name }); i >= 0 {
		return w.Others[i].Date
	}
	return Date{}
}

// set dates a milestone that has no date.
func (w *Window) set(name string, d Date) {
	switch name {
	case available:
		w.Available = d
	case standard:
		w.StandardEnd = d
	case extended:
		w.ExtendedEnd = d
	default:
		w.Others = append(w.Others, Milestone{name, d})
		slices.SortFunc(w.Others, func(a, b Milestone) int { return cmp.Compare(a.Name, b.Name) })
	}
}
