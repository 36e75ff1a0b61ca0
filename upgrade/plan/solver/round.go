package solver

import (
	"sync"
	"sync/atomic"
)

// desk is what one goroutine needs to work on kinds: scratch memory, and what the schedules that it made use of each team.
type desk struct {
	tb   table
	used map[int][]float64
}

// deskful is the number of members that are worth a goroutine.
const deskful = 8

// each does something with every kind, side by side at all desks. Which desk has which kind does not matter to the result: what a desk
// adds up is whole numbers.
func (r *relaxation) each(do func(d *desk, sp span)) {
	if len(r.desks) == 1 {
		for _, sp := range r.spans {
			do(&r.desks[0], sp)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for i := range r.desks {
		wg.Go(func() {
			for k := next.Add(1) - 1; k < int64(len(r.spans)); k = next.Add(1) - 1 {
				do(&r.desks[i], r.spans[k])
			}
		})
	}
	wg.Wait()
}

// search raises the bound for a number of rounds and leaves the prices at the best that it found.
func (r *relaxation) search(rounds int, rate float64) {
	r.searchWatched(rounds, rate, func(int) {})
}

// searchWatched is search that shows every round after it was evaluated.
func (r *relaxation) searchWatched(rounds int, rate float64, watch func(round int)) {
	ascents := r.ascents()
	for _, a := range ascents {
		a.restart()
	}
	for round := range rounds {
		value := r.evaluate()
		watch(round)
		if value > r.bound {
			r.bound = value
			for _, a := range ascents {
				copy(a.best, a.x)
			}
		}
		if !r.step(rate * (1 - float64(round)/float64(rounds)) * warmth(round)) {
			break // no constraint is broken and no price is above zero: the value is the optimum
		}
	}
	for _, a := range ascents {
		copy(a.x, a.best)
	}
	r.each(func(_ *desk, sp span) { r.priceOrder(sp) })
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
	value := 0.0
	for _, t := range r.teams {
		for w, price := range r.room[t].x {
			value -= price * float64(r.p.Capacity[t][w])
		}
		for _, d := range r.desks {
			clear(d.used[t])
		}
	}
	r.each(func(d *desk, sp span) {
		r.priceOrder(sp)
		for i := sp.members; i < sp.membersEnd; i++ {
			r.reschedule(d, i)
		}
	})
	for _, t := range r.teams {
		clear(r.used[t])
		for _, d := range r.desks {
			for i, used := range d.used[t] {
				r.used[t][i] += used
			}
		}
	}
	for i := range r.members {
		value += r.members[i].number * r.members[i].value
	}
	return value
}

// reschedule schedules a member at the prices.
func (r *relaxation) reschedule(d *desk, i int) {
	m := &r.members[i]
	cl := &r.p.Clusters[m.cluster]
	c := &r.p.Classes[cl.Class]
	l := r.narrow[i]
	l.price, l.order, l.force, l.room = r.room[cl.Team].x, m.order, m.force, r.p.Capacity[cl.Team]
	d.tb.fill(r.p, c, cl, &l)
	m.value = d.tb.value(c, cl, &l)
	r.schedule[i] = d.tb.schedule(c, cl, r.schedule[i])
	m.note(r.schedule[i], c, cl, d.used[cl.Team])
}

// note books what a schedule uses and how it comes to versions.
func (m *member) note(s Schedule, c *Class, cl *Cluster, used []float64) {
	for v := range m.at {
		m.at[v], m.byForce[v] = int32(c.ticks()), false
	}
	v, came := cl.Start, cl.Came
	for i := range s {
		k := &s[i]
		for ; v < k.From; v++ {
			m.byForce[v+1] = true
		}
		for h, t := range k.used() {
			used[c.Week[t]] += m.number
			if h < k.Hops {
				v, came = v+1, t
				m.at[v] = t
			}
		}
	}
	for last := c.brought(v, came, int32(c.ticks())); v < last; v++ {
		m.byForce[v+1] = true
	}
}

// step moves every price along what its constraint is violated by; false when there is nothing to move.
func (r *relaxation) step(rate float64) bool {
	moves := false
	for _, t := range r.teams {
		for w, used := range r.used[t] {
			over := used - float64(r.p.Capacity[t][w])
			moves = moves || over > 0 || r.room[t].x[w] > 0
			r.room[t].step(w, over, rate)
		}
	}
	var moved atomic.Bool
	r.each(func(_ *desk, sp span) {
		for i := range r.links[sp.links:sp.linksEnd] {
			if r.stepOrder(&r.links[sp.links+i], rate/4) {
				moved.Store(true)
			}
		}
	})
	return moves || moved.Load()
}

// stepOrder moves the prices of one link: those of versions whose order its members break or ever did.
func (r *relaxation) stepOrder(l *link, rate float64) (moves bool) {
	a, b := &r.members[l.a], &r.members[l.b]
	from := max(r.p.Clusters[a.cluster].Start, r.p.Clusters[b.cluster].Start) + 1
	n := len(l.price.x) / len(l.moved)
	for v := from; v < min(len(a.at), len(b.at)); v++ {
		at, soon := int(b.at[v]), int(l.soon[a.at[v]])
		if a.byForce[v] {
			soon = int(l.given[v])
		}
		if at < soon {
			l.moved[v], moves = true, true
		}
		if !l.moved[v] {
			continue
		}
		for t := range n {
			slope := 0.0
			switch {
			case at <= t && t < soon:
				slope = 1
			case soon <= t && t < at:
				slope = -1
			}
			moves = moves || l.price.x[v*n+t] > 0
			l.price.step(v*n+t, slope, rate)
		}
	}
	return moves
}
