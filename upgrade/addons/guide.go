package addons

import (
	"cmp"
	"slices"

	"treadmill/upgrade"
	"treadmill/upgrade/windows"
)

// Guide answers what the add-ons of many clusters ask for, and remembers answers: fleets run the same releases many times over.
// It is not safe for use by several goroutines.
type Guide struct {
	table    Table
	calendar windows.Table
	known    map[question][]Step
}

type question struct {
	name, version string
	from, last    upgrade.Minor
}

// Installed is an add-on as a cluster runs it.
type Installed struct{ Name, Version string }

// Need is what the add-ons of a cluster ask for in one hop.
type Need struct {
	From, To upgrade.Minor
	Steps    []Step // those that ask for something, by add-on
	// Ready is from when all add-ons have a release for the minor: zero or past when they have now. Never says that nobody can tell.
	Ready windows.Date
	Never bool
}

// Guide is a guide through the table by a support calendar.
func (t Table) Guide(calendar windows.Table) *Guide {
	return &Guide{table: t, calendar: calendar, known: map[question][]Step{}}
}

// Needs lists what the add-ons of a cluster ask for in every hop from a minor up to another, in order.
func (g *Guide) Needs(installed []Installed, from, last upgrade.Minor) []Need {
	var out []Need
	for _, to := range upgrade.Hops(from, last) {
		out = append(out, Need{From: to.Add(-1), To: to})
	}
	for _, x := range installed {
		for i, s := range g.itinerary(question{x.Name, x.Version, from, last}) {
			if s.Kind != Nothing {
				out[i].add(s)
			}
		}
	}
	for i := range out {
		slices.SortStableFunc(out[i].Steps, func(a, b Step) int {
			return cmp.Or(cmp.Compare(a.Addon, b.Addon), cmp.Compare(a.Running, b.Running))
		})
	}
	return out
}

func (g *Guide) itinerary(q question) []Step {
	steps, ok := g.known[q]
	if !ok {
		steps = g.table.Itinerary(q.name, q.version, q.from, q.last, g.calendar)
		g.known[q] = steps
	}
	return steps
}

// add takes a step into the need: the last add-on to be ready says when.
func (n *Need) add(s Step) {
	n.Steps = append(n.Steps, s)
	if s.Kind == Blocked && s.Until.IsZero() {
		n.Never = true
	}
	late := max(n.Ready.Latest(), s.Until.Latest())
	if s.Until.Day > n.Ready.Day {
		n.Ready = s.Until
	}
	n.Ready.Late = int(late - n.Ready.Day)
}
