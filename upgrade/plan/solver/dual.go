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
	place    [][]int         // [kind][place in its chain]: member
	room     map[int]*ascent // [team]: prices of capacity, see limits
	used     map[int][]float64
	narrow   []limits // [member]: of a branch of the proof; nil for none
	bound    float64
	schedule []Schedule // [member]: of the last round
	tb       table
}

// member is one cluster of a kind, or several that the relaxation cannot tell apart: siblings of one class, version and soak, which
// wait for the same clusters and for which the same wait. Their prices may be taken to be equal, as the best prices of siblings can be
// averaged.
type member struct {
	cluster, kind int
	number        float64
	class         Class   // its class with the prices of order in Hold
	base          *Class  // as the user has it
	version       []int16 // [week]: as scheduled last
}

// link is a cluster before another, both members. Each of b pays the price, and what they pay each of a earns its share of.
type link struct {
	a, b, soak int
	share      float64 // how many clusters b stands for, by how many a does
	price      *ascent // [version*weeks+week]
}

// relax sets up a relaxation without prices. Apart makes every cluster a member of its own.
func relax(p *Problem, teams []int, ks []kind, heads, after [][]int, apart bool) *relaxation {
	r := &relaxation{p: p, teams: teams, kinds: ks, place: make([][]int, len(ks)), room: map[int]*ascent{}, used: map[int][]float64{}, bound: math.Inf(-1)}
	for _, t := range teams {
		r.room[t], r.used[t] = newAscent(lots*p.Weeks), make([]float64, lots*p.Weeks)
	}
	at := make([]int, len(p.Clusters)) // member of a cluster
	for k, kd := range ks {
		first := len(r.members)
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
		for m := first; m < len(r.members); m++ {
			r.link(m, at)
		}
	}
	r.schedule = make([]Schedule, len(r.members))
	return r
}

func newMember(p *Problem, cluster, kind int) member {
	base := &p.Classes[p.Clusters[cluster].Class]
	m := member{cluster: cluster, kind: kind, class: *base, base: base, version: make([]int16, p.Weeks)}
	m.class.Hold = make([][]float64, len(base.Hold))
	for v := range base.Hold {
		m.class.Hold[v] = slices.Clone(base.Hold[v])
	}
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
				price: newAscent(len(r.members[b].base.Avail) * r.p.Weeks)})
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

// search raises the bound for a number of rounds and leaves the prices at the best that it found.
func (r *relaxation) search(rounds int, rate float64) {
	r.searchWatched(rounds, rate, func(int) {})
}

// searchWatched is search that shows every round after it was evaluated.
func (r *relaxation) searchWatched(rounds int, rate float64, watch func(round int)) {
	for _, a := range r.ascents() {
		a.restart()
	}
	for round := range rounds {
		value := r.evaluate()
		watch(round)
		if value > r.bound {
			r.bound = value
			for _, a := range r.ascents() {
				copy(a.best, a.x)
			}
		}
		r.step(rate * (1 - float64(round)/float64(rounds)) * warmth(round))
	}
	for _, a := range r.ascents() {
		copy(a.x, a.best)
	}
	r.priceOrder()
}

func (r *relaxation) ascents() []*ascent {
	var out []*ascent
	for _, t := range r.teams {
		out = append(out, r.room[t])
	}
	for i := range r.links {
		out = append(out, r.links[i].price)
	}
	return out
}

// evaluate schedules every member at the prices and returns the value of the relaxation.
func (r *relaxation) evaluate() float64 {
	r.priceOrder()
	value := 0.0
	for _, t := range r.teams {
		clear(r.used[t])
		for i, price := range r.room[t].x {
			value -= price * r.groups(t, i)
		}
	}
	for i := range r.members {
		m := &r.members[i]
		l := r.narrow[i]
		l.price, l.room = r.room[m.class.Team].x, r.p.Capacity[m.class.Team]
		start := r.p.Clusters[m.cluster].Start
		r.tb.fill(r.p, &m.class, start, l)
		value += m.number * r.tb.toGo[start]
		r.schedule[i] = r.tb.schedule(r.p, &m.class, start, r.schedule[i])
		m.note(r.schedule[i], start, r.used[m.class.Team])
	}
	return value
}

