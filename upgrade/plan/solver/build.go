package solver

import "slices"

// builder holds the schedules of one component of the fleet while it is made and improved.
type builder struct {
	p         *Problem
	grain     float64     // by which the costs of two solutions differ at least, 0 when that is not known
	room      [][]int     // [team][week]: steps left
	price     [][]float64 // [team][week]
	order     []orders    // [cluster]: prices of order, once they are known
	schedules []Schedule  // [cluster]
	costs     []float64   // [cluster]
	days      [][]int32   // [cluster][version]: when it comes to the version as scheduled: far for never, -far where it began
	after     [][]int     // [cluster]: those that wait for it
	heads     [][]int32   // [cluster]: from heads
	crowds    *crowds
	filling   filling
	tb        table
}

// orders are the prices of order of one cluster.
type orders struct {
	hops  [][]float64
	force []float64
}

func newBuilder(p *Problem, after [][]int, order []int) builder {
	n := len(p.Clusters)
	b := builder{p: p, grain: grain(p), after: after, heads: heads(p, order), schedules: make([]Schedule, n), costs: make([]float64, n),
		days: make([][]int32, n), order: make([]orders, n), crowds: newCrowds(p)}
	for _, c := range p.Capacity {
		b.room = append(b.room, slices.Clone(c))
		b.price = append(b.price, make([]float64, p.Weeks))
	}
	return b
}

// insert schedules the clusters of a chain. It begins with the last cluster and asks of each one before it to be early
// enough; when that cannot be, it begins with the first. In a wide chain the first ones can keep many waiting, so that it is also tried
// what it costs when nobody has to.
func (b *builder) insert(ch chain) float64 {
	if b.backward(ch) {
		return b.chainCost(ch)
	}
	b.remove(ch)
	b.forward(ch, false)
	if len(ch) < 2 {
		return b.chainCost(ch)
	}
	late, kept := b.chainCost(ch), b.save([]chain{ch})
	b.remove(ch)
	if b.forward(ch, true); b.chainCost(ch) > late {
		b.restore([]chain{ch}, kept)
	}
	return b.chainCost(ch)
}

// backward schedules a chain from its last cluster on, and reports whether every cluster could be early enough for those after it.
func (b *builder) backward(ch chain) bool {
	for _, i := range slices.Backward(ch) {
		if !b.place(i, b.heads[i], b.asked(i)) {
			return false
		}
	}
	return true
}

// forward schedules a chain from its first cluster on. Early asks every cluster, where it can, to keep none waiting beyond what they
// would wait for anyway.
func (b *builder) forward(ch chain, early bool) {
	for _, i := range ch {
		from := readyTicks(b.p, &b.p.Clusters[i], func(before, v int) int32 { return b.days[before][v] })
		if !early || len(b.after[i]) == 0 || !b.place(i, from, b.soonest(i)) {
			b.place(i, from, nil)
		}
	}
}

// asked is the last tick for the hop of a cluster to each version, so that the clusters that wait for it can do what they planned; nil
// for any.
func (b *builder) asked(i int) []int32 {
	return b.deadlines(i, b.hopDay)
}

// soonest is the last tick for the hop of a cluster to each version, so that those that wait for it could hop at their heads.
func (b *builder) soonest(i int) []int32 {
	return b.deadlines(i, func(j, v int) int32 {
		c := &b.p.Classes[b.p.Clusters[j].Class]
		if t := max(b.heads[j][v], c.From[v]); int(t) < c.ticks() {
			return c.Day[t]
		}
		return far
	})
}

// deadlines is, by version, the last tick for the hop of a cluster, so that it runs the version a soak before the days on which those
// that wait for it hop there; the number of ticks where the provider brings it there in time, or nobody waits.
func (b *builder) deadlines(i int, hop func(waiting, version int) int32) []int32 {
	if len(b.after[i]) == 0 {
		return nil
	}
	cl := &b.p.Clusters[i]
	c := &b.p.Classes[cl.Class]
	days := slices.Repeat([]int32{far}, len(c.Stay)) // by when it must run the version
	for _, j := range b.after[i] {
		w := &b.p.Clusters[j]
		for v := max(cl.Start, w.Start) + 1; v < min(len(days), len(b.p.Classes[w.Class].Stay)); v++ {
			days[v] = min(days[v], hop(j, v)-w.Soak)
		}
	}
	out := make([]int32, len(days))
	day := int32(far / 2)
	for v := len(out) - 1; v >= 0; v-- { // the versions on the way too
		day = min(day, days[v])
		out[v] = int32(c.ticks())
		switch {
		case v <= cl.Start || day >= far/2:
		case c.Forced[v-1] && c.ForceDay[v-1] <= day:
			if day = c.ForceDay[v-1]; v < 2 || !c.Forced[v-2] {
				day-- // it has to be at the version before by then; the provider may bring it there on the same day
			}
		default:
			last, _ := slices.BinarySearch(c.Day, day+1)
			out[v] = int32(last) - 1
		}
	}
	return out
}

// hopDay is the day of a cluster's own hop to a version, far where it does none.
func (b *builder) hopDay(i, version int) int32 {
	c := &b.p.Classes[b.p.Clusters[i].Class]
	for k := range b.schedules[i] {
		x := &b.schedules[i][k]
		if h := version - x.From - 1; h >= 0 && h < x.Hops {
			return c.Day[x.Ticks[h]]
		}
	}
	return far
}

