package solver

import "slices"

// crowds watch how many clusters of each crowd are worked on when. A builder has one for all of its components, which never share a crowd.
type crowds struct {
	of   [][]int // [cluster]: its crowds
	busy [][]stretch
}

// stretch is a time in which a cluster of a crowd is worked on.
type stretch struct {
	from, to int64 // minutes, to excluded
	cluster  int
	kept     bool // whatever the search does
}

func newCrowds(p *Problem) *crowds {
	if len(p.Crowds) == 0 {
		return nil
	}
	out := &crowds{of: make([][]int, len(p.Clusters)), busy: make([][]stretch, len(p.Crowds))}
	for k, c := range p.Crowds {
		for _, i := range c.Clusters {
			out.of[i] = append(out.of[i], k)
			for _, t := range p.Clusters[i].Kept {
				at := stretchOf(p, k, &p.Classes[p.Clusters[i].Class], t)
				at.cluster, at.kept = i, true
				out.busy[k] = append(out.busy[k], at)
			}
		}
	}
	return out
}

// stretchOf is the time that a tick takes of a crowd: the opening, or its whole day.
func stretchOf(p *Problem, crowd int, c *Class, t int32) stretch {
	if p.Crowds[crowd].ByDay {
		const day = 24 * 60
		return stretch{from: int64(c.Day[t]) * day, to: int64(c.Day[t])*day + day}
	}
	return stretch{from: c.Begin[t], to: c.End[t]}
}

// take books the ticks of a cluster's schedule, or with a sign below zero gives them back.
func (x *crowds) take(b *builder, i, sign int) {
	if x == nil {
		return
	}
	for _, k := range x.of[i] {
		if sign < 0 {
			x.busy[k] = slices.DeleteFunc(x.busy[k], func(s stretch) bool { return s.cluster == i && !s.kept })
			continue
		}
		c := &b.p.Classes[b.p.Clusters[i].Class]
		for s := range b.schedules[i] {
			for _, t := range b.schedules[i][s].used() {
				at := stretchOf(b.p, k, c, t)
				at.cluster = i
				x.busy[k] = append(x.busy[k], at)
			}
		}
	}
}

// closed are the ticks in which as many other clusters of a crowd are worked on as may be; nil for none.
func (x *crowds) closed(b *builder, i int) []bool {
	if x == nil || len(x.of[i]) == 0 {
		return nil
	}
	c := &b.p.Classes[b.p.Clusters[i].Class]
	out := make([]bool, c.ticks())
	for _, k := range x.of[i] {
		for t := range out {
			out[t] = out[t] || x.crowded(b.p, k, stretchOf(b.p, k, c, int32(t)), i)
		}
	}
	return out
}

// crowded reports whether at some moment of a time as many other clusters are worked on as may be.
func (x *crowds) crowded(p *Problem, crowd int, at stretch, cluster int) bool {
	most := p.Crowds[crowd].Most
	moments := []int64{at.from}
	for _, s := range x.busy[crowd] {
		if s.from > at.from && s.from < at.to {
			moments = append(moments, s.from)
		}
	}
	for _, m := range moments {
		var others []int
		for _, s := range x.busy[crowd] {
			if s.from <= m && m < s.to && s.cluster != cluster && !slices.Contains(others, s.cluster) {
				others = append(others, s.cluster)
			}
		}
		if len(others) >= most {
			return true
		}
	}
	return false
}

// broken reports whether a cluster is worked on when too many others of a crowd are.
func (x *crowds) broken(b *builder, i int) bool {
	closed := x.closed(b, i)
	for k := range b.schedules[i] {
		for _, t := range b.schedules[i][k].used() {
			if closed != nil && closed[t] {
				return true
			}
		}
	}
	return false
}
