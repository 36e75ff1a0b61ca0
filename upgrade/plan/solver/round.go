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

// each does something with every kind, side by side at all desks. Which desk has which kind does not matter to the result: what a desk adds up
// is whole numbers.
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
		r.step(rate * (1 - float64(round)/float64(rounds)) * warmth(round))
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
		r.tariff[t].set(r.p, r.room[t].x)
		for i, price := range r.room[t].x {
			value -= price * r.groups(t, i)
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
	l, team, start := r.narrow[i], m.class.Team, r.p.Clusters[m.cluster].Start
	l.price, l.tariff, l.room = r.room[team].x, *r.tariff[team], r.p.Capacity[team]
	d.tb.fill(r.p, &m.class, start, l)
	m.value = d.tb.toGo[start]
	r.schedule[i] = d.tb.schedule(r.p, &m.class, start, r.schedule[i])
	m.note(r.schedule[i], start, d.used[team])
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

// priceOrder puts the prices of order of a kind into what it costs the members to hold their versions.
func (r *relaxation) priceOrder(sp span) {
	links := r.links[sp.links:sp.linksEnd]
	for _, l := range links {
		copy(r.members[l.a].class.holding, r.members[l.a].base.holding)
		copy(r.members[l.b].class.holding, r.members[l.b].base.holding)
	}
	for _, l := range links {
		_, na, nb := r.ordered(l)
		before, after := r.members[l.a].class.holding, r.members[l.b].class.holding
		for t := l.soak; t < r.p.Weeks; t++ { // there are no prices before
			sum := 0.0 // of the prices of the versions so far
			for d, price := range l.price.x[t*nb : t*nb+min(na, nb)] {
				if sum += price; sum > 0 {
					after[t*nb+d] += sum
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
	r.each(func(_ *desk, sp span) {
		for _, l := range r.links[sp.links:sp.linksEnd] {
			r.stepOrder(l, rate/4)
		}
	})
}

// stepOrder moves the prices of one link: those that its members violate or ever did.
func (r *relaxation) stepOrder(l link, rate float64) {
	from, na, nb := r.ordered(l)
	a, b := r.members[l.a].version, r.members[l.b].version
	for t := l.soak; t < r.p.Weeks; t++ {
		before, after, moved := a[t-l.soak], b[t], &l.moved[t]
		if before != after {
			moved.from, moved.to = min(moved.from, int(min(before, after))+1), max(moved.to, int(max(before, after)))
		}
		for d := max(from, moved.from); d <= min(moved.to, na-1, nb-1); d++ {
			l.price.step(t*nb+d, above(after, d)-above(before, d), rate)
		}
	}
}

func above(version int16, d int) float64 {
	if int(version) >= d {
		return 1
	}
	return 0
}
