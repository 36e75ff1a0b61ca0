package solver

import (
	"math"
	"slices"
)

// outlined is the problem with what its classes cost in the order in which tables read it, shared by classes that share their lists.
func (p *Problem) outlined() *Problem {
	type source struct {
		hold, wait *[]float64
		most       *int
	}
	made := map[source]int{}
	out := *p
	out.Classes = slices.Clone(p.Classes)
	for i := range out.Classes {
		c := &out.Classes[i]
		key := source{&c.Hold[0], &c.Wait[0], &c.MaxHops[0]}
		if at, known := made[key]; known {
			c.holding, c.leaving = out.Classes[at].holding, out.Classes[at].leaving
			continue
		}
		made[key] = i
		c.outline(p.Weeks)
	}
	return &out
}

func (c *Class) outline(weeks int) {
	n := len(c.Avail)
	c.holding, c.leaving = make([]float64, weeks*n), slices.Repeat([]float64{math.Inf(1)}, weeks*n*lots)
	for v := range n {
		for t, cost := range c.Hold[v] {
			c.holding[t*n+v] = cost
		}
		for t := range weeks {
			sum := 0.0
			for k := range min(c.MaxHops[v], lots, n-1-v, c.Open[t]) {
				sum += c.wait(v+k, t, k)
				c.leaving[(t*n+v)*lots+k] = sum
			}
		}
	}
}