// construct schedules chains one after the other and returns what they cost. A week that fills faster than the work
// goes on costs extra, so that the clusters that come last find room in every week and not in the unwanted ones alone.
func (b *builder) construct(teams []int, chains []chain) float64 {
	total := 0.0
	b.filling = filling{base: make(map[int][]float64, len(teams))}
	for _, team := range teams {
		b.filling.base[team] = b.price[team]
		b.price[team] = slices.Clone(b.price[team])
	}
	for _, ch := range chains {
		b.filling.of += len(ch)
	}
	for _, ch := range chains {
		b.filling.done, b.filling.wide = b.filling.next, len(ch) > wide
		b.filling.next += len(ch)
		if !b.filling.wide {
			for _, team := range teams {
				b.fill(team)
			}
		}
		total += b.insert(ch)
	}
	for _, team := range teams {
		b.price[team] = b.filling.base[team]
	}
	b.filling = filling{}
	return total
}

// filling is how far a construction has come.
type filling struct {
	base           map[int][]float64 // [team]: prices without extra
	done, next, of int               // clusters
	wide           bool              // the chain at hand is so wide that it competes with itself for room
}

// wide is the number of clusters from which on the extra of weeks changes within a chain.
const wide = 8

// fill sets the extra of the weeks of a team.
func (b *builder) fill(team int) {
	progress := float64(b.filling.done) / float64(b.filling.of)
	for w, price := range b.filling.base[team] {
		full := 1 - float64(b.room[team][w])/float64(max(1, b.p.Capacity[team][w]))
		b.price[team][w] = price + (b.p.Campaign+b.p.Hop)/2*max(0, full-progress)
	}
}

// place gives one cluster its cheapest schedule within what is left and takes the capacity. It reports whether there is one.
func (b *builder) place(i int, from, upto []int32) bool {
	cl := &b.p.Clusters[i]
	c := &b.p.Classes[cl.Class]
	if b.filling.wide {
		b.fill(cl.Team)
		b.filling.done = min(b.filling.done+1, b.filling.next)
	}
	l := limits{
		price:  b.price[cl.Team],
		order:  b.order[i].hops,
		force:  b.order[i].force,
		room:   b.room[cl.Team],
		from:   from,
		upto:   upto,
		closed: b.crowds.closed(b, i),
	}
	for {
		b.tb.fill(b.p, c, cl, &l)
		if !(b.tb.value(c, cl, &l) < inf) {
			b.schedules[i] = b.schedules[i][:0]
			b.settle(i)
			return false
		}
		b.schedules[i] = b.tb.schedule(c, cl, b.schedules[i])
		week, over := overfull(c, b.schedules[i], l.room)
		if !over {
			break
		}
		if l.single == nil {
			l.single = make([]bool, b.p.Weeks)
		}
		l.single[week] = true
	}
	b.take(i, 1)
	b.settle(i)
	return true
}

// overfull finds a week in which a schedule has more steps than there is room for.
func overfull(c *Class, s Schedule, room []int) (week int32, over bool) {
	last, n := int32(-1), 0
	for k := range s {
		for _, t := range s[k].used() {
			if c.Week[t] != last {
				last, n = c.Week[t], 0
			}
			if n++; n > room[last] {
				return last, true
			}
		}
	}
	return 0, false
}

// settle notes what the schedule of a cluster costs and when it comes to versions.
func (b *builder) settle(i int) {
	cl := &b.p.Clusters[i]
	c := &b.p.Classes[cl.Class]
	b.costs[i] = b.p.Cost(i, b.schedules[i])
	if b.days[i] == nil {
		b.days[i] = make([]int32, len(c.Stay))
	}
	days := b.days[i]
	for v := range days {
		days[v] = far
		if v <= cl.Start {
			days[v] = -far
		}
	}
	v, came := cl.Start, cl.Came
	for k := range b.schedules[i] {
		x := &b.schedules[i][k]
		for ; v < x.From; v++ {
			days[v+1] = c.ForceDay[v]
		}
		for _, t := range x.Ticks[:x.Hops] {
			v, came = v+1, t
			days[v] = c.Day[t]
		}
	}
	for last := c.brought(v, came, int32(c.ticks())); v < last; v++ {
		days[v+1] = c.ForceDay[v]
	}
}

func (b *builder) chainCost(ch chain) float64 {
	sum := 0.0
	for _, i := range ch {
		sum += b.costs[i]
	}
	return sum
}

// remove takes the schedules of a chain out and gives their capacity back.
func (b *builder) remove(ch chain) {
	for _, i := range ch {
		b.take(i, -1)
		b.schedules[i], b.costs[i] = b.schedules[i][:0], 0
	}
}

func (b *builder) take(i, sign int) {
	cl := &b.p.Clusters[i]
	c := &b.p.Classes[cl.Class]
	for k := range b.schedules[i] {
		for _, t := range b.schedules[i][k].used() {
			b.room[cl.Team][c.Week[t]] -= sign
		}
	}
	b.crowds.take(b, i, sign)
}
