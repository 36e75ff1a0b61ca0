package solver

import "slices"

// prices are what the search for prices of one part found, as a start for parts that are like it. Any prices give a valid bound, so that
// how like they are only matters to how soon the search ends.
type prices struct {
	room  []float64              // of its first team
	order map[string][][]float64 // by shape of the kind: of its links in order
}

// found are the prices of a relaxation.
func (r *relaxation) found() *prices {
	out := &prices{room: slices.Clone(r.room[r.teams[0]].x), order: map[string][][]float64{}}
	for i := range r.links {
		l := &r.links[i]
		shape := r.kinds[r.members[l.b].kind].shape
		out.order[shape] = append(out.order[shape], slices.Clone(l.price.x))
	}
	return out
}

// start takes prices over where they are worth more than none, and returns the value of the relaxation.
func (r *relaxation) start(from *prices) float64 {
	level := r.evaluate()
	if from == nil {
		return level
	}
	for _, t := range r.teams {
		copy(r.room[t].x, from.room)
	}
	used := map[int]int{} // links of a kind so far
	for i := range r.links {
		l := &r.links[i]
		k := r.members[l.b].kind
		if known := from.order[r.kinds[k].shape]; used[k] < len(known) && len(known[used[k]]) == len(l.price.x) {
			copy(l.price.x, known[used[k]])
			l.remember()
		}
		used[k]++
	}
	if warm := r.evaluate(); warm > level {
		return warm
	}
	for _, a := range r.ascents() {
		clear(a.x)
	}
	return level
}

// remember marks the versions that have prices.
func (l *link) remember() {
	n := len(l.price.x) / len(l.moved)
	for v := range l.moved {
		l.moved[v] = slices.ContainsFunc(l.price.x[v*n:(v+1)*n], func(x float64) bool { return x > 0 })
	}
}
