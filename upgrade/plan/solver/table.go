package solver

import "math"

// table is the dynamic programme of one cluster. Costs are counted in potentials: whoever leaves a version pays what it has cost from the
// beginning until then, less what the newer one has, so that staying costs nothing on the way.
//
//	togo[v][t]   least cost from tick t on, standing at v with nodes as new, free to begin a campaign in t or later
//	one[v][t]    least cost from the hop from v in t on, when the campaign ends with it
//	two[v][t]    the same when the campaign ends with the hop after it, within the limit of t
//
// A table is scratch memory that many computations reuse.
type table struct {
	n                    int
	togo, cost, one, two [][]float64 // [version]
	three                []float64
	hurry                []float64 // [version]: least cost of a campaign in the tick from which on the provider has upgraded the cluster, where ticks are joined
	given                []float64 // [version]: least cost from when the provider upgrades the cluster from it
	from, past           []int     // [version]: the ticks in which the hop from it can be; rows are infinite outside of them
	second               [][]int32 // [version][tick]: the hop after it that two takes
	pick                 [][]int8  // [version][tick]: hops of the campaign to begin there, 0 for none
	old                  []float64
	oldPick              []int8 // the same for nodes that are behind; rollout rolls them out first
	least                []float64
	queue                []int32
	middle               []int32
	pay                  []float64 // [tick]: what a hop costs there
	next, free           []int32   // those of the class, later where a week has room for one step only
	memory               []float64
}

const rollout int8 = -1

var inf = math.Inf(1)

// limits price what a schedule does and narrow what it may do, beyond its class. Nil parts do not narrow.
type limits struct {
	price  []float64   // [week]: extra cost of a step
	order  [][]float64 // [version][tick]: extra cost of the hop from it
	force  []float64   // [version]: extra cost of being upgraded from it by the provider
	room   []int       // [week]: steps that are left
	from   []int32     // [version]: first tick for the hop to it
	upto   []int32     // [version]: last tick for the hop to it, which must be done; the number of ticks for never
	closed []bool      // [tick]
	single []bool      // [week]: at most one step in it
}

// fill computes the table of a cluster.
func (tb *table) fill(p *Problem, c *Class, cl *Cluster, l *limits) {
	top := len(c.Stay) - 1
	tb.resize(c.ticks(), len(c.Stay), cl.Start)
	tb.ticks(p, c, l)
	for v := top; v >= cl.Start; v-- {
		tb.version(p, c, cl, l, v, top)
	}
	if cl.Lagging {
		tb.lagging(p, c, cl, l)
	}
}

// ticks sets what hops cost by tick, and when the next one may be.
func (tb *table) ticks(p *Problem, c *Class, l *limits) {
	later := int32(tb.n)
	for t := tb.n - 1; t >= 0; t-- {
		week := c.Week[t]
		if t+1 < tb.n && c.Week[t+1] != week {
			later = int32(t + 1)
		}
		pay := p.Hop
		if l.price != nil {
			pay += l.price[week]
		}
		one := l.single != nil && l.single[week]
		if l.room != nil {
			if l.room[week] <= 0 {
				pay = inf
			}
			one = one || l.room[week] == 1
		}
		if l.closed != nil && l.closed[t] {
			pay = inf
		}
		tb.pay[t], tb.next[t], tb.free[t] = pay, c.Next[t], c.Free[t]
		if one {
			tb.next[t], tb.free[t] = max(later, c.Next[t]), max(later, c.Free[t])
		}
	}
}

// version computes the row of one version from those of the newer ones.
func (tb *table) version(p *Problem, c *Class, cl *Cluster, l *limits, v, top int) {
	n, togo, pick := tb.n, tb.togo[v], tb.pick[v]
	tb.from[v], tb.past[v] = n, n
	until := tb.forced(c, l, v)
	tb.hurry[v] = inf
	togo[n] = c.Stay[v]
	if v == top {
		for t := range n {
			togo[t], pick[t] = togo[n], 0
		}
		return
	}
	if until == n && c.Forced[v] {
		togo[n] = tb.given[v]
	} else if l.upto != nil && l.upto[v+1] < int32(n) {
		togo[n] = inf
	}
	tb.rows(c, cl, l, v, top)
	size := min(c.MaxHops[v], top-v)
	from, past := tb.from[v], tb.past[v]
	cost, one, two, three := tb.cost[v], tb.one[v], tb.two[v], tb.three
	best := togo[n]
	for t := n - 1; t >= 0; t-- {
		if t == until-1 { // who is there by then is upgraded
			best = min(tb.given[v], tb.hurry[v])
		}
		k := int8(0)
		if t >= from && t < past {
			best, k = cheaper(best, p.Campaign+one[t], p.Campaign+two[t], size)
			if size >= 3 && p.Campaign+three[t] < best {
				if x := p.Campaign + cost[t] + tb.exact(c, v, t); x < best {
					best, k = x, 3
				}
			}
		}
		togo[t], pick[t] = best, k
		if c.joins && t == until && t >= from && t < past { // a part of the week may be before the provider's day
			tb.hurry[v] = p.Campaign + min(one[t], two[t], tb.third(size, t))
		}
	}
}

