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
	tariff   map[int]*tariff
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
	class         Class   // its class with the prices of order in holding
	base          *Class  // as the user has it
	version       []int16 // [week]: as scheduled last
}

// link is a cluster before another, both members. Each of b pays the price, and what they pay each of a earns its share of.
type link struct {
	a, b, soak int
	share      float64 // how many clusters b stands for, by how many a does
	price      *ascent // [week*versions+version], of the class of b
}

// relax sets up a relaxation without prices. Apart makes every cluster a member of its own.
func relax(p *Problem, teams []int, ks []kind, heads, after [][]int, apart bool) *relaxation {
	r := &relaxation{p: p, teams: teams, kinds: ks, place: make([][]int, len(ks)), room: map[int]*ascent{}, tariff: map[int]*tariff{}, used: map[int][]float64{}, bound: math.Inf(-1)}
	for _, t := range teams {
		r.room[t], r.tariff[t], r.used[t] = newAscent(lots*p.Weeks), &tariff{}, make([]float64, lots*p.Weeks)
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
		r.tariff[t].set(r.p, r.room[t].x)
		for i, price := range r.room[t].x {
			value -= price * r.groups(t, i)
		}
	}
	for i := range r.members {
		m := &r.members[i]
		l := r.narrow[i]
		l.price, l.tariff, l.room = r.room[m.class.Team].x, *r.tariff[m.class.Team], r.p.Capacity[m.class.Team]
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
		copy(r.members[l.a].class.holding, r.members[l.a].base.holding)
		copy(r.members[l.b].class.holding, r.members[l.b].base.holding)
	}
	for _, l := range r.links {
		from, na, nb := r.ordered(l)
		before, after := r.members[l.a].class.holding, r.members[l.b].class.holding
		for t := range r.p.Weeks {
			sum := 0.0 // of the prices of the versions so far
			for d := from; d < min(na, nb); d++ {
				sum += l.price.x[t*nb+d]
				after[t*nb+d] += sum
				if t >= l.soak {
					before[(t-l.soak)*na+d] -= l.share * sum
				}
			}
		}
	}
}

// ordered is the first version that a link has a price for, and the versions of the classes of both of its members.
func (r *relaxation) ordered(l link) (from, a, b int) {
	return r.p.Clusters[r.members[l.b].cluster].Start + 1, len(r.members[l.a].base.Avail), len(r.members[l.b].base.Avail)
}

// step moves every price along what its constraint is violated by.
func (r *relaxation) step(rate float64) {
	for _, t := range r.teams {
		for i, used := range r.used[t] {
			r.room[t].step(i, used-r.groups(t, i), rate)
		}
	}
	for _, l := range r.links {
		from, na, nb := r.ordered(l)
		a, b := r.members[l.a].version, r.members[l.b].version
		for t := l.soak; t < r.p.Weeks; t++ {
			for d := from; d < min(na, nb); d++ {
				l.price.step(t*nb+d, above(b[t], d)-above(a[t-l.soak], d), rate/4)
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
