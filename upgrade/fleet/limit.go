package fleet

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"treadmill/internal/glob"
	"treadmill/internal/yamlx"
)

// Limit is how many clusters may be worked on at once: at most Most of those that have one region, account, environment, group, provider
// or team in common.
type Limit struct {
	Most     yamlx.At[Most]   `yaml:"most,required"` // a number of clusters such as 2, or a share such as 20% (rounded down, at least one)
	Of       yamlx.At[Having] `yaml:"of"`            // region, account, environment, group, provider or team; fleet, the default, counts all together
	Per      yamlx.At[AtOnce] `yaml:"per"`           // opening (default): in openings that overlap; day: in openings that begin on one day (UTC)
	Clusters Scope            `yaml:"clusters"`      // which clusters it counts
}

// Value is what a cluster has of that by which a limit counts; false when it is not counted.
func (l Limit) Value(c Cluster) (string, bool) {
	if !l.Clusters.Matches(c) {
		return "", false
	}
	switch l.Of.V {
	case OfRegion:
		return c.Region.V, c.Region.V != ""
	case OfEnvironment:
		return c.Environment.V, c.Environment.V != ""
	case OfAccount:
		return c.AccountName(), c.AccountName() != ""
	case OfGroup:
		return c.Group.V, c.Group.V != ""
	case OfProvider:
		return c.Provider.V, true
	case OfTeam:
		return c.Team.V, c.Team.V != ""
	default:
		return "", true
	}
}

// Most is a number of clusters, or a share of them.
type Most struct {
	Number  int
	Percent int // 1 to 100 where it is a share
}

var mostText = regexp.MustCompile(`^(\d{1,6})(%?)$`)

// UnmarshalText reads a number of at least one, or a share such as 25%.
func (m *Most) UnmarshalText(text []byte) error {
	p := mostText.FindStringSubmatch(string(text))
	if p != nil {
		n, _ := strconv.Atoi(p[1]) // the expression matched digits
		switch {
		case n >= 1 && p[2] == "":
			*m = Most{Number: n}
			return nil
		case n >= 1 && n <= 100 && p[2] == "%":
			*m = Most{Percent: n}
			return nil
		}
	}
	return fmt.Errorf("%.40q is not a number of clusters: want one such as 2, or a share such as 25%%", text)
}

// Of is the number of clusters that may be worked on of some.
func (m Most) Of(clusters int) int {
	if m.Percent > 0 {
		return max(1, clusters*m.Percent/100)
	}
	return m.Number
}

// Having is what clusters have in common that a limit counts together.
type Having string

// The things by which clusters are counted.
const (
	OfAll         Having = "fleet"
	OfRegion      Having = "region"
	OfEnvironment Having = "environment"
	OfAccount     Having = "account"
	OfGroup       Having = "group"
	OfProvider    Having = "provider"
	OfTeam        Having = "team"
)

// UnmarshalText reads one of the words.
func (h *Having) UnmarshalText(text []byte) error {
	switch *h = Having(text); *h {
	case OfAll, OfRegion, OfAccount, OfEnvironment, OfGroup, OfProvider, OfTeam:
		return nil
	}
	return fmt.Errorf("%.40q is nothing to count clusters by: want region, account, environment, group, provider, team or fleet", text)
}

// AtOnce is what counts as at once.
type AtOnce string

// What counts as at once.
const (
	PerOpening AtOnce = "opening"
	PerDay     AtOnce = "day"
)

// UnmarshalText reads one of the words.
func (a *AtOnce) UnmarshalText(text []byte) error {
	switch *a = AtOnce(text); *a {
	case PerOpening, PerDay:
		return nil
	}
	return fmt.Errorf("%.40q is no time: want opening or day", text)
}

// Pattern is a name of clusters, or a pattern with * and ?.
type Pattern string

// Matches reports whether a name is meant.
func (p Pattern) Matches(name string) bool { return glob.Name(string(p), name) }

// limits checks the limits of what is worked on at once.
func (r *reader) limits(p *Policy, clusters []Cluster) {
	for i := range p.Concurrency {
		l := &p.Concurrency[i]
		l.Clusters.check(r, clusters)
		or(&l.Of, OfAll)
		or(&l.Per, PerOpening)
	}
	for _, set := range p.Apart {
		n := 0
		for _, c := range clusters {
			if slices.ContainsFunc(set.V, func(x Pattern) bool { return x.Matches(c.Name.V) }) {
				n++
			}
		}
		if n < 2 {
			r.warn(set.Pos, "fleet/apart", "%s of the fleet is meant, so that nothing is kept apart", clusterCount(n))
		}
	}
}

func clusterCount(n int) string {
	if n == 1 {
		return "one cluster"
	}
	return "no cluster"
}
