package scan

import (
	"fmt"
	"slices"
	"time"

	"treadmill/internal/diag"
	"treadmill/internal/settings"
)

// Acceptance takes findings out that somebody has accepted: by what a tree is told to leave out, by comments beside them, by the settings
// of the tree, and by a baseline. It takes findings of every ID.
type Acceptance struct {
	Settings settings.Settings
	Comments []Ignore
	Baseline *Baseline // nil for none
	Now      time.Time
	Whole    bool // the tree of the settings was scanned as a whole, so that an entry that takes nothing is of no use

	Excluded, Ignored, Set, Known int // how many findings were taken out, and why

	used map[diag.Position]bool // entries of the settings
}

// Left returns the findings of some lists that are left, with the severities that the settings give them.
func (a *Acceptance) Left(lists ...[]Finding) [][]Finding {
	out := make([][]Finding, len(lists))
	for i, list := range lists {
		out[i] = []Finding{}
		for _, f := range list {
			switch {
			case f.File != "" && a.Settings.Excludes(f.File):
				a.Excluded++
			case a.Accepts(f.Finding):
			case a.set(f.Finding) != nil:
				a.Set++
			default:
				out[i] = append(out[i], f)
			}
		}
	}
	for i, list := range a.New(out...) {
		for j := range list {
			list[j].Severity = a.Settings.Graded(list[j].Finding)
		}
		out[i] = list
	}
	return out
}

// New returns the findings of some lists that the baseline does not have.
func (a *Acceptance) New(lists ...[]Finding) [][]Finding {
	if a.Baseline == nil {
		return lists
	}
	known := a.Baseline.take(slices.Concat(lists...))
	out := make([][]Finding, len(lists))
	for i, list := range lists {
		out[i] = []Finding{}
		for j, f := range list {
			if known[j] {
				a.Known++
			} else {
				out[i] = append(out[i], f)
			}
		}
		known = known[len(list):]
	}
	return out
}

// holds reports whether something that is accepted until a day is accepted still.
func (a *Acceptance) holds(until time.Time) bool { return until.IsZero() || a.Now.Before(until) }

// Accepts reports whether a comment accepts a finding, of a scan or of anything else, and counts it.
func (a *Acceptance) Accepts(f diag.Finding) bool {
	if a.commented(f) == nil {
		return false
	}
	a.Ignored++
	return true
}

// Accepted is why a finding is accepted, until when, and where that is said.
type Accepted struct {
	Reason string
	Until  time.Time // the first day on which it counts again; zero for none
	By     diag.Position
}

// Why says by which comment or entry of the settings a finding, of a scan or of anything else, is accepted, and counts it.
func (a *Acceptance) Why(f diag.Finding) (Accepted, bool) {
	if c := a.commented(f); c != nil {
		a.Ignored++
		return Accepted{Reason: c.Reason, Until: c.Until, By: c.Position}, true
	}
	if i := a.set(f); i != nil {
		a.Set++
		return Accepted{Reason: i.Reason, Until: i.Until, By: i.Position}, true
	}
	return Accepted{}, false
}

// commented is the comment that accepts a finding; nil for none.
func (a *Acceptance) commented(f diag.Finding) *Ignore {
	for i := range a.Comments {
		c := &a.Comments[i]
		if c.ID != f.ID || c.File != f.File && c.Folder != f.File || f.Line > 0 && (f.Line < c.from || f.Line > c.to) {
			continue
		}
		c.used = true
		if a.holds(c.Until) {
			return c
		}
	}
	return nil
}

// set is the entry of the settings that accepts a finding; nil for none.
func (a *Acceptance) set(f diag.Finding) *settings.Ignore {
	if a.used == nil {
		a.used = map[diag.Position]bool{}
	}
	for i := range a.Settings.Ignores {
		entry := &a.Settings.Ignores[i]
		if a.Settings.Accepts(*entry, f) {
			if a.used[entry.Position] = true; a.holds(entry.Until) {
				return entry
			}
		}
	}
	return nil
}

// About says which comments and entries have expired or accept nothing.
func (a *Acceptance) About() (about []diag.Finding) {
	say := func(at diag.Position, id string, used bool, until time.Time, reason string) {
		switch {
		case !used:
			about = append(about,
				diag.Finding{ID: IgnoreUnused, Severity: diag.Info, Position: at, Message: fmt.Sprintf("there is no %s here to ignore", id)})
		case !a.holds(until):
			about = append(about, diag.Finding{ID: IgnoreExpired, Severity: diag.Warning, Position: at,
				Message: fmt.Sprintf("%s was ignored until %s (%s) and counts again", id, until.Format(time.DateOnly), reason)})
		}
	}
	for _, c := range a.Comments {
		say(c.Position, c.ID, c.used, c.Until, c.Reason)
	}
	for _, i := range a.Settings.Ignores {
		if !a.Whole && !a.used[i.Position] {
			continue
		}
		say(i.Position, i.ID, a.used[i.Position], i.Until, i.Reason)
	}
	return slices.Clip(about)
}
