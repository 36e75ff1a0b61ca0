package solver

import (
	"math"
	"slices"
)

// coarse is the problem with the openings of every week joined into one tick, in which a hop costs what it costs in the cheapest of them
// and any number of hops may be. Every schedule of the problem is one of the coarse problem that costs no more there, so that a bound for
// the latter holds for the former; it is found with far less work.
func (p *Problem) coarse() *Problem {
	out := *p
	made := map[*float64]int{} // classes that share their lists are made once
	out.Classes = make([]Class, len(p.Classes))
	for i := range p.Classes {
		c := &p.Classes[i]
		if at, known := made[&c.Stay[0]]; known {
			out.Classes[i] = out.Classes[at]
			continue
		}
		made[&c.Stay[0]] = i
		out.Classes[i] = c.joined()
	}
	out.Clusters = make([]Cluster, len(p.Clusters))
	for i, cl := range p.Clusters {
		c := &p.Classes[cl.Class]
		if cl.Begin < c.ticks() {
			cl.Begin = int(c.rank()[cl.Begin])
		} else {
			cl.Begin = out.Classes[cl.Class].ticks()
		}
		if cl.Came >= 0 {
			cl.Came = c.rank()[cl.Came]
		}
		out.Clusters[i] = cl
	}
	return &out
}

// rank is, by tick and one past the last, the place of its week among those that have ticks.
func (c *Class) rank() []int32 {
	out := make([]int32, c.ticks()+1)
	n := int32(-1)
	for t, week := range c.Week {
		if t == 0 || week != c.Week[t-1] {
			n++
		}
		out[t] = n
	}
	out[c.ticks()] = n + 1
	return out
}

// joined is a class with a tick for each of its weeks.
func (c *Class) joined() Class {
	of := c.rank()
	n := int(of[c.ticks()])
	out := Class{
		joins:    true,
		Forced:   c.Forced,
		ForceDay: c.ForceDay,
		Force:    slices.Clone(c.Force),
		Stay:     c.Stay,
		MaxHops:  c.MaxHops,
		Leave:    make([][]float64, len(c.Leave)),
	}
	for t, w := range of[:c.ticks()] {
		if int(w) == len(out.Day) {
			out.Day, out.Late, out.Week = append(out.Day, c.Day[t]), append(out.Late, c.Late[t]), append(out.Week, c.Week[t])
			out.Next, out.Free, out.Limit = append(out.Next, of[c.Next[t]]), append(out.Free, of[c.Free[t]]), append(out.Limit, 0)
		}
		out.Late[w] = max(out.Late[w], c.Late[t])
		out.Limit[w] = 0
		if c.Limit[t] > 0 {
			out.Limit[w] = of[c.Limit[t]-1] + 1
		}
	}
	for v, more := range c.Beyond {
		out.Force[v] += min(0, more) // nobody pays less
	}
	for v := range c.Stay {
		out.From = append(out.From, of[c.From[v]])
		out.Until = append(out.Until, of[c.Until[v]])
		last := int32(-1)
		if c.Last[v] >= 0 {
			last = of[c.Last[v]]
		}
		out.Last = append(out.Last, last)
		if c.Leave[v] == nil {
			continue
		}
		row := make([]float64, n)
		for i := range row {
			row[i] = math.Inf(1)
		}
		first := int32(0)
		if v+1 < len(c.From) {
			first = c.From[v+1]
		}
		for t := first; t <= c.Last[v]; t++ {
			row[of[t]] = min(row[of[t]], c.Leave[v][t])
		}
		out.Leave[v] = row
	}
	return out
}