// cheaper is the least of staying and of campaigns of one hop and of two, with the number of hops.
func cheaper(stay, one, two float64, size int) (float64, int8) {
	best, k := stay, int8(0)
	if one < best {
		best, k = one, 1
	}
	if size >= 2 && two < best {
		best, k = two, 2
	}
	return best, k
}

// third is what a campaign of three hops costs at least from a tick on, where there are such.
func (tb *table) third(size, t int) float64 {
	if size < maxHops {
		return inf
	}
	return tb.three[t]
}

// forced sets what it costs from then on when the provider upgrades the cluster from a version, and returns the tick from which on it
// has: one more than there are ticks where it does not.
func (tb *table) forced(c *Class, l *limits, v int) int {
	if !c.Forced[v] {
		return tb.n + 1
	}
	until := int(c.Until[v])
	cost := c.Force[v]
	if l.force != nil {
		cost += l.force[v]
	}
	if l.upto != nil && l.upto[v+1] < int32(tb.n) {
		cost = inf // it has to hop by itself
	}
	tb.given[v] = cost + tb.togo[v+1][until]
	if c.Forced[v+1] && int(c.Until[v+1]) == until {
		tb.given[v] = cost + tb.given[v+1]
	}
	return until
}

// after is the cost from a tick on of a cluster that came to a version in an earlier one.
func (tb *table) after(c *Class, l *limits, v int, came, t int32) float64 {
	if !c.Forced[v] || came >= c.Until[v] || t < c.Until[v] {
		return tb.togo[v][t]
	}
	if l.upto != nil && l.upto[v+1] < int32(tb.n) {
		return inf
	}
	cost := c.force(v, came)
	if l.force != nil {
		cost += l.force[v]
	}
	cost += tb.after(c, l, v+1, came, t)
	if t == c.Until[v] {
		cost = min(cost, tb.hurry[v])
	}
	return cost
}

// rows computes what campaigns that begin with the hop from a version cost.
func (tb *table) rows(c *Class, cl *Cluster, l *limits, v, top int) {
	tb.hops(c, cl, l, v)
	from, past, cost, newer := tb.from[v], tb.past[v], tb.cost[v], tb.togo[v+1]
	one, two := tb.one[v], tb.two[v]
	for t := from; t < past; t++ {
		one[t], two[t] = cost[t]+newer[tb.next[t]], inf
	}
	for t := min(past, int(c.Until[v+1])) - 1; c.Forced[v+1] && t >= from && tb.next[t] >= c.Until[v+1]; t-- {
		one[t] = cost[t] + tb.after(c, l, v+1, int32(t), tb.next[t]) // the provider is faster than the next hop
	}
	if t := int(c.Until[v+1]); c.joins && c.Forced[v+1] && t >= from && t < past { // before that in the same week, or after it
		one[t] = min(one[t], cost[t]+tb.given[v+1])
	}
	if v+2 > top {
		return
	}
	tb.within(c, v, tb.one[v+1], tb.second[v])
	for t := from; t < past; t++ {
		two[t] = cost[t] + tb.least[t]
	}
	if c.MaxHops[v] < maxHops || v+3 > top {
		return
	}
	tb.within(c, v, tb.two[v+1], tb.middle)
	for t := from; t < past; t++ {
		tb.three[t] = cost[t] + tb.least[t] // with a limit of its own for the second hop: see exact
	}
}

// hops sets what the hop from a version costs by tick, and in which ticks it can be.
func (tb *table) hops(c *Class, cl *Cluster, l *limits, v int) {
	from, last := max(c.From[v+1], int32(cl.Begin)), c.Last[v]
	if l.from != nil {
		from = max(from, l.from[v+1])
	}
	if l.upto != nil {
		last = min(last, l.upto[v+1])
	}
	if last < from {
		return
	}
	tb.from[v], tb.past[v] = int(from), int(last)+1
	cost, leave, pay := tb.cost[v][from:last+1], c.Leave[v][from:last+1], tb.pay[from:last+1]
	for t := range cost {
		cost[t] = leave[t] + pay[t]
	}
	if l.order != nil && l.order[v] != nil {
		for t, more := range l.order[v][from : last+1] {
			cost[t] += more
		}
	}
}

// within finds for every tick in which a version can be left the least of a row of the newer one, over the ticks in which the hop after
// one in the tick may be, and where it is: a sliding minimum.
func (tb *table) within(c *Class, v int, row []float64, where []int32) {
	first, low := tb.from[v+1], tb.past[v+1]
	head, tail := 0, 0
	queue, next, limit, least := tb.queue, tb.next, c.Limit, tb.least
	until, within := c.bounds(v + 1)
	for t := tb.past[v] - 1; t >= tb.from[v]; t-- {
		for stop := max(int(next[t]), first); low > stop; {
			low--
			for x := row[low]; tail > head && row[queue[tail-1]] >= x; {
				tail--
			}
			queue[tail] = int32(low)
			tail++
		}
		stop := limit[t]
		if int32(t) < until {
			stop = min(stop, within)
		}
		for tail > head && queue[head] >= stop {
			head++
		}
		if least[t], where[t] = inf, -1; tail > head {
			least[t], where[t] = row[queue[head]], queue[head]
		}
	}
}

