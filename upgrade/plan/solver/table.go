package solver

import (
	"math"
	"slices"
)

// forbidden is the cost of a state that a schedule must not pass. It is finite so that sums of it compare: what costs half of it or more passes
// one.
const forbidden = 1e30

// table is the dynamic programme of one class: toGo[week*versions+version] is the least cost from the start of a week
// on, standing at a version and free to begin a campaign; hops is the size of the campaign to begin there, 0 for none.
// A table is scratch memory that many computations reuse.
type table struct {
	toGo []float64
	hops []int8
	held []float64 // [week*versions+version]: sum of Hold before the week
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

// limits price what a schedule does and narrow what it may do, beyond its class. Nil parts do not narrow.
type limits struct {
	price  []float64 // [(lot-1)*weeks+week]: extra cost of a campaign's hops in one week, by lots
	tariff tariff    // of the price
	room   []int     // [week]: hops that are left
	ready  []int     // [version]: first week in which a hop to the version may be done; never falls from one version to the next
	need   []int     // [week]: least version during the week
	pace   *pace
}

// fill computes the table from the last week to the first. A campaign must end within the horizon. Versions that are not
// available yet, or for which the cluster is not ready, cannot be stood at and are left out of the week.
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
		for top > start && (t < c.Avail[top] || l.ready != nil && t < l.ready[top]) {
			top--
		}
		low := start
		if l.need != nil {
			low = min(max(low, l.need[t]), top+1)
		}
		w := row{tb.toGo[t*n : (t+1)*n], tb.hops[t*n : (t+1)*n], tb.toGo[(t+1)*n : (t+2)*n], c.holding[t*n : (t+1)*n]}
		if fast := c.Open[t] > 0 && !slow && (l.pace == nil || !l.pace.tight[t]); fast {
			costs := l.costs(c, t)
			w.week(c.leaving[t*n*lots:(t+1)*n*lots], &costs, start, low, top)
			continue
		}
		w.stay(start, low, top)
		switch {
		case c.Open[t] == 0:
		case slow:
			for v := start; v < top; v++ {
				if cost, k := tb.campaign(p, c, &l, t, v); cost < w.toGo[v] {
					w.toGo[v], w.hops[v] = cost, k
				}
			}
		default:
			w.tightWeek(c, &l, t, start, top)
		}
	}
}

// row is one week of a table, with the week after it and what it costs to hold each version.
type row struct {
	toGo       []float64
	hops       []int8
	next, hold []float64
}

// stay fills a row with the cost of staying at each version for the week, forbidden below the least one.
func (w *row) stay(start, low, top int) {
	for v := start; v < low; v++ {
		w.toGo[v], w.hops[v] = forbidden, 0
	}
	for v := low; v <= top; v++ {
		w.toGo[v], w.hops[v] = w.hold[v]+w.next[v], 0
	}
}

// tariff is what campaigns of one hop, two and three within a week cost, by week, at the prices of a team: see hopPrice.
type tariff [][lots]float64

func (tf *tariff) set(p *Problem, price []float64) {
	*tf = slices.Grow((*tf)[:0], p.Weeks)[:p.Weeks]
	for t, one := range price[:p.Weeks] {
		first := p.Campaign + (p.Hop + one)
		second := first + (p.Hop + (one + price[p.Weeks+t]))
		(*tf)[t] = [lots]float64{first, second, second + (p.Hop + (one + price[2*p.Weeks+t]))}
	}
}

// costs are those of the tariff, infinite for campaigns that a week has no room for.
func (l *limits) costs(c *Class, t int) [lots]float64 {
	most, costs := c.Open[t], l.tariff[t]
	if l.room != nil {
		most = min(most, l.room[t])
	}
	for k := max(0, most); k < lots; k++ {
		costs[k] = math.Inf(1)
	}
	return costs
}

// week fills a row: every version stays, or begins a campaign that is done within the week. It goes down from the newest version with the
// costs of staying at the three above. Most of the solver's time is spent here.
func (w *row) week(leave []float64, costs *[lots]float64, start, low, top int) {
	first, second, third := math.Inf(1), math.Inf(1), math.Inf(1)
	toGo, hops, next, hold, leave := w.toGo[start:top+1], w.hops[start:top+1], w.next[start:top+1], w.hold[start:top+1], leave[start*lots:(top+1)*lots]
	next, hold, hops = next[:len(toGo)], hold[:len(toGo)], hops[:len(toGo)]
	low -= start
	for v := len(toGo) - 1; v >= 0; v-- {
		stay := forbidden
		if v >= low {
			stay = hold[v] + next[v]
		}
		best, size := stay, int8(0)
		more := (*[lots]float64)(leave[v*lots:])
		if one := costs[0] + more[0] + first; one < best {
			best, size = one, 1
		}
		if two := costs[1] + more[1] + second; two < best {
			best, size = two, 2
		}
		if three := costs[2] + more[2] + third; three < best {
			best, size = three, 3
		}
		toGo[v], hops[v] = best, size
		first, second, third = stay, first, second
	}
}

// tightWeek is week where days matter, on a row of staying. It goes up from the oldest version, so that what it reads is the cost of staying still.
func (w *row) tightWeek(c *Class, l *limits, t, start, top int) {
	costs := l.costs(c, t)
	for v := start; v < top; v++ {
		position, wait := -1, 0.0
		for k := 1; k <= min(c.MaxHops[v], lots, top-v); k++ {
			if position = l.pace.at(t, position+1, v+k, -far); position < 0 {
				break
			}
			wait += c.wait(v+k-1, t, position)
			if total := costs[k-1] + wait + w.toGo[v+k]; total < w.toGo[v] {
				w.toGo[v], w.hops[v] = total, int8(k)
			}
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
