package plan

import (
	"cmp"
	"slices"
	"time"

	"treadmill/upgrade"
	"treadmill/upgrade/plan/model"
)

// Exclusion is a time in which a provider is to be kept from upgrading a cluster by itself, as it takes such a thing.
type Exclusion struct {
	Cluster string        `json:"cluster"`
	Version upgrade.Minor `json:"version"` // that the cluster runs in this time; it can be set from then on
	Scope   string        `json:"scope"`   // such as no_minor_upgrades
	Start   time.Time     `json:"start"`
	End     time.Time     `json:"end"` // never after support of the version ends
}

// A short stay at a version needs no exclusion: the cluster is on its way. Between two exclusions that have a length at most the provider
// wants two days (https://docs.cloud.google.com/kubernetes-engine/docs/concepts/maintenance-windows-and-exclusions).
const (
	shortStay = 7 * model.Day
	breather  = 2 * model.Day
)

// exclusions are what must be set so that the providers of all clusters wait for the plan, or for the day on which nothing holds them; by
// start, then cluster.
func exclusions(p *model.Problem) []Exclusion {
	out := []Exclusion{}
	for _, u := range p.Units {
		if u.Lives.Act.Scope != "" {
			out = append(out, exclusionsOf(p, u)...)
		}
	}
	slices.SortStableFunc(out, func(a, b Exclusion) int { return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Cluster, b.Cluster)) })
	return out
}

// exclusionsOf are those of one cluster: one for each version that it leaves, or several one after the other.
func exclusionsOf(p *model.Problem, u *model.Unit) []Exclusion {
	var out []Exclusion
	longest := model.Minutes(u.Lives.Act.Longest) * model.Day
	for i, st := range p.Stays(u, u.Work) {
		l := &u.Lives.Versions[st.Version]
		end := min(st.To, l.Forced)
		if l.Overdue || st.To >= p.Horizon || i > 0 && end-st.From < shortStay {
			continue // nothing holds the provider, or nothing has to
		}
		for from := st.From; from < end; {
			to := end
			if longest > 0 {
				to = min(to, from+longest)
			}
			out = append(out, Exclusion{Cluster: u.Cluster.Name.V, Version: l.Minor, Scope: u.Lives.Act.Scope,
				Start: model.TimeOf(from, time.UTC), End: model.TimeOf(to, time.UTC)})
			from = to + breather
		}
	}
	return out
}
