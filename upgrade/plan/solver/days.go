package solver

import "slices"

// far is later than every day, and -far earlier.
const far = 1 << 40

// pace is what days ask of the hops of one cluster beyond what weeks do. A nil pace asks for nothing.
type pace struct {
	days   [][]int // of its class
	apart  int
	rest   int
	from   []int  // [version]: the first day on which the hop to it may be
	upto   []int  // [version]: the last one
	tight  []bool // [week]: one of those days lies within the week
	strict bool   // a campaign takes the one before it to have ended with the last opening of its week
}

// at is the first opening of a week, from a position on, that begins on a day or later and in which the hop to a version may be; -1 if there is none.
func (pc *pace) at(week, position, version, day int) int {
	days := pc.days[week]
	day = max(day, pc.from[version])
	for position < len(days) && days[position] < day {
		position++
	}
	if position >= len(days) || days[position] > pc.upto[version] {
		return -1
	}
	return position
}

// soonest is the earliest day on which a campaign may begin in a week.
func (pc *pace) soonest(week int) int {
	if !pc.strict {
		return -far
	}
	for w := week - pc.rest; w >= 0 && w*7 > week*7-pc.apart-14; w-- {
		if n := len(pc.days[w]); n > 0 {
			return pc.days[w][n-1] + pc.apart
		}
	}
	return -far
}

// weekFrom is the first week with an opening on a day or later.
func weekFrom(days [][]int, day int) int {
	t := min(max(0, day/7-2), len(days))
	for t < len(days) && (len(days[t]) == 0 || days[t][len(days[t])-1] < day) {
		t++
	}
	return t
}

// weekUpTo is the last week with an opening on a day or earlier, -1 if there is none.
func weekUpTo(days [][]int, day int) int {
	t := min(max(0, day/7+2), len(days)-1)
	for t >= 0 && (len(days[t]) == 0 || days[t][0] > day) {
		t--
	}
	return t
}

// firstDay is the day of the first opening from a week on, on a day or later.
func firstDay(days [][]int, week, day int) int {
	for _, openings := range days[min(max(week, weekFrom(days, day)), len(days)):] {
		for _, d := range openings {
			if d >= day {
				return d
			}
		}
	}
	return far
}

// begin forgets what was asked of another cluster.
func (b *builder) begin(pc *pace, i int, strict bool) *pace {
	c := &b.p.Clusters[i]
	class := &b.p.Classes[c.Class]
	pc.days, pc.apart, pc.rest, pc.strict = class.Days, class.Apart, class.Rest, strict && class.slow()
	pc.from, pc.upto = pc.from[:0], pc.upto[:0]
	for v := range class.Avail {
		day := -far
		if c.From != nil {
			day = c.From[v]
		}
		pc.from, pc.upto = append(pc.from, day), append(pc.upto, far)
	}
	if pc.tight == nil {
		pc.tight = make([]bool, b.p.Weeks)
	}
	return pc
}

// mark finds the weeks in which days matter.
func (pc *pace) mark() {
	clear(pc.tight)
	for v := range pc.from {
		if pc.from[v] > -far {
			if t := weekFrom(pc.days, pc.from[v]); t < len(pc.days) {
				pc.tight[t] = true
			}
		}
		if pc.upto[v] < far {
			if t := weekUpTo(pc.days, pc.upto[v]); t >= 0 {
				pc.tight[t] = true
			}
		}
	}
}

func (c *Class) slow() bool { return c.Rest > 1 || c.Spacing > 0 }

// before narrows the days of cluster i to those that leave the clusters which wait for it what they planned, and says which version it
// must run in each week for that.
func (b *builder) before(i int, pc *pace) (need []int) {
	if len(b.after[i]) == 0 {
		return nil
	}
	b.clearNeed()
	for _, j := range b.after[i] {
		c := &b.p.Clusters[j]
		for _, k := range b.schedules[j] {
			for v := k.From + 1; v <= min(k.To, len(pc.upto)-1); v++ {
				pc.upto[v] = min(pc.upto[v], b.last[j][v]-c.SoakDays)
			}
		}
	}
	for v, day := range pc.upto {
		if v > b.p.Clusters[i].Start && day < far {
			b.want(v, weekUpTo(pc.days, day))
		}
	}
	return b.need
}

