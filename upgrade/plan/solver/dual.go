package solver

import (
	"fmt"
	"math"
	"slices"
)

// relaxation prices what couples clusters, so that each can be scheduled alone at least cost. Its value is a lower bound
// on the cost of every feasible solution, whatever the prices (weak duality).
//
// Two constraints are priced. Capacity: every hop pays its team's price of the week. Order: for a cluster a before b,
// a version d and a week t, "b runs at least d in week t only if a ran at least d in week t-soak"; b pays for running the
// version and a earns for having run it, which changes nothing but what it costs to hold a version.
type relaxation struct {
	p        *Problem
	teams    []int
	kinds    []kind
	members  []member
	links    []link
	spans    []span          // [kind]
	place    [][]int         // [kind][place in its chain]: member
	room     map[int]*ascent // [team]: prices of capacity, see limits
	tariff   map[int]*tariff
	used     map[int][]float64
	narrow   []limits // [member]: of a branch of the proof; nil for none
	bound    float64
	schedule []Schedule // [member]: of the last round
	desks    []desk
}

// span is the members and links of a kind, of which it shares none with another.
type span struct{ members, links, membersEnd, linksEnd int }

// member is one cluster of a kind, or several that the relaxation cannot tell apart: siblings of one class, version and soak, which
// wait for the same clusters and for which the same wait. Their prices may be taken to be equal, as the best prices of siblings can be
// averaged.
type member struct {
	cluster, kind int
	number        float64
	class         Class   // its class with the prices of order in holding
	base          *Class  // as the user has it
	version       []int16 // [week]: as scheduled last
	value         float64 // what that costs at the prices
}

// link is a cluster before another, both members. Each of b pays the price, and what they pay each of a earns its share of.
type link struct {
	a, b, soak int
	share      float64 // how many clusters b stands for, by how many a does
	price      *ascent // [week*versions+version], of the class of b
	moved      []reach // [week]: of which versions the price was ever moved
}

// reach is a range of versions.
type reach struct{ from, to int }

// relax sets up a relaxation without prices. Apart makes every cluster a member of its own; desks is how many goroutines may work on it.
func relax(p *Problem, teams []int, ks []kind, heads, after [][]int, apart bool, desks int) *relaxation {
	r := &relaxation{p: p, teams: teams, kinds: ks, place: make([][]int, len(ks)), room: map[int]*ascent{}, tariff: map[int]*tariff{}, used: map[int][]float64{}, bound: math.Inf(-1)}
	for _, t := range teams {
		r.room[t], r.tariff[t], r.used[t] = newAscent(lots*p.Weeks), &tariff{}, make([]float64, lots*p.Weeks)
	}
	at := make([]int, len(p.Clusters)) // member of a cluster
	for k, kd := range ks {
		sp := span{members: len(r.members), links: len(r.links)}
		like := siblings(p, kd.like, after, apart)
		for j, i := range kd.like {
			if like[j] == j {
				at[i] = len(r.members)
				r.members = append(r.members, newMember(p, i, k))
				r.narrow = append(r.narrow, limits{ready: heads[i]})
			}
			at[i] = at[kd.like[like[j]]]
			r.members[at[i]].number += kd.number
			r.place[k] = append(r.place[k], at[i])
		}
		for m := sp.members; m < len(r.members); m++ {
			r.link(m, at)
		}
		sp.membersEnd, sp.linksEnd = len(r.members), len(r.links)
		r.spans = append(r.spans, sp)
	}
	r.schedule = make([]Schedule, len(r.members))
	for range max(1, min(desks, len(r.members)/deskful)) {
		d := desk{used: map[int][]float64{}}
		for _, t := range teams {
			d.used[t] = make([]float64, lots*p.Weeks)
		}
		r.desks = append(r.desks, d)
	}
	return r
}

func newMember(p *Problem, cluster, kind int) member {
	base := &p.Classes[p.Clusters[cluster].Class]
	m := member{cluster: cluster, kind: kind, class: *base, base: base, version: make([]int16, p.Weeks)}
	m.class.holding = slices.Clone(base.holding)
	return m
}

// link links a member with those before it.
func (r *relaxation) link(b int, at []int) {
	c := &r.p.Clusters[r.members[b].cluster]
	seen := map[int]bool{}
	for _, before := range c.After {
		if a := at[before]; !seen[a] {
			seen[a] = true
			r.links = append(r.links, link{a: a, b: b, soak: c.Soak, share: r.members[b].number / r.members[a].number,
				price: newAscent(len(r.members[b].base.Avail) * r.p.Weeks),
				moved: slices.Repeat([]reach{{math.MaxInt, -1}}, r.p.Weeks)})
		}
	}
}

// siblings says for each cluster of a chain which is the first that the relaxation cannot tell it from.
func siblings(p *Problem, ch chain, after [][]int, apart bool) []int {
	out, known := make([]int, len(ch)), map[string]int{}
	for j, i := range ch {
		out[j] = j
		c := &p.Clusters[i]
		if apart {
			continue
		}
		key := fmt.Sprint(c.Class, c.Start, c.Soak, c.Ready, c.After, after[i])
		if first, twin := known[key]; twin {
			out[j] = first
		} else {
			known[key] = j
		}
	}
	return out
}
