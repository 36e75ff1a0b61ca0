// Package provider says what providers do to clusters by themselves: which upgrades they begin without being asked, on which day, and
// what keeps them from it.
//
// The way through it: a provider's channel and the support window of a version → Automatic → Upgrade. The facts stand in acts.tsv, one
// row for each provider and channel, with their sources. It knows no fleet and no plan; providers without a row (OpenShift, Rancher,
// Talos, k3s, upstream) do nothing by themselves.
package provider

import (
	"cmp"
	_ "embed"
	"strconv"
	"strings"

	"treadmill/upgrade/windows"
)

//go:embed acts.tsv
var acts string

// Act is what a provider does to clusters in one channel.
type Act struct {
	Provider, Channel string
	Extended          bool        // after the end of extended support, else after that of standard support
	Days              int         // how long after
	From              windows.Day // not before that day; zero for any
	Does              string      // "upgrades the control plane to the next minor"
	NodesStay         bool        // and leaves the nodes at their version
	Holds             string      // what keeps it from doing so earlier; "" where it does not
	Scope             string      // of the maintenance exclusion that does, as its tools write it
	Longest           int         // how many days one such exclusion lasts at most; 0 for up to the end of support
	Until             string      // what keeps it from doing so then
	Extends           bool        // that is extended support
	Overdue           string      // what the provider says of clusters that are past the end of support; "" where it says nothing
	Source            string      // where that stands
	Read              windows.Day // when it was read there
}

// Upgrade is one that a provider does by itself.
type Upgrade struct {
	Act
	Day   windows.Date // as sure as the end of support that it follows
	Since windows.Day  // the same without From: a cluster is overdue from then on
}

// Grace is after how many days a provider is taken to do an upgrade whose day has passed: it may do so any day, and gives no date.
const Grace = 30

// Acts lists what all providers do, in the order of the table.
func Acts() []Act {
	var out []Act
	for line := range strings.Lines(acts) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") || len(f) != 15 {
			continue
		}
		days, _ := strconv.Atoi(f[3]) // a test reads every row
		a := Act{Provider: f[0], Channel: f[1], Extended: f[2] == "extended", Days: days, Does: f[5], NodesStay: f[6] == "stay"}
		a.Holds, a.Scope, a.Until, a.Extends, a.Overdue, a.Source = f[7], f[8], f[10], f[11] == "yes", f[12], f[13]
		a.Longest, _ = strconv.Atoi(cmp.Or(f[9], "0"))
		if f[4] != "" {
			_ = a.From.UnmarshalText([]byte(f[4]))
		}
		_ = a.Read.UnmarshalText([]byte(f[14]))
		out = append(out, a)
	}
	return out
}

// Of is what a provider does to clusters in a channel, the first one of the provider where none is given; false for none.
func Of(p windows.Provider, channel string) (Act, bool) {
	if channel == "" && len(p.Channels) > 0 {
		channel = p.Channels[0].Name
	}
	for _, a := range Acts() {
		if a.Provider == p.Name && a.Channel == channel {
			return a, true
		}
	}
	return Act{}, false
}

// Automatic is the upgrade that follows from the support window of a version; false where the provider does none, or nobody knows when.
func (a Act) Automatic(w windows.Window) (Upgrade, bool) {
	end := w.StandardEnd
	if a.Extended && !w.ExtendedEnd.IsZero() {
		end = w.ExtendedEnd
	}
	if end.IsZero() || a.Provider == "" {
		return Upgrade{}, false
	}
	end.Day += windows.Day(a.Days)
	since := end.Day
	if end.Day < a.From {
		end = windows.Date{Day: a.From, Status: windows.Announced}
	}
	end.Early = min(end.Early, int(end.Day-a.From))
	return Upgrade{Act: a, Day: end, Since: since}, true
}