// bounds are, for a version, the tick from which on the provider has upgraded who was there before, and the first tick in which it is too
// late for who came before to hop by itself.
func (c *Class) bounds(v int) (until, within int32) {
	switch {
	case !c.Forced[v]:
		return -1, 0
	case c.joins:
		return c.Until[v], c.Until[v] + 1
	default:
		return c.Until[v], c.Until[v]
	}
}

// exact is what the second and the third hop of a campaign cost at least that begins with the hop from a version in a tick.
func (tb *table) exact(c *Class, v, t int) float64 {
	if second := tb.middle[t]; tb.second[v+1][second] < c.Limit[t] {
		return tb.two[v+1][second] // the least of all keeps the limit of the campaign
	}
	best, third, at := inf, inf, c.Limit[t]
	first, past := int32(tb.from[v+2]), int32(tb.past[v+2])
	stop := min(at, int32(tb.past[v+1]))
	if until, within := c.bounds(v + 1); int32(t) < until {
		stop = min(stop, within)
	}
	until, within := c.bounds(v + 2)
	for second := stop - 1; second >= max(tb.next[t], int32(tb.from[v+1])); second-- {
		if second == until-1 && within < c.Limit[t] { // from here on the third has to be before the provider's day
			third, at = inf, within
		}
		for ; at > max(tb.next[second], first); at-- {
			if at <= past {
				third = min(third, tb.one[v+2][at-1])
			}
		}
		best = min(best, tb.cost[v+1][second]+third)
	}
	return best
}

// lagging computes the row of a cluster whose nodes are behind: its first campaign has fewer hops, or a rollout goes before it.
func (tb *table) lagging(p *Problem, c *Class, cl *Cluster, l *limits) {
	v, n := cl.Start, tb.n
	until := n + 1
	if v+1 < len(c.Stay) {
		until = tb.forced(c, l, v)
	}
	best := tb.togo[v][n]
	tb.old[n] = best
	for t := n - 1; t >= 0; t-- {
		if t == until-1 {
			best = min(tb.given[v], tb.hurry[v])
		}
		k := int8(0)
		leaves := t >= tb.from[v] && t < tb.past[v]
		if x := p.Campaign + tb.one[v][t]; leaves && cl.First >= 1 && x < best {
			best, k = x, 1
		}
		if x := p.Campaign + tb.two[v][t]; leaves && cl.First >= 2 && c.MaxHops[v] >= 2 && x < best {
			best, k = x, 2
		}
		if after := tb.free[t]; t >= cl.Begin && t < until && int(after) < n {
			if x := p.Campaign + tb.pay[t] - p.Hop + tb.after(c, l, v, -1, after); x < best {
				best, k = x, rollout
			}
		}
		tb.old[t], tb.oldPick[t] = best, k
	}
}

// value is the cost of the cluster, infinite where it cannot be scheduled.
func (tb *table) value(c *Class, cl *Cluster, l *limits) float64 {
	begin := int32(min(cl.Begin, tb.n))
	if cl.Lagging && !(c.Forced[cl.Start] && cl.Came < c.Until[cl.Start] && begin >= c.Until[cl.Start]) {
		return tb.old[begin]
	}
	return tb.after(c, l, cl.Start, cl.Came, begin)
}

func (tb *table) resize(ticks, versions, start int) {
	tb.n = ticks
	if need := 4*(ticks+1)*(versions-start) + 4*(ticks+1); len(tb.memory) < need {
		tb.memory = make([]float64, need)
	}
	rest := tb.memory
	row := func() []float64 {
		out := rest[: ticks+1 : ticks+1]
		rest = rest[ticks+1:]
		return out
	}
	for len(tb.togo) < versions {
		tb.togo, tb.cost, tb.one, tb.two = append(tb.togo, nil), append(tb.cost, nil), append(tb.one, nil), append(tb.two, nil)
		tb.pick, tb.second, tb.from, tb.past = append(tb.pick, nil), append(tb.second, nil), append(tb.from, 0), append(tb.past, 0)
		tb.given, tb.hurry = append(tb.given, inf), append(tb.hurry, inf)
	}
	for v := start; v < versions; v++ {
		tb.togo[v], tb.cost[v], tb.one[v], tb.two[v] = row(), row()[:ticks], row()[:ticks], row()[:ticks]
		if len(tb.pick[v]) < ticks {
			tb.pick[v], tb.second[v] = make([]int8, ticks), make([]int32, ticks)
		}
	}
	tb.three, tb.old, tb.least, tb.pay = row(), row(), row(), row()
	if len(tb.queue) < ticks {
		tb.oldPick = make([]int8, ticks)
		tb.queue, tb.next, tb.free, tb.middle = make([]int32, ticks), make([]int32, ticks), make([]int32, ticks), make([]int32, ticks)
	}
}