// groups is how many whole groups of hops a team has room for, by index of its prices.
func (r *relaxation) groups(team, i int) float64 {
	return float64(r.p.Capacity[team][i%r.p.Weeks] / (i/r.p.Weeks + 1))
}

// note books what a schedule uses and which version runs when.
func (m *member) note(s Schedule, start int, used []float64) {
	v, week := start, 0
	for _, k := range s {
		for h := range k.To - k.From {
			at := k.Week + h*m.class.Spacing
			inWeek := h + 1
			if m.class.Spacing > 0 {
				inWeek = 1
			}
			for lot := 1; lot <= lots; lot++ {
				if inWeek%lot == 0 {
					used[(lot-1)*len(m.version)+at] += m.number
				}
			}
			for ; week < at; week++ {
				m.version[week] = int16(v)
			}
			v++
		}
	}
	for ; week < len(m.version); week++ {
		m.version[week] = int16(v)
	}
}

// priceOrder puts the prices of order into what it costs the members to hold their versions.
func (r *relaxation) priceOrder() {
	for _, l := range r.links {
		for _, i := range []int{l.a, l.b} {
			for v, row := range r.members[i].base.Hold {
				copy(r.members[i].class.Hold[v], row)
			}
		}
	}
	sums := make([]float64, r.p.Weeks) // of the prices of the versions so far, by week
	for _, l := range r.links {
		before, after := r.members[l.a].class.Hold, r.members[l.b].class.Hold
		clear(sums)
		for d := r.p.Clusters[r.members[l.b].cluster].Start + 1; d < min(len(after), len(before)); d++ {
			for t, price := range l.price.x[d*r.p.Weeks : (d+1)*r.p.Weeks] {
				sums[t] += price
				after[d][t] += sums[t]
				if t >= l.soak {
					before[d][t-l.soak] -= l.share * sums[t]
				}
			}
		}
	}
}

// step moves every price along what its constraint is violated by.
func (r *relaxation) step(rate float64) {
	for _, t := range r.teams {
		for i, used := range r.used[t] {
			r.room[t].step(i, used-r.groups(t, i), rate)
		}
	}
	for _, l := range r.links {
		a, b := &r.members[l.a], &r.members[l.b]
		for d := r.p.Clusters[b.cluster].Start + 1; d < min(len(a.class.Avail), len(b.class.Avail)); d++ {
			for t := l.soak; t < r.p.Weeks; t++ {
				l.price.step(d*r.p.Weeks+t, above(b.version[t], d)-above(a.version[t-l.soak], d), rate/4)
			}
		}
	}
}

func above(version int16, d int) float64 {
	if int(version) >= d {
		return 1
	}
	return 0
}

// ascent moves prices that are never negative uphill by Adam (Kingma and Ba, "Adam: a method for stochastic
// optimization", 2015), which needs no scale: one rate serves prices of capacity and of order.
type ascent struct {
	x, best []float64
	m, v    []float64 // running means of the slope and of its square
}

func newAscent(n int) *ascent {
	return &ascent{make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)}
}

func (a *ascent) restart() {
	clear(a.m)
	clear(a.v)
}

func (a *ascent) step(i int, slope, rate float64) {
	if slope < 0 && a.x[i] == 0 {
		slope = 0
	}
	if slope == 0 && a.v[i] == 0 {
		return
	}
	a.m[i] = meanDecay*a.m[i] + (1-meanDecay)*slope
	a.v[i] = squareDecay*a.v[i] + (1-squareDecay)*slope*slope
	a.x[i] = max(0, a.x[i]+rate*a.m[i]/(math.Sqrt(a.v[i])+1e-9))
}

// The means forget at these rates a round.
const meanDecay, squareDecay = 0.8, 0.98

// warmth corrects a rate for means that began at zero.
func warmth(round int) float64 {
	return math.Sqrt(1-math.Pow(squareDecay, float64(round+1))) / (1 - math.Pow(meanDecay, float64(round+1)))
}
