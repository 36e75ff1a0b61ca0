package solver

import "cmp"

// node is a part of the solutions: for each member and version the ticks in which it may hop to it.
type node struct {
	domains  [][]window
	bound    float64
	member   int // what to split next: where the relaxed schedules disagree most
	version  int
	at, made int32
}

// window is the range of ticks in which a member hops to a version; the number of ticks stands for never, or for being brought there by
// the provider.
type window struct{ from, to int32 }

// nodes is a heap: the least bound first, and the earlier made among equals.
type nodes []*node

func (n nodes) Len() int { return len(n) }
func (n nodes) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(n[i].bound, n[j].bound), cmp.Compare(n[i].made, n[j].made)) < 0
}
func (n nodes) Swap(i, j int) { n[i], n[j] = n[j], n[i] }

// Push adds a node; it is for package heap.
func (n *nodes) Push(x any) { *n = append(*n, x.(*node)) }

// Pop takes the last node away; it is for package heap.
func (n *nodes) Pop() any {
	old := *n
	x := old[len(old)-1]
	*n = old[:len(old)-1]
	return x
}

// patience is how many times members are searched before a proof has to show that it gets on.
const patience = 1200

// progress ends proofs that get nowhere: the gap must fall by a tenth each time that so many nodes were made.
type progress struct {
	pause, next int
	gap         float64
}

func (p *progress) goesOn(made int, gap float64) bool {
	if made < p.next {
		return true
	}
	better := gap < 0.9*p.gap
	p.gap, p.next = gap, made+p.pause
	return better
}
