package eval

import (
	"maps"
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	"treadmill/rules"
)

// Keep goes on without the rules that are not to be kept.
func (e *Evaluator) Keep(is func(*rules.Rule) bool) {
	e.rules = slices.DeleteFunc(slices.Clone(e.rules), func(r *rule) bool { return !is(r.Rule) })
}

// Snapshot is an evaluator as it was at one moment, to fork from once the evaluator has gone on.
type Snapshot struct {
	eval  Evaluator
	marks map[*series]int // how many samples each series had
	graph *graph
}

// Snapshot keeps the evaluator as it is now. It must be taken before anything is appended for the next evaluation.
func (e *Evaluator) Snapshot() *Snapshot {
	s := &Snapshot{eval: *e, marks: map[*series]int{}, graph: newGraph(e.rules)}
	s.eval.rules = copiedRules(e.rules)
	for _, all := range e.store.byName {
		for _, one := range all {
			s.marks[one] = len(one.samples)
		}
	}
	return s
}

func copiedRules(all []*rule) []*rule {
	var out []*rule
	for _, r := range all {
		c := *r
		c.active = maps.Clone(r.active)
		for h, a := range r.active {
			one := *a
			c.active[h] = &one
		}
		out = append(out, &c)
	}
	return out
}

// Fork is an evaluator that goes on from the moment of a snapshot in a world where some series go another way than they
// went. It has a store of its own and evaluates only rules that can notice; what the others gave is there already, up to
// where the first evaluator came, which must not go on meanwhile. Every evaluation gives what one of all rules would give.
func (s *Snapshot) Fork(changed []labels.Labels) *Fork {
	f := &Fork{changed: map[uint64]bool{}, all: s.graph.peeks}
	f.affected = s.graph.affected(changed)
	f.Evaluator = s.eval
	var some []*rule
	for i, r := range s.eval.rules {
		if f.affected[i] {
			some = append(some, r)
			f.writes = append(f.writes, s.graph.writes[i])
		}
	}
	for _, ls := range changed {
		f.changed[ls.Hash()] = true
	}
	f.rules = copiedRules(some)
	f.store = NewStore()
	for _, all := range s.eval.store.byName {
		for _, one := range all {
			if f.Owns(one.labels) {
				n := s.marks[one]
				one = &series{labels: one.labels, samples: one.samples[:n:n]}
			}
			f.store.add(one)
		}
	}
	return f
}

// Fork is an evaluator that has gone another way.
type Fork struct {
	Evaluator
	all      bool
	affected []bool
	changed  map[uint64]bool
	writes   []writes
}

// Evaluates reports whether the fork evaluates a rule, by its place among all rules.
func (f *Fork) Evaluates(i int) bool { return f.affected[i] }

// Store is where the samples of the series that the fork owns must be appended.
func (f *Fork) Store() *Store { return f.store }

// Owns reports whether a series goes its own way in the fork; all others have their samples already.
func (f *Fork) Owns(ls labels.Labels) bool {
	if f.all || f.changed[ls.Hash()] {
		return true
	}
	for i := range f.writes {
		if f.writes[i].maybe(ls) {
			return true
		}
	}
	return false
}
