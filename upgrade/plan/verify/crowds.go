package verify

import (
	"slices"
	"time"

	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan"
)

// span is a step of a cluster.
type span struct {
	cluster  fleet.Cluster
	from, to time.Time
}

// crowds checks that no more clusters are worked on at once than the policy lets, and none together that are kept apart.
func (v *verifier) crowds() {
	for i := range v.fleet.Policy.Concurrency {
		l := &v.fleet.Policy.Concurrency[i]
		of := map[string]int{}
		for _, c := range v.fleet.Clusters {
			if value, counts := l.Value(c); counts {
				of[value]++
			}
		}
		for value, n := range of {
			v.atOnce(func(c fleet.Cluster) bool { x, counts := l.Value(c); return counts && x == value }, l.Most.V.Of(n), l.Per.V == fleet.PerDay)
		}
	}
	for _, set := range v.fleet.Policy.Apart {
		v.atOnce(func(c fleet.Cluster) bool {
			return slices.ContainsFunc(set.V, func(p fleet.Pattern) bool { return p.Matches(c.Name.V) })
		}, 1, false)
	}
}

// atOnce checks the clusters of one crowd at the beginning of each of their steps.
func (v *verifier) atOnce(counts func(fleet.Cluster) bool, most int, byDay bool) {
	var steps []span
	for _, s := range v.work {
		if counts(s.cluster) {
			if byDay {
				s.from = s.from.UTC().Truncate(24 * time.Hour)
				s.to = s.from.Add(24 * time.Hour)
			}
			steps = append(steps, s)
		}
	}
	for _, at := range steps {
		names := map[string]bool{}
		for _, s := range steps {
			if !s.from.After(at.from) && s.to.After(at.from) {
				names[s.cluster.Name.V] = true
			}
		}
		if len(names) > most {
			v.broken(9, at.cluster.Name.V, "%d clusters are worked on at %s, and at most %d of them may be", len(names),
				at.from.Format(time.RFC3339), most)
			return
		}
	}
}

// placed checks that a cluster hops only when all clusters are known that come before it in its group.
func (v *verifier) placed(t *track, c plan.Campaign) {
	rank, _ := v.fleet.Policy.Rank(t.cluster.Environment.V)
	for _, m := range v.fleet.Missing {
		if before, _ := v.fleet.Policy.Rank(m.Environment); m.Group != "" && m.Group == t.cluster.Group.V && before < rank && len(c.Hops) > 0 {
			v.broken(4, c.Cluster, "hops though %s comes before it and is left out", m.Name)
		}
	}
}
