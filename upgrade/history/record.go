// Package history keeps what past upgrades cost of the error budgets that guarded them, and says what the next one needs.
//
// The way through it: bytes → Read → File → Append (the same text with one hop more) or Reserve (what a hop is likely to
// spend). A record is one campaign, mostly one hop, on one cluster. The package opens no files and knows neither SLOs nor
// servers: names and shares are passed to it.
package history

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/upgrade"
)

// Version is the version of the file's format.
const Version = 1

// File is a file of past campaigns.
type File struct {
	Name      string
	Campaigns []Campaign // in the order of the file
	text      []byte
}

// Campaign is what one campaign spent.
type Campaign struct {
	Cluster     yamlx.At[string]        `yaml:"cluster,required"`
	Group       string                  `yaml:"group"`
	Environment string                  `yaml:"environment"`
	From        yamlx.At[upgrade.Minor] `yaml:"from,required"`
	To          yamlx.At[upgrade.Minor] `yaml:"to,required"`
	Start       yamlx.At[Moment]        `yaml:"start,required"`
	End         yamlx.At[Moment]        `yaml:"end,required"`
	Spent       map[string]Spent        `yaml:"spent"`    // share of the period's budget, by SLO
	Measured    map[string]Measurement  `yaml:"measured"` // what the shares were measured from, by SLO
	Settles     yamlx.At[Moment]        `yaml:"settles"`  // until when damage could still come when it was booked; then it counts for no reserve
	Outcome     Outcome                 `yaml:"outcome"`
	Source      string                  `yaml:"source"`
	Pos         diag.Position
}

// Measurement is what a share of a budget was measured from.
type Measurement struct {
	Bad       float64       `yaml:"bad,required"`       // events beyond those of ordinary days
	Total     float64       `yaml:"total,required"`     // events of the time that was looked at
	Objective upgrade.Share `yaml:"objective,required"` // of the SLO at that time
	Period    Length        `yaml:"period,required"`    // of its budget
}

// Length is a length of time, such as 30d.
type Length time.Duration

// String writes the length in days where it has whole ones, else in minutes.
func (l Length) String() string {
	if t := time.Duration(l); t%(24*time.Hour) != 0 {
		return fmt.Sprintf("%dm", t/time.Minute)
	}
	return fmt.Sprintf("%dd", time.Duration(l)/(24*time.Hour))
}

// UnmarshalText reads the length by upgrade.ParseDuration.
func (l *Length) UnmarshalText(text []byte) error {
	v, err := upgrade.ParseDuration(string(text))
	*l = Length(v)
	return err
}

// Outcome is how a campaign ended. One that failed or was rolled back has spent budget, and its cluster does not run the version.
type Outcome string

// The outcomes.
const (
	Done       Outcome = "done"
	Failed     Outcome = "failed"
	RolledBack Outcome = "rolled-back"
)

// Outcomes are the words for how a campaign may end.
func Outcomes() []string { return []string{string(Done), string(Failed), string(RolledBack)} }

// UnmarshalText reads the outcome.
func (o *Outcome) UnmarshalText(text []byte) error {
	if !slices.Contains(Outcomes(), string(text)) {
		return fmt.Errorf("%.40q is not an outcome: want one of %s", text, strings.Join(Outcomes(), ", "))
	}
	*o = Outcome(text)
	return nil
}

// Undone reports whether the cluster does not run the version that the campaign led to.
func (c Campaign) Undone() bool { return c.Outcome == Failed || c.Outcome == RolledBack }

// The sources of what a campaign spent.
const (
	Measured = "measured"
	ByHand   = "by hand"
)

// Spent is a share of a budget, which may be more than the whole.
type Spent float64

// UnmarshalText reads the share by upgrade.ParseSpent.
func (s *Spent) UnmarshalText(text []byte) error {
	v, err := upgrade.ParseSpent(string(text))
	*s = Spent(v)
	return err
}

// Moment is a time in RFC 3339.
type Moment struct{ time.Time }

// UnmarshalText reads the moment.
func (m *Moment) UnmarshalText(text []byte) error {
	t, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		return fmt.Errorf("%.40q is no time: want one such as 2026-11-23T09:00:00Z", text)
	}
	m.Time = t
	return nil
}

// Hops is how many control-plane hops the campaign had, those back too; one of nodes only counts as one.
func (c Campaign) Hops() int { return max(1, c.To.V.Sub(c.From.V), c.From.V.Sub(c.To.V)) }

// Same reports whether two records are of the same campaign.
func (c Campaign) Same(o Campaign) bool {
	return c.Cluster.V == o.Cluster.V && c.To.V == o.To.V && c.Start.V.Equal(o.Start.V.Time)
}

// byStart is the campaigns in the order of time.
func (f File) byStart() []Campaign {
	out := slices.Clone(f.Campaigns)
	slices.SortStableFunc(out, func(a, b Campaign) int { return a.Start.V.Compare(b.Start.V.Time) })
	return out
}

// Ran is since when a cluster has run a version or a newer one, as far as it is recorded. A cluster that went back below it does not.
func (f File) Ran(cluster string, v upgrade.Minor) (since time.Time, ok bool) {
	for _, c := range f.byStart() {
		switch {
		case c.Cluster.V != cluster:
		case c.To.V.Less(v) && !c.From.V.Less(v):
			ok = false
		case !ok && !c.Undone() && !c.To.V.Less(v) && c.From.V.Less(v):
			since, ok = c.Start.V.Time, true
		}
	}
	if !ok {
		since = time.Time{}
	}
	return since, ok
}

// Last is when the newest campaign of a cluster began.
func (f File) Last(cluster string) (time.Time, bool) {
	all := f.byStart()
	for _, c := range slices.Backward(all) {
		if c.Cluster.V == cluster && !c.Undone() {
			return c.Start.V.Time, true
		}
	}
	return time.Time{}, false
}

// SLOs are the names of what a campaign spent from, in order.
func (c Campaign) SLOs() []string { return slices.Sorted(maps.Keys(c.Spent)) }
