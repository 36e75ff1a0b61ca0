package solver

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// chain is clusters that wait for one another, each after those that go before it. Chains are scheduled as a whole.
type chain []int

// part is chains whose teams meet. Parts do not touch and are solved apart.
type part struct {
	teams  []int
	chains []chain
}

func (pt part) clusters() int {
	n := 0
	for _, ch := range pt.chains {
		n += len(ch)
	}
	return n
}

// kind is the chains that look the same to the relaxation: the same classes, versions, soaks and order.
type kind struct {
	like   chain // the first of them
	number float64
	shape  string // the same for kinds of other parts that differ in nothing but the team
}

// topological orders clusters so that each comes after those that go before it, and by index where that leaves a choice.
// Clusters on a cycle have no place in it and come last; package fleet refuses cycles.
func topological(p *Problem, after [][]int) []int {
	waits, depth := make([]int, len(p.Clusters)), make([]int, len(p.Clusters))
	var ready, order []int
	for i, c := range p.Clusters {
		depth[i] = len(p.Clusters)
		if waits[i] = len(c.After); waits[i] == 0 {
			depth[i] = 0
			ready = append(ready, i)
		}
	}
	for len(ready) > 0 {
		i := ready[0]
		ready = ready[1:]
		for _, j := range after[i] {
			if waits[j]--; waits[j] == 0 {
				depth[j] = depth[i] + 1
				ready = append(ready, j)
			}
		}
	}
	for i := range p.Clusters {
		order = append(order, i)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(depth[a], depth[b]) })
	return order
}

// waiters lists for each cluster those that wait for it.
func waiters(p *Problem) [][]int {
	out := make([][]int, len(p.Clusters))
	for i, c := range p.Clusters {
		for _, before := range c.After {
			out[before] = append(out[before], i)
		}
	}
	return out
}

// heads are, by cluster and version, the first ticks in which the hop to it can be, whatever capacity there is: they follow from
// availability and the heads of the clusters before it plus soak. They hold in every feasible solution, so that they may narrow the
// relaxation.
func heads(p *Problem, order []int) [][]int32 {
	out, reach := make([][]int32, len(p.Clusters)), make([][]int32, len(p.Clusters))
	for _, i := range order {
		cl := &p.Clusters[i]
		c := &p.Classes[cl.Class]
		out[i] = readyTicks(p, cl, func(before, v int) int32 { return reach[before][v] })
		days := make([]int32, len(c.Stay))
		t := int32(cl.Begin)
		for v := range days {
			if v <= cl.Start {
				days[v] = -far
				continue
			}
			if t = max(t, c.From[v], out[i][v]); int(t) < c.ticks() {
				days[v] = c.Day[t]
			} else {
				days[v] = far
			}
			if c.Forced[v-1] {
				days[v], t = min(days[v], c.ForceDay[v-1]), min(t, c.Until[v-1])
			}
		}
		reach[i] = days
	}
	return out
}

// far is later than every day, and -far earlier.
const far = 1 << 30

// readyTicks is the first tick for the hop of a cluster to each version, given the days on which each cluster before it comes to the
// version or a later one.
func readyTicks(p *Problem, cl *Cluster, reach func(before, version int) int32) []int32 {
	c := &p.Classes[cl.Class]
	out := make([]int32, len(c.Stay))
	day := int32(-far)
	for v := cl.Start + 1; v < len(out); v++ {
		if cl.Ready != nil {
			day = max(day, cl.Ready[v])
		}
		for _, before := range cl.After {
			b := &p.Clusters[before]
			switch {
			case v <= b.Start:
			case v >= len(p.Classes[b.Class].Stay):
				day = far
			default:
				if at := reach(before, v); at > -far {
					day = max(day, min(at, far-cl.Soak)+cl.Soak)
				}
			}
		}
		out[v] = c.tickFrom(day)
	}
	return out
}

