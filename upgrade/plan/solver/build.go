package solver

import "slices"

// builder holds the schedules of one component of the fleet while it is made and improved.
type builder struct {
	p         *Problem
	grain     float64     // by which the costs of two solutions differ at least, 0 when that is not known
	priced    []*Class    // [cluster]: its class, with the prices of order once they are known
	room      [][]int     // [team][week]: hops left
	price     [][]float64 // [team]: see limits
	tariffs   []tariff    // [team]: of the prices; of the teams of the chain at hand
	schedules []Schedule  // [cluster]
	costs     []float64   // [cluster]
	after     [][]int     // [cluster]: those that wait for it
	tb        table
	dated     bool    // days matter: classes have them
	pace      pace    // scratch memory
	first     [][]int // [cluster][version]: the first day on which the hop to it can be, as scheduled; of the chain at hand
	last      [][]int // and the last one
	need      []int
	heads     [][]int // [cluster]: from heads
}

func newBuilder(p *Problem, after [][]int, order []int) builder {
	b := builder{p: p, grain: grain(p), after: after, heads: heads(p, order), tariffs: make([]tariff, len(p.Capacity)),
		schedules: make([]Schedule, len(p.Clusters)), costs: make([]float64, len(p.Clusters)), priced: make([]*Class, len(p.Clusters))}
	b.dated = len(p.Classes) > 0 && p.Classes[0].Days != nil
	if b.dated {
		b.first, b.last = make([][]int, len(p.Clusters)), make([][]int, len(p.Clusters))
	}
	for i, c := range p.Clusters {
		b.priced[i] = &p.Classes[c.Class]
	}
	for _, c := range p.Capacity {
		b.room = append(b.room, slices.Clone(c))
		b.price = append(b.price, make([]float64, lots*p.Weeks))
	}
	return b
}

// insert schedules the clusters of a chain. It begins with the last cluster and asks of each one before it to be early
// enough; when that cannot be, it begins with the first. In a wide chain the first ones can keep many waiting, so that it is also tried
// what it costs when nobody has to.
func (b *builder) insert(ch chain) float64 {
	for k, i := range ch {
		if team := b.priced[i].Team; k == 0 || team != b.priced[ch[k-1]].Team {
			b.tariffs[team].set(b.p, b.price[team])
		}
	}
	for _, strict := range []bool{false, true} {
		if planned := b.backward(ch, strict, false); planned && b.fits(ch) {
			return b.hurry(ch, strict)
		}
		b.remove(ch)
		if !b.dated {
			break
		}
	}
	b.forward(ch, false)
	if len(ch) <= wide {
		return b.chainCost(ch)
	}
	late, kept := b.chainCost(ch), b.save([]chain{ch})
	b.remove(ch)
	if b.forward(ch, true); b.chainCost(ch) > late {
		b.restore([]chain{ch}, kept)
	}
	return b.chainCost(ch)
}

// hurry looks whether a chain that was scheduled from its last cluster on costs less when no hop is to wait within its week for those before it.
func (b *builder) hurry(ch chain, strict bool) float64 {
	cost, least := b.chainCost(ch), 0.0
	if !b.dated {
		return cost
	}
	for _, i := range ch {
		least += b.p.Cost(i, b.schedules[i])
	}
	if cost <= least+1e-6 {
		return cost
	}
	waits, dear := b.save([]chain{ch}), cost+b.toll(ch)
	b.remove(ch)
	if planned := b.backward(ch, strict, true); planned && b.fits(ch) && b.chainCost(ch)+b.toll(ch) < dear {
		return b.chainCost(ch)
	}
	b.restore([]chain{ch}, waits)
	return cost
}

// toll is what the hops of a chain pay for capacity.
func (b *builder) toll(ch chain) float64 {
	sum := 0.0
	for _, i := range ch {
		class := &b.p.Classes[b.p.Clusters[i].Class]
		for _, k := range b.schedules[i] {
			for h := range k.To - k.From {
				sum += hopPrice(b.price[class.Team], b.p.Weeks, k.Week+h*class.Spacing, class.least(h)+1)
			}
		}
	}
	return sum
}

// wide is the number of clusters from which on a chain gets the second look.
const wide = 8

// forward schedules a chain from its first cluster on. Early asks every cluster, where it can, to keep none waiting beyond what they would wait
// for anyway.
func (b *builder) forward(ch chain, early bool) {
	for _, i := range ch {
		ready, pc := b.readyNow(i), (*pace)(nil)
		if b.dated {
			pc = b.begin(&b.pace, i, true)
			b.behind(i, pc)
			ready = pc.readyIn(b.p.Weeks)
		}
		if !early || len(b.after[i]) == 0 || !b.place(i, ready, b.soonest(i), pc) {
			b.place(i, ready, nil, pc)
		}
		if b.dated {
			b.date(i, pc)
		}
	}
}

