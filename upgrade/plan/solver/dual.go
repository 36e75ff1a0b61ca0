package solver

import (
	"fmt"
	"math"
	"slices"
)

// relaxation prices what couples clusters, so that each can be scheduled alone at least cost. Its value is a lower bound
// on the cost of every feasible solution, whatever the prices (weak duality).
//
// Two constraints are priced. Capacity: every step pays its team's price of the week. Order: for a cluster a before b, a version d and a
// tick t of b, "b has hopped to d by t only if a runs d a soak before": b pays the prices of all ticks from its hop on, and a earns those
// of all ticks from a soak after it came to the version.
type relaxation struct {
	p        *Problem // coarse or not
	teams    []int
	kinds    []kind
	members  []member
	links    []link
	spans    []span          // [kind]
	place    [][]int         // [kind][place in its chain]: member
	room     map[int]*ascent // [team]: prices of capacity by week
	used     map[int][]float64
	narrow   []limits // [member]: of a branch of the proof
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
	order         [][]float64 // [version][tick]: prices of order, see limits
	at            []int32     // [version]: the tick of the hop to it as scheduled last; the number of ticks for never and by the provider
	byForce       []bool      // [version]: the provider brings it there, as scheduled last
	force         []float64   // [version]: prices of order for being upgraded from it by the provider, see limits
	value         float64     // what that costs at the prices
}

// link is a cluster before another, both members. Each of b pays the price, and what they pay each of a earns its share of.
type link struct {
	a, b  int
	share float64 // how many clusters b stands for, by how many a does
	price *ascent // [version*ticks+tick], of the class of b
	soon  []int32 // [tick of a, and one past the last]: first tick of b that is a soak later
	given []int32 // [version]: the same from the day on which the provider brings a to it
	moved []bool  // [version]: its prices were ever moved
}

// relax sets up a relaxation without prices. Apart makes every cluster a member of its own; desks is how many goroutines may work on it.
func relax(p *Problem, teams []int, ks []kind, heads [][]int32, after [][]int, apart bool, desks int) *relaxation {
	r := &relaxation{
		p:     p,
		teams: teams,
		kinds: ks,
		place: make([][]int, len(ks)),
		room:  map[int]*ascent{},
		used:  map[int][]float64{},
		bound: math.Inf(-1),
	}
	for _, t := range teams {
		r.room[t], r.used[t] = newAscent(p.Weeks), make([]float64, p.Weeks)
	}
	at := make([]int, len(p.Clusters)) // member of a cluster
	for k, kd := range ks {
		sp := span{members: len(r.members), links: len(r.links)}
		like := siblings(p, kd.like, after, apart)
		for j, i := range kd.like {
			if like[j] == j {
				at[i] = len(r.members)
				r.members = append(r.members, newMember(p, i, k))
				r.narrow = append(r.narrow, limits{from: heads[i]})
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
			d.used[t] = make([]float64, p.Weeks)
		}
		r.desks = append(r.desks, d)
	}
	return r
}

func newMember(p *Problem, cluster, kind int) member {
	c := &p.Classes[p.Clusters[cluster].Class]
	return member{
		cluster: cluster,
		kind:    kind,
		order:   make([][]float64, len(c.Stay)),
		at:      make([]int32, len(c.Stay)),
		byForce: make([]bool, len(c.Stay)),
		force:   make([]float64, len(c.Stay)),
	}
}

// link links a member with those before it.
func (r *relaxation) link(b int, at []int) {
	c := &r.p.Clusters[r.members[b].cluster]
	class := &r.p.Classes[c.Class]
	seen := map[int]bool{}
	for _, before := range c.After {
		a := at[before]
		if seen[a] {
			continue
		}
		seen[a] = true
		first := &r.p.Classes[r.p.Clusters[before].Class]
		r.links = append(r.links, link{
			a: a, b: b, share: r.members[b].number / r.members[a].number, price: newAscent(len(class.Stay) * class.ticks()),
			soon: soakTicks(first, class, c.Soak), given: soakGiven(first, class, c.Soak), moved: make([]bool, len(class.Stay))})
	}
}

// soakTicks is, by tick of a class and one past the last, the first tick of another that is a soak later.
func soakTicks(a, b *Class, soak int32) []int32 {
	out := make([]int32, a.ticks()+1)
	out[a.ticks()] = int32(b.ticks())
	s := int32(0)
	for t, day := range a.Day {
		for int(s) < b.ticks() && b.Late[s] < day+soak {
			s++
		}
		out[t] = s
	}
	return out
}

// soakGiven is, by version, the first tick of a class that is a soak after the day on which the provider brings clusters of another to it.
func soakGiven(a, b *Class, soak int32) []int32 {
	out := make([]int32, len(a.Stay))
	for v := 1; v < len(out); v++ {
		if a.Forced[v-1] {
			out[v] = b.tickFrom(a.ForceDay[v-1] + soak)
		}
	}
	return out
}

// tickFrom is the first tick that can begin on a day or later.
func (c *Class) tickFrom(day int32) int32 {
	t, _ := slices.BinarySearch(c.Late, day)
	return int32(t)
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
		key := fmt.Sprint(c.Class, c.Team, c.Start, c.Begin, c.First, c.Lagging, c.Soak, c.Ready, c.After, after[i])
		if first, twin := known[key]; twin {
			out[j] = first
		} else {
			known[key] = j
		}
	}
	return out
}

// priceOrder puts the prices of order of a kind into what hops cost its members.
func (r *relaxation) priceOrder(sp span) {
	links := r.links[sp.links:sp.linksEnd]
	for i := range links {
		r.members[links[i].a].unpriced()
		r.members[links[i].b].unpriced()
	}
	for i := range links {
		l := &links[i]
		n := len(l.price.x) / len(l.moved)
		for v := 1; v < len(l.moved); v++ {
			if l.moved[v] {
				r.priceVersion(l, v, l.price.x[v*n:(v+1)*n])
			}
		}
	}
}

func (m *member) unpriced() {
	for _, row := range m.order {
		clear(row)
	}
	clear(m.force)
}

// priceVersion adds the prices of one version of a link to what both of its members pay.
func (r *relaxation) priceVersion(l *link, v int, prices []float64) {
	pays, earns := r.rowOf(l.b, v-1, len(prices)), r.rowOf(l.a, v-1, len(l.soon)-1)
	forced := r.p.Classes[r.p.Clusters[r.members[l.a].cluster].Class].Forced[v-1]
	sum, a := 0.0, len(l.soon)-2 // the sum of the prices from a tick on
	for t := len(prices); t >= 0; t-- {
		if t < len(prices) {
			sum += prices[t]
			pays[t] += sum
		}
		for ; a >= 0 && int(l.soon[a]) >= t; a-- {
			earns[a] -= l.share * sum
		}
		if forced && int(l.given[v]) == t {
			r.members[l.a].force[v-1] -= l.share * sum
		}
	}
}

// rowOf are the prices of order of a member for leaving a version.
func (r *relaxation) rowOf(member, v, ticks int) []float64 {
	m := &r.members[member]
	if m.order[v] == nil {
		m.order[v] = make([]float64, ticks)
	}
	return m.order[v]
}
