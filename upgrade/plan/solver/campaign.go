package solver

import "math"

// campaign finds the cheapest campaign that begins at a version in a week.
func (tb *table) campaign(p *Problem, c *Class, l *limits, t, v int) (float64, int8) {
	n, weeks := len(c.Avail), p.Weeks
	best, size := math.Inf(1), int8(0)
	cost, at := p.Campaign, stand{position: -1, day: -far}
	if l.pace != nil {
		at.day = l.pace.soonest(t)
	}
	for k := 1; k <= min(c.MaxHops[v], lots) && v+k < n; k++ {
		w := t + (k-1)*c.Spacing
		if w >= weeks || w < c.Avail[v+k] || l.ready != nil && w < l.ready[v+k] {
			break
		}
		if !at.next(c, l, w, v+k) {
			break
		}
		cost += c.wait(v+k-1, w, at.position)
		if k > 1 {
			cost += tb.hold(v+k-1, w-c.Spacing, w, n)
		}
		cost += p.Hop
		cost += hopPrice(l.price, weeks, w, at.used)
		next := min(w+c.Rest, weeks)
		if l.need != nil && !meets(l.need, v, t, k, c.Spacing, next) {
			continue
		}
		total := cost + tb.hold(v+k, w, next, n) + tb.toGo[next*n+v+k]
		if total < best {
			best, size = total, int8(k)
		}
	}
	return best, size
}

// stand is where a campaign is while its hops are added: how many its last week has, the opening of the last one, and the
// day from which the next one may be.
type stand struct{ used, position, day int }

// next puts the hop to a version into a week; it reports false when there is no room or no opening.
func (s *stand) next(c *Class, l *limits, w, to int) bool {
	if c.Spacing == 0 {
		s.used++
	} else {
		s.used, s.position = 1, -1
	}
	if s.used > c.Open[w] || l.room != nil && s.used > l.room[w] {
		return false
	}
	if s.position++; l.pace == nil {
		return true
	}
	if s.position = l.pace.at(w, s.position, to, s.day); s.position < 0 {
		return false
	}
	s.day = l.pace.days[w][s.position] + l.pace.apart
	return true
}

// meets reports whether the versions passed during a campaign and its rest are never below the need.
func meets(need []int, v, t, k, spacing, next int) bool {
	for w := t; w < next; w++ {
		at := v + k
		if spacing > 0 {
			at = min(v+1+(w-t)/spacing, v+k)
		}
		if at < need[w] {
			return false
		}
	}
	return true
}

func (tb *table) hold(v, from, to, versions int) float64 {
	return tb.held[to*versions+v] - tb.held[from*versions+v]
}

func (tb *table) sumHold(c *Class, weeks int) {
	n := len(c.Avail)
	clear(tb.held[:n])
	before, after := tb.held[:weeks*n], tb.held[n:(weeks+1)*n]
	for i, cost := range c.holding[:weeks*n] {
		after[i] = before[i] + cost
	}
}
