package eval

import "slices"

// everyone is all rules in their order.
func (g *graph) everyone() []int {
	all := make([]int, len(g.next))
	for i := range all {
		all[i] = i
	}
	return all
}

// together lists the rules in parts whose order is such that each part reads what earlier parts write, and no later one's: rules that read
// one another's series are in one part, in their order.
func (g *graph) together() [][]int {
	t := tarjan{next: g.next, seen: make([]int, len(g.next)), low: make([]int, len(g.next)), open: make([]bool, len(g.next))}
	for i := range g.next {
		if t.seen[i] == 0 {
			t.visit(i)
		}
	}
	slices.Reverse(t.parts)
	return t.parts
}

// tarjan finds the strongly connected parts of a graph, the last first: R. Tarjan, Depth-first search and linear graph algorithms,
// SIAM Journal on Computing 1 (1972).
type tarjan struct {
	next      [][]int
	count     int
	seen, low []int
	open      []bool
	stack     []int
	parts     [][]int
}

func (t *tarjan) visit(i int) {
	t.count++
	t.seen[i], t.low[i], t.open[i] = t.count, t.count, true
	t.stack = append(t.stack, i)
	for _, j := range t.next[i] {
		if t.seen[j] == 0 {
			t.visit(j)
			t.low[i] = min(t.low[i], t.low[j])
		} else if t.open[j] {
			t.low[i] = min(t.low[i], t.seen[j])
		}
	}
	if t.low[i] != t.seen[i] {
		return
	}
	at := slices.Index(t.stack, i)
	part := slices.Clone(t.stack[at:])
	for _, j := range part {
		t.open[j] = false
	}
	t.stack = t.stack[:at]
	slices.Sort(part)
	t.parts = append(t.parts, part)
}