// parts splits the fleet. Within a part, chains with the oldest version come first, then the longest.
func parts(p *Problem, order []int) []part {
	team := func(i int) int { return p.Clusters[i].Team }
	chainOf := connect(len(p.Clusters), func(join func(a, b int)) {
		for i, c := range p.Clusters {
			for _, before := range c.After {
				join(i, before)
			}
		}
	})
	teamOf := connect(len(p.Capacity), func(join func(a, b int)) {
		for i := range p.Clusters {
			join(team(i), team(chainOf[i]))
		}
		for _, c := range p.Crowds {
			for _, i := range c.Clusters {
				join(team(i), team(c.Clusters[0]))
			}
		}
	})
	partAt, chainAt := map[int]int{}, map[int]int{}
	var out []part
	for _, i := range order {
		at, known := partAt[teamOf[team(i)]]
		if !known {
			at = len(out)
			partAt[teamOf[team(i)]] = at
			out = append(out, part{})
		}
		j, known := chainAt[chainOf[i]]
		if !known {
			j = len(out[at].chains)
			chainAt[chainOf[i]] = j
			out[at].chains = append(out[at].chains, nil)
		}
		out[at].chains[j] = append(out[at].chains[j], i)
	}
	for t, root := range teamOf {
		if at, used := partAt[root]; used {
			out[at].teams = append(out[at].teams, t)
		}
	}
	for _, pt := range out {
		slices.SortStableFunc(pt.chains, func(x, y chain) int {
			return cmp.Or(cmp.Compare(oldest(p, x), oldest(p, y)), cmp.Compare(len(y), len(x)))
		})
	}
	return out
}

func oldest(p *Problem, ch chain) int {
	return p.Clusters[slices.MinFunc(ch, func(a, b int) int { return cmp.Compare(p.Clusters[a].Start, p.Clusters[b].Start) })].Start
}

// connect is union and find: for each element the least one that it is joined with.
func connect(n int, edges func(join func(a, b int))) []int {
	root := make([]int, n)
	for i := range root {
		root[i] = i
	}
	find := func(i int) int {
		for root[i] != i {
			root[i] = root[root[i]]
			i = root[i]
		}
		return i
	}
	edges(func(a, b int) {
		if a, b = find(a), find(b); a != b {
			root[max(a, b)] = min(a, b)
		}
	})
	for i := range root {
		root[i] = find(i)
	}
	return root
}

// kinds groups the chains of a part, in order of their first one, and says which kind each chain is of. Apart makes every
// chain a kind of its own.
func kinds(p *Problem, chains []chain, apart bool) (out []kind, of []int) {
	index := map[string]int{}
	place := make([]int, len(p.Clusters)) // of a cluster in its chain
	var key []byte
	for _, ch := range chains {
		for j, i := range ch {
			place[i] = j
		}
		key = describe(p, key[:0], ch, place, true)
		at, known := index[string(key)]
		if !known || apart {
			at = len(out)
			index[string(key)] = at
			out = append(out, kind{like: ch, shape: string(describe(p, nil, ch, place, false))})
		}
		out[at].number++
		of = append(of, at)
	}
	return out, of
}

// describe adds all that the relaxation sees of a chain to a key, its teams where they count.
func describe(p *Problem, key []byte, ch chain, place []int, teams bool) []byte {
	for _, i := range ch {
		c := &p.Clusters[i]
		team, lagging := 0, 0
		if teams {
			team = c.Team
		}
		if c.Lagging {
			lagging = 1 + c.First
		}
		for _, n := range []int{c.Class, team, c.Start, c.Begin, lagging, int(c.Soak), len(c.Ready), len(c.After)} {
			key = binary.AppendUvarint(key, uint64(n))
		}
		for _, day := range c.Ready {
			key = binary.AppendVarint(key, int64(day))
		}
		for _, before := range c.After {
			key = binary.AppendUvarint(key, uint64(place[before]))
		}
	}
	return key
}
