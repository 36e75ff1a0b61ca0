// Package addons knows which releases of common add-ons fit which Kubernetes minors: the releases to run while a cluster hops
// from one minor to the next, when a minor that no release supports yet is likely to be supported, and which add-ons have no future.
//
// The way through it: data/*.yaml (or a file of the same form from a user) → Read → Table → Merge → Check (one release, one
// minor), Bridge (one hop) and Itinerary (all hops up to a minor). Every row carries what kind of claim it is, how
// sure, its source and the day that was read. Forecasts come from each project's own past: how many days after a
// Kubernetes release it first supported it (forecast.go).
//
// It does not know the values that an add-on was installed with, or what providers ship by themselves. A release newer than
// the table is unknown, never taken as incompatible.
package addons

import (
	"slices"
	"strings"

	"treadmill/upgrade"
	"treadmill/upgrade/windows"
)

// StaleAfter is the age in days from which data is called old.
const StaleAfter = windows.StaleAfter

// Addon is what the table knows of one add-on.
type Addon struct {
	Name    string   // lower case, such as "cert-manager"
	Title   string   // as the project writes it
	Aliases []string // other names that Table.Addon knows
	// MinorStep is how many minors of its own the add-on may move at a time; 0 when its project sets no limit.
	MinorStep int
	Page      string      // where the project says what it supports
	Retired   *Retirement // nil for a project that goes on
	Images    []string    // ends of repositories whose tag is the release, such as "jetstack/cert-manager-controller"
	Charts    []string    // names of Helm charts
	// ChartVersion says that releases are counted by the version of the chart, not by that of the application in it.
	ChartVersion bool
	Sources      []windows.Source // by key
	Notes        []string
	Releases     []Release // by rising version
}

// Retirement says that a project has ended.
type Retirement struct {
	Date    windows.Day // the day it ended
	Reason  string
	Instead []string // what to go to
	Source  string
}

// Release is one row: a release line of an add-on and the Kubernetes minors that go with it.
type Release struct {
	Version    string // the line as the project names it, such as "1.19", for all its patch releases, or "1.0.5" for those from that patch on
	Kubernetes Range
	Semantics  Semantics
	Confidence Confidence
	Released   windows.Day // zero when the table does not say
	Source     string      // key of a source of the add-on
	Note       string

	line line
}

// Range is the minors from Min to Max, both included. A zero edge is open: none is published.
type Range struct{ Min, Max upgrade.Minor }

// Source returns the source with a key.
func (a Addon) Source(key string) (windows.Source, bool) {
	i := slices.IndexFunc(a.Sources, func(s windows.Source) bool { return s.Key == key })
	if i < 0 {
		return windows.Source{}, false
	}
	return a.Sources[i], true
}

// Read is the day the newest source was read of those that its rows cite.
func (a Addon) Read() windows.Day {
	var newest windows.Day
	for _, s := range a.Sources {
		cited := len(a.Releases) == 0 || a.Retired != nil && a.Retired.Source == s.Key ||
			slices.ContainsFunc(a.Releases, func(r Release) bool { return r.Source == s.Key })
		if cited {
			newest = max(newest, s.Read)
		}
	}
	return newest
}

// Stale reports whether the add-on's data is older than StaleAfter days. What its project does not publish does not grow old.
func (a Addon) Stale(now windows.Day) bool { return a.Read() != 0 && int(now-a.Read()) > StaleAfter }

// Unpublished is the note that says where a project was found to publish no versions of Kubernetes; "" for an add-on with releases.
func (a Addon) Unpublished() string {
	if i := slices.IndexFunc(a.Notes, func(n string) bool { return strings.HasPrefix(n, notPublished) }); i >= 0 && len(a.Releases) == 0 {
		return a.Notes[i]
	}
	return ""
}

const notPublished = "not published"

// Newest is the newest release in the table; zero for an add-on without any.
func (a Addon) Newest() Release {
	if len(a.Releases) == 0 {
		return Release{}
	}
	return a.Releases[len(a.Releases)-1]
}

// First is the first release in the table that fits a minor; false when none does.
func (a Addon) First(m upgrade.Minor) (Release, bool) {
	i := slices.IndexFunc(a.Releases, func(r Release) bool { return r.fits(m) == Compatible })
	if i < 0 {
		return Release{}, false
	}
	return a.Releases[i], true
}

// Limited reports whether the newest release has an upper end, so that a minor past it needs another release.
func (a Addon) Limited() bool { return len(a.Releases) > 0 && bounded(a.Newest()) }