// soonest is the least version that cluster i must run in each week so that those that wait for it could hop at their heads.
func (b *builder) soonest(i int) []int {
	b.clearNeed()
	for _, j := range b.after[i] {
		c := &b.p.Clusters[j]
		for v := c.Start + 1; v < len(b.heads[j]); v++ {
			b.want(v, max(b.heads[j][v], b.p.Classes[c.Class].Avail[v])-c.Soak)
		}
	}
	return b.need
}

// construct schedules chains one after the other and returns what they cost. A week that fills faster than the work
// goes on costs extra, so that the chains that come last find room in every week and not in the unwanted ones alone.
func (b *builder) construct(teams []int, chains []chain) float64 {
	total := 0.0
	base := make(map[int][]float64, len(teams))
	for _, team := range teams {
		base[team] = b.price[team]
		b.price[team] = slices.Clone(b.price[team])
	}
	for i, ch := range chains {
		progress := float64(i) / float64(len(chains))
		for _, team := range teams {
			for t, price := range base[team][:b.p.Weeks] {
				full := 1 - float64(b.room[team][t])/float64(max(1, b.p.Capacity[team][t]))
				b.price[team][t] = price + (b.p.Campaign+b.p.Hop)/2*max(0, full-progress)
			}
		}
		total += b.insert(ch)
	}
	for _, team := range teams {
		b.price[team] = base[team]
	}
	return total
}

// backward schedules a chain from its last cluster on, and reports whether every cluster could be early enough for those after it: for the
// openings that they take at the latest or, with hurry, for the last ones that cost them nothing.
func (b *builder) backward(ch chain, strict, hurry bool) bool {
	for _, i := range slices.Backward(ch) {
		if !b.dated {
			if !b.place(i, b.heads[i], b.needOf(i), nil) {
				return false
			}
			continue
		}
		pc := b.begin(&b.pace, i, strict)
		need := b.before(i, pc)
		if !b.place(i, b.heads[i], need, pc) || !b.latest(i, pc, hurry) {
			return false
		}
	}
	return true
}

func (b *builder) chainCost(ch chain) float64 {
	sum := 0.0
	for _, i := range ch {
		sum += b.costs[i]
	}
	return sum
}

// place gives one cluster its cheapest schedule within what is left and takes the capacity. It reports whether there is one.
func (b *builder) place(i int, ready, need []int, pc *pace) bool {
	if pc != nil {
		pc.mark()
	}
	c := &b.p.Clusters[i]
	class := b.priced[i]
	b.tb.fill(b.p, class, c.Start, limits{price: b.price[class.Team], tariff: b.tariffs[class.Team], room: b.room[class.Team], ready: ready, need: need, pace: pc})
	if b.tb.toGo[c.Start] >= forbidden/2 {
		return false
	}
	b.schedules[i] = b.tb.schedule(b.p, class, c.Start, b.schedules[i])
	b.take(i, 1)
	b.costs[i] = b.p.Cost(i, b.schedules[i])
	return true
}

// remove takes the schedules of a chain out and gives their capacity back.
func (b *builder) remove(ch chain) {
	for _, i := range ch {
		b.take(i, -1)
		b.schedules[i], b.costs[i] = b.schedules[i][:0], 0
	}
}

func (b *builder) take(i, sign int) {
	class := &b.p.Classes[b.p.Clusters[i].Class]
	room := b.room[class.Team]
	for _, k := range b.schedules[i] {
		for h := range k.To - k.From {
			room[k.Week+h*class.Spacing] -= sign
		}
	}
}

// readyNow is when the clusters before i, as scheduled, let it hop to each version.
func (b *builder) readyNow(i int) []int {
	return readyAfter(b.p, &b.p.Clusters[i], func(before, v int) int { return b.reach(before, v) })
}

// reach is the week in which a cluster as scheduled comes to a version.
func (b *builder) reach(i, version int) int {
	spacing := b.p.Classes[b.p.Clusters[i].Class].Spacing
	for _, k := range b.schedules[i] {
		if k.To >= version {
			return k.Week + (version-k.From-1)*spacing
		}
	}
	return b.p.Weeks
}

// needOf is the least version that cluster i must run in each week so that the clusters that wait for it can do what they planned.
func (b *builder) needOf(i int) []int {
	if len(b.after[i]) == 0 {
		return nil
	}
	b.clearNeed()
	for _, j := range b.after[i] {
		c := &b.p.Clusters[j]
		spacing := b.p.Classes[c.Class].Spacing
		for _, k := range b.schedules[j] {
			for h := range k.To - k.From { // every hop wants its version to be run before it
				b.want(k.From+h+1, k.Week+h*spacing-c.Soak)
			}
		}
	}
	return b.need
}

func (b *builder) clearNeed() {
	if b.need == nil {
		b.need = make([]int, b.p.Weeks)
	}
	clear(b.need)
}

// want asks for a version from a week on.
func (b *builder) want(version, week int) {
	for t := max(0, week); t < b.p.Weeks && b.need[t] < version; t++ {
		b.need[t] = version
	}
}
