// Package record keeps what past upgrades cost of the error budgets that guarded them, and says what the next one needs.
//
// The way through it: bytes → Read → File → Append (the same text with one hop more) or Reserve (what a hop is likely to
// spend). A record is one campaign, mostly one hop, on one cluster. The package opens no files and knows neither SLOs nor
// servers: names and shares are passed to it.
package history

import (
	"fmt"
	"maps"
	"math"
	"slices"
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
	last      int  // the line of the last text of the campaigns, 0 when there is none
	column    int  // of their dashes
	tail      bool // there is no list yet, and one may be added at the end
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
	Spent       map[string]Spent        `yaml:"spent"` // share of the period's budget, by SLO
	Source      string                  `yaml:"source"`
	Pos         diag.Position
}

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

// Hops is how many control-plane hops the campaign had; one of nodes only counts as one.
func (c Campaign) Hops() int { return max(1, c.To.V.Sub(c.From.V)) }

// Same reports whether two records are of the same campaign.
func (c Campaign) Same(o Campaign) bool {
	return c.Cluster.V == o.Cluster.V && c.To.V == o.To.V && c.Start.V.Equal(o.Start.V.Time)
}

// Reserve is what a hop is taken to spend of an SLO's budget, and what says so.
type Reserve struct {
	Share   upgrade.Share `json:"share"`
	Records int           `json:"records"` // how many past campaigns it is measured from; 0 when it is only stated
	Basis   string        `json:"basis"`
}

const (
	fewest   = 3    // records from which a reserve is measured
	newest   = 20   // how many records count: services change
	quantile = 0.90 // of the spending of past hops, by nearest rank
)

// Reserve is what one hop in an environment needs of an SLO's budget: what 90 % of the newest twenty recorded hops there did
// not exceed (the nearest rank, which is the largest of fewer than ten). A campaign of several hops counts with its spending by
// hop. Fewer than three records only raise the share that the policy states.
func (f File) Reserve(slo, environment string, stated upgrade.Share) Reserve {
	var spent []float64
	for _, c := range f.byStart() {
		if s, ok := c.Spent[slo]; ok && c.Environment == environment {
			spent = append(spent, float64(s)/float64(c.Hops()))
		}
	}
	spent = spent[max(0, len(spent)-newest):]
	slices.Sort(spent)
	n := len(spent)
	where := "past hops"
	if environment != "" {
		where = "past hops in " + environment
	}
	switch {
	case n == 0:
		return Reserve{Share: stated, Basis: "stated in the fleet's policy; no past hop is recorded"}
	case n < fewest && spent[n-1] <= float64(stated):
		return Reserve{Share: stated, Basis: fmt.Sprintf("stated in the fleet's policy; %d of the %d %s that it takes to measure it are recorded", n, fewest, where)}
	case n == 1:
		return Reserve{upgrade.Share(spent[0]), n, "the only one of the " + where}
	case n < 10:
		return Reserve{upgrade.Share(spent[n-1]), n, fmt.Sprintf("the largest of %d %s", n, where)}
	}
	return Reserve{upgrade.Share(spent[int(math.Ceil(quantile*float64(n)))-1]), n, fmt.Sprintf("what 9 of 10 of %d %s did not exceed", n, where)}
}

// byStart is the campaigns in the order of time.
func (f File) byStart() []Campaign {
	out := slices.Clone(f.Campaigns)
	slices.SortStableFunc(out, func(a, b Campaign) int { return a.Start.V.Compare(b.Start.V.Time) })
	return out
}

// Ran is since when a cluster has run a version or a newer one, as far as it is recorded.
func (f File) Ran(cluster string, v upgrade.Minor) (time.Time, bool) {
	for _, c := range f.byStart() {
		if c.Cluster.V == cluster && !c.To.V.Less(v) && c.From.V.Less(v) {
			return c.Start.V.Time, true
		}
	}
	return time.Time{}, false
}

// Last is when the newest campaign of a cluster began.
func (f File) Last(cluster string) (time.Time, bool) {
	all := f.byStart()
	for _, c := range slices.Backward(all) {
		if c.Cluster.V == cluster {
			return c.Start.V.Time, true
		}
	}
	return time.Time{}, false
}

// SLOs are the names of what a campaign spent from, in order.
func (c Campaign) SLOs() []string { return slices.Sorted(maps.Keys(c.Spent)) }