// behind narrows the days of cluster i to those that the clusters before it leave, as scheduled.
func (b *builder) behind(i int, pc *pace) {
	c := &b.p.Clusters[i]
	for v := c.Start + 1; v < len(pc.from); v++ {
		pc.from[v] = max(pc.from[v], pc.from[v-1])
		for _, l := range c.After {
			switch {
			case v <= b.p.Clusters[l].Start:
			case v >= len(b.first[l]):
				pc.from[v] = far
			default:
				pc.from[v] = max(pc.from[v], b.first[l][v]+c.SoakDays)
			}
		}
	}
}

// readyIn are the weeks in which the days of a pace begin, by version.
func (pc *pace) readyIn(weeks int) []int {
	ready := make([]int, len(pc.from))
	for v, day := range pc.from {
		if day > -far {
			ready[v] = min(weekFrom(pc.days, day), weeks)
		}
	}
	return ready
}

// hops gives every hop of a schedule its version and week; yield ends the walk when it returns false.
func (s Schedule) hops(spacing int, yield func(version, week int) bool) {
	for _, k := range s {
		for h := range k.To - k.From {
			if !yield(k.From+h+1, k.Week+h*spacing) {
				return
			}
		}
	}
}

// date gives every hop of cluster i the first opening of its week that its pace allows, adds what it waits for that to the cost of the cluster,
// and reports whether all have one.
func (b *builder) date(i int, pc *pace) bool {
	first, class := unset(&b.first[i], len(pc.from), far), &b.p.Classes[b.p.Clusters[i].Class]
	position, week, day, ok := -1, -1, -far, true
	least := 0 // the opening without days
	b.schedules[i].hops(class.Spacing, func(v, w int) bool {
		least++
		if w != week {
			position, least = -1, 0
		}
		if position = pc.at(w, position+1, v, day+pc.apart); position < 0 {
			ok = false
			return false
		}
		week, day = w, pc.days[w][position]
		first[v] = day
		b.costs[i] += class.wait(v-1, w, position) - class.wait(v-1, w, least)
		return true
	})
	return ok
}

// latest gives every hop of cluster i the last opening of its week that its pace allows, with hurry the last of those that cost least, and
// reports whether all have one.
func (b *builder) latest(i int, pc *pace, hurry bool) bool {
	last, class := unset(&b.last[i], len(pc.upto), far), &b.p.Classes[b.p.Clusters[i].Class]
	position, week, day := -1, -1, far
	for _, k := range slices.Backward(b.schedules[i]) {
		for h := k.To - k.From - 1; h >= 0; h-- {
			v, w := k.From+h+1, k.Week+h*class.Spacing
			if w != week {
				position = len(pc.days[w])
			}
			for position--; position >= 0 && pc.days[w][position] > min(pc.upto[v], day-pc.apart); position-- {
			}
			for least := class.least(h); hurry && position > least && class.wait(v-1, w, position) > class.wait(v-1, w, least); position-- {
			}
			if position < 0 {
				return false
			}
			week, day = w, pc.days[w][position]
			last[v] = day
		}
	}
	return true
}

func unset(x *[]int, n, value int) []int {
	*x = (*x)[:0]
	for range n {
		*x = append(*x, value)
	}
	return *x
}

// fits gives every hop of a chain that was just scheduled its opening, and reports whether each has one of its week, with the soak of those that wait.
func (b *builder) fits(ch chain) bool {
	if !b.dated {
		return true
	}
	for _, i := range ch {
		pc := b.begin(&b.pace, i, false)
		if b.behind(i, pc); !b.date(i, pc) {
			return false
		}
	}
	return true
}

// feasible reports whether the schedules of a part keep capacity and days; the weeks of those that wait must be in order.
func (b *builder) feasible(pt part) bool {
	return b.roomy(pt) && !slices.ContainsFunc(pt.chains, func(ch chain) bool { return !b.fits(ch) })
}

// roomy reports whether the schedules of a part keep capacity.
func (b *builder) roomy(pt part) bool {
	return !slices.ContainsFunc(pt.teams, func(team int) bool {
		return slices.ContainsFunc(b.room[team], func(room int) bool { return room < 0 })
	})
}
