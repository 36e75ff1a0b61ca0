package solver

import "math"

// forbidden is the cost of a state that a schedule must not pass. It is finite so that sums of it compare.
const forbidden = 1e15

// table is the dynamic programme of one class: toGo[week*versions+version] is the least cost from the start of a week
// on, standing at a version and free to begin a campaign; hops is the size of the campaign to begin there, 0 for none.
// A table is scratch memory that many computations reuse.
type table struct {
	toGo []float64
	hops []int8
	held []float64 // [version*(weeks+1)+week]: sum of Hold before the week
}

// lots are the sizes of the groups in which capacity is priced. A week with capacity for c hops has room for c/m whole
// groups of m hops of one campaign; pricing pairs and triples too closes the gap that single hops leave where capacity is
// small (a Chvátal-Gomory cut: round down what is whole).
const lots = 3

// hopPrice is what hop number k of a campaign within one week adds to its price.
func hopPrice(price []float64, weeks, week, k int) float64 {
	sum := price[week]
	for m := 2; m <= lots; m++ {
		if k%m == 0 {
			sum += price[(m-1)*weeks+week]
		}
	}
	return sum
}

// limits narrow what a schedule may do, beyond its class. Nil parts do not narrow.
type limits struct {
	price []float64 // [(lot-1)*weeks+week]: extra cost of a campaign's hops in one week, by lots
	room  []int     // [week]: hops that are left
	ready []int     // [version]: first week in which a hop to the version may be done; never falls from one version to the next
	need  []int     // [week]: least version during the week
	pace  *pace
}

// fill computes the table from the last week to the first. A campaign must end within the horizon. Versions that are not
// available yet cannot be stood at and are left out of the week.
func (tb *table) fill(p *Problem, c *Class, start int, l limits) {
	n, weeks := len(c.Avail), p.Weeks
	tb.resize(n, weeks)
	slow := c.slow()
	if slow {
		tb.sumHold(c, weeks)
	}
	copy(tb.toGo[weeks*n:], c.End)
	top := n - 1
	for t := weeks - 1; t >= 0; t-- {
		for top > start && t < c.Avail[top] {
			top--
		}
		low := start
		if l.need != nil {
			low = max(low, l.need[t])
		}
		row, next, hops := tb.toGo[t*n:(t+1)*n], tb.toGo[(t+1)*n:(t+2)*n], tb.hops[t*n:(t+1)*n]
		for v := start; v <= top; v++ {
			row[v], hops[v] = forbidden, 0
			if v >= low {
				row[v] = min(forbidden, c.Hold[v][t]+next[v])
			}
		}
		switch {
		case c.Open[t] == 0:
		case slow:
			for v := start; v < top; v++ {
				if cost, k := tb.campaign(p, c, l, t, v); cost < row[v] {
					row[v], hops[v] = cost, k
				}
			}
		default:
			tb.week(p, c, l, t, start, top, row, hops)
		}
	}
}

// week lets every version of a week begin a campaign that is done within the week, where row holds the cost of staying.
// It goes up from the oldest version, so that what it reads is the cost of staying still.
func (tb *table) week(p *Problem, c *Class, l limits, t, start, top int, row []float64, hops []int8) {
	most := c.Open[t]
	var each [lots]float64 // of the first, second and third hop
	for k := range each {
		each[k] = p.Hop
		if l.price != nil {
			each[k] += hopPrice(l.price, p.Weeks, t, k+1)
		}
	}
	if l.room != nil {
		most = min(most, l.room[t])
	}
	tight := l.pace != nil && l.pace.tight[t]
	for v := start; v < top; v++ {
		best, size := row[v], int8(0)
		cost, leave := p.Campaign, c.Leave[v]
		position := -1
		for k := 1; k <= min(c.MaxHops[v], most, top-v, lots); k++ {
			if tight {
				if position = l.pace.at(t, position+1, v+k, -far); position < 0 {
					break
				}
			}
			cost += each[k-1]
			if total := cost + leave[(k-1)*p.Weeks+t] + row[v+k]; total < best && (l.ready == nil || t >= l.ready[v+k]) {
				best, size = total, int8(k)
			}
		}
		row[v], hops[v] = best, size
	}
}

// campaign finds the cheapest campaign that begins at a version in a week.
func (tb *table) campaign(p *Problem, c *Class, l limits, t, v int) (float64, int8) {
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
		if c.Spacing > 0 {
			cost += c.Leave[v+k-1][w]
		}
		if k > 1 {
			cost += tb.hold(v+k-1, w-c.Spacing, w, weeks)
		}
		cost += p.Hop
		if l.price != nil {
			cost += hopPrice(l.price, weeks, w, at.used)
		}
		next := min(w+c.Rest, weeks)
		if l.need != nil && !meets(l.need, v, t, k, c.Spacing, next) {
			continue
		}
		total := cost + tb.hold(v+k, w, next, weeks) + tb.toGo[next*n+v+k]
		if c.Spacing == 0 {
			total += c.Leave[v][(k-1)*weeks+t]
		}
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
func (s *stand) next(c *Class, l limits, w, to int) bool {
	if c.Spacing == 0 {
		s.used++
	} else {
		s.used, s.position = 1, -1
	}
	if s.used > c.Open[w] || l.room != nil && s.used > l.room[w] {
		return false
	}
	if l.pace == nil {
		return true
	}
	if s.position = l.pace.at(w, s.position+1, to, s.day); s.position < 0 {
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

func (tb *table) hold(v, from, to, weeks int) float64 {
	return tb.held[v*(weeks+1)+to] - tb.held[v*(weeks+1)+from]
}

func (tb *table) sumHold(c *Class, weeks int) {
	for v, row := range c.Hold {
		sum, at := 0.0, v*(weeks+1)
		tb.held[at] = 0
		for t, cost := range row {
			sum += cost
			tb.held[at+t+1] = sum
		}
	}
}

func (tb *table) resize(versions, weeks int) {
	if need := (weeks + 1) * versions; len(tb.toGo) < need {
		tb.toGo, tb.hops, tb.held = make([]float64, need), make([]int8, need), make([]float64, need)
	}
}

// schedule follows the table from week 0.
func (tb *table) schedule(p *Problem, c *Class, start int, into Schedule) Schedule {
	n, v := len(c.Avail), start
	into = into[:0]
	for t := 0; t < p.Weeks; {
		k := int(tb.hops[t*n+v])
		if k == 0 {
			t++
			continue
		}
		run := Campaign{Week: t, From: v, To: v + k}
		into = append(into, run)
		t, v = min(run.last(c.Spacing)+c.Rest, p.Weeks), v+k
	}
	return into
}
