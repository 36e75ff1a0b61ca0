package solver

// schedule follows a table that was filled for a cluster.
func (tb *table) schedule(c *Class, cl *Cluster, into Schedule) Schedule {
	into = into[:0]
	v, old, came, n := cl.Start, cl.Lagging, cl.Came, int32(tb.n)
	for t := int32(cl.Begin); t < n; {
		if c.Forced[v] && came < c.Until[v] && t >= c.Until[v] {
			v, old, came = v+1, false, c.Until[v]-1
			continue
		}
		k := tb.pick[v][t]
		if old {
			k = tb.oldPick[t]
		}
		switch {
		case k == rollout:
			into = append(into, Campaign{From: v, Ticks: [maxHops]int32{t}})
			t, old = tb.free[t], false
		case k > 0:
			run := Campaign{From: v, Hops: int(k), Ticks: tb.campaign(c, v, t, int(k))}
			into = append(into, run)
			came = run.Ticks[k-1]
			t, v, old = tb.next[came], v+int(k), false
		default:
			t++
		}
	}
	return into
}

// brought follows what the provider does to a cluster that came to a version in a tick and stays there until another one, and returns
// where it is then.
func (c *Class) brought(v int, came, until int32) int {
	for c.Forced[v] && came < c.Until[v] && c.Until[v] <= until {
		v, came = v+1, c.Until[v]-1
	}
	return v
}

// campaign finds the ticks of a campaign of some hops that begins with the hop from a version in a tick.
func (tb *table) campaign(c *Class, v int, t int32, hops int) (out [maxHops]int32) {
	out[0] = t
	switch hops {
	case 2:
		out[1] = tb.second[v][t]
	case 3:
		best := inf
		for second := max(tb.next[t], int32(tb.from[v+1])); second < min(c.stop(v+1, t, c.Limit[t]), int32(tb.past[v+1])); second++ {
			third := tb.cheapest(v+2, tb.next[second], c.stop(v+2, second, c.Limit[t]))
			if third < 0 {
				continue
			}
			if x := tb.cost[v+1][second] + tb.one[v+2][third]; x < best {
				best, out[1], out[2] = x, second, third
			}
		}
	}
	return out
}

// stop is the first tick that is too late for the hop from a version to which a cluster came in another one.
func (c *Class) stop(v int, came, limit int32) int32 {
	if until, within := c.bounds(v); came < until {
		return min(limit, within)
	}
	return limit
}

// cheapest is the tick of a range in which a campaign that ends with the hop from a version costs least; -1 where there is none.
func (tb *table) cheapest(v int, from, to int32) int32 {
	best, at := inf, int32(-1)
	for t := max(from, int32(tb.from[v])); t < min(to, int32(tb.past[v])); t++ {
		if tb.one[v][t] < best {
			best, at = tb.one[v][t], t
		}
	}
	return at
}
