// Package windows holds the support calendar of Kubernetes and of those who sell it: when a minor version becomes
// available, when its standard support ends and when the extended one does, and what the extended one costs.
//
// The way through it: data/*.yaml (or a file of the same form from a user) → Read → Table → Merge → Window. Every date
// carries its status, the source that says so and the sources that say otherwise. Versions that nobody has dated
// yet are projected: the release from the cadence of earlier ones, the day a provider offers it from that provider's lag, and the
// ends from the provider's rule, each with the error that the same prediction would have made in the past (project.go).
//
// It does not know patch releases, regions (providers roll out over days) or contracts; and a date that no source has
// confirmed since is still what was last announced.
package windows

import (
	"math/big"
	"slices"
	"strings"

	"treadmill/upgrade"
)

// StaleAfter is the age in days from which data is called old.
const StaleAfter = 90

// Upstream is the name of the provider that stands for Kubernetes itself.
const Upstream = "upstream"

// Status says how sure a date is. The order is of rising certainty.
type Status uint8

// The statuses. A date is Projected when it was computed here, by rule, cadence or lag; Planned when it stands in a
// public plan that its authors may still change; Announced when it was published as a commitment and lies, or lay when it was read,
// in the future; Actual when a source confirmed it after the fact.
const (
	Projected Status = iota
	Planned
	Announced
	Actual
)

// Date is one date of a calendar. The zero Date is unknown, or there is none.
type Date struct {
	Day    Day
	Status Status
	// Source is the key of a Source of the provider, or one of "cadence", "lag" and "rule" for computed dates.
	Source string
	// Early and Late are by how many days the date may come sooner or later. Both are 0 when the day is known.
	Early, Late int
	Note        string
	Also        []string   // other sources with the same day, in the order of the table
	Conflicts   []Conflict // other sources with another day, in the order of the table
}

// Conflict is a day that another source gives for the same date.
type Conflict struct {
	Day    Day
	Source string
	Note   string
}

// IsZero reports whether the date is unknown.
func (d Date) IsZero() bool { return d.Day == 0 }

// Earliest is the early edge of the date: the day itself when it is known.
func (d Date) Earliest() Day { return d.Day - Day(d.Early) }

// Latest is the late edge of the date: the day itself when it is known.
func (d Date) Latest() Day { return d.Day + Day(d.Late) }

// Window is the life of one minor version at one provider.
type Window struct {
	Provider string // name, never an alias
	Minor    upgrade.Minor
	Release  string // the provider's own name of the version where it differs, such as "4.22" of OpenShift
	Named    Status // how sure that name is: Planned where it is expected and the version has not come
	// Available is the first day a cluster can be upgraded to the minor, in the provider's default channel; see AvailableIn.
	Available Date
	// StandardEnd is the day standard support ends. Count the version as out of it from 00:00 UTC of that day: EKS bills
	// extended support from then on.
	StandardEnd Date
	// ExtendedEnd is the day extended (EKS, GKE), long-term (AKS) or extended-update (OpenShift) support ends, its first term where it has
	// several; see ExtendedIn. It is zero where the provider sells none for the minor.
	ExtendedEnd Date
	// Others are further dates that the provider's calendar names, such as "maintenance", "preview" or the release channel "rapid",
	// by name. What Available says of the default channel is not repeated.
	Others []Milestone
}

// Milestone is a named date.
type Milestone struct {
	Name string
	Date Date
}

// Terms are the ends of the terms of extended support, first to last, under the names of their milestones; none where none is sold.
func (w Window) Terms() []Milestone {
	var out []Milestone
	for _, name := range termMilestones {
		if d := w.date(name); !d.IsZero() {
			out = append(out, Milestone{name, d})
		}
	}
	return out
}

// ExtendedIn is when extended support ends for those who have a number of its terms; 0 stands for all that are sold. It is zero where
// none is.
func (w Window) ExtendedIn(terms int) Date {
	var end Date
	for i, t := range w.Terms() {
		if terms == 0 || i < terms {
			end = t.Date
		}
	}
	return end
}

// End is the day after which nothing is supported any more, the end of the last term of extended support where any is sold, else the
// standard end.
func (w Window) End() Date {
	if d := w.ExtendedIn(0); !d.IsZero() {
		return d
	}
	return w.StandardEnd
}

// Provider is one source of clusters and the rules that hold for all its versions.
type Provider struct {
	Name     string   // lower case, such as "eks"
	Title    string   // "Amazon EKS"
	Aliases  []string // other names that Table.Provider knows
	NodeSkew int      // how many minors a kubelet may lag behind its control plane
	// RollbackDays is how long a control-plane hop can be taken back, one minor; 0 when it cannot.
	RollbackDays int
	// Extended is the price of extended support on top of the standard fee; nil when none is sold or its price is unknown.
	Extended *Price
	Channels []Channel // release channels or support tiers, in the order of the table; the first is the default
	Terms    []Term    // of extended support, in order; none for a provider with a single term
	Sources  []Source  // by key
	Notes    []string  // what the provider does that no date says
	Rows     int       // how many dates the table holds of the provider, as sources give them
}

// Price is what one cluster costs per hour, on top of the standard fee.
type Price struct {
	PerHour  *big.Rat // exact
	Currency string   // ISO 4217
	Source   string
	Note     string
}

// Amount is the price per hour in decimals, all that it has and at least two.
func (p Price) Amount() string {
	n, _ := p.PerHour.FloatPrec()
	return p.PerHour.FloatString(max(2, n))
}

// String is the amount and the currency.
func (p Price) String() string { return p.Amount() + " " + p.Currency }

// Channel is a release channel (GKE) or support tier (AKS, EKS) that a cluster can be in.
type Channel struct {
	Name     string
	Aliases  []string // other names of it
	Extended bool     // whether clusters in it get extended support
	Note     string
	// Ends is the day from which the channel is no more, and Then the one that its clusters are in from then on; zero for one that stays.
	Ends   Day
	Then   string
	Source string // of Ends
}

// Term is one term of extended support.
type Term struct {
	Name string // as the provider calls it, such as "EUS term 2"
	Note string
}

// Channel returns the channel with a name or alias.
func (p Provider) Channel(name string) (Channel, bool) {
	i := slices.IndexFunc(p.Channels, func(c Channel) bool { return c.Name == name || slices.Contains(c.Aliases, name) })
	if i < 0 {
		return Channel{}, false
	}
	return p.Channels[i], true
}

// Source is where a date comes from.
type Source struct {
	Key, Title, URL string
	Read            Day // the day as of which it was read
}

// SecondHand reports whether the source is somebody else's copy or reading of what a provider or a project says: its title says through
// whom.
func (s Source) SecondHand() bool { return strings.Contains(s.Title, ", through ") }

// Read is the day the newest source of the provider was read.
func (p Provider) Read() Day {
	var newest Day
	for _, s := range p.Sources {
		newest = max(newest, s.Read)
	}
	return newest
}

// Age is how many days before now the newest source of the provider was read.
func (p Provider) Age(now Day) int { return int(now - p.Read()) }

// Source returns the source with a key.
func (p Provider) Source(key string) (Source, bool) {
	i := slices.IndexFunc(p.Sources, func(s Source) bool { return s.Key == key })
	if i < 0 {
		return Source{}, false
	}
	return p.Sources[i], true
}
