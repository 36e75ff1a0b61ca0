package prove

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"treadmill/rules"
	"treadmill/rules/eval"
)

// stage is scenarios and the rules that they are played to.
type stage struct {
	scenarios []Scenario
	parts     []part
	routing   Routing
	network   *eval.Network
	laid      map[int][]track // the healthy world of each size
}

// part is what a scenario has to do with the rules.
type part struct {
	*Scenario
	marked []bool // the rules that it concerns, by their order
	same   int    // the first scenario that is played just so
}

// setting is what scenarios of one healthy world have in common.
type setting struct {
	history model.Duration
	nodes   int
}

func (s *stage) setting(i int) setting { return setting{s.scenarios[i].History, s.scenarios[i].Nodes} }

// cast finds for each scenario the rules that it concerns, and whether another one is played just so.
func (s *stage) cast() {
	known := map[[sha256.Size]byte]int{}
	for i := range s.scenarios {
		one := &s.scenarios[i]
		if s.laid[one.Nodes] == nil {
			s.laid[one.Nodes] = one.healthy()
		}
		old := s.laid[one.Nodes]
		tracks := one.changed(slices.Clone(old))
		p := part{Scenario: one, marked: s.marked(one, changes(tracks, len(old)))}
		key := played(one, tracks, s.network.Part(p.marked))
		if _, seen := known[key]; !seen {
			known[key] = i
		}
		p.same = known[key]
		s.parts = append(s.parts, p)
	}
}

// marked are the rules that a scenario concerns: all of them where nothing happens.
func (s *stage) marked(one *Scenario, changed []labels.Labels) []bool {
	marked := s.network.Concerned(changed, s.routing.matters)
	if len(one.Changes) == 0 {
		for i := range marked {
			marked[i] = true
		}
	}
	return marked
}

// played is a key of all that the rules of a part see of a scenario.
func played(s *Scenario, tracks []track, seen *eval.Part) [sha256.Size]byte {
	h := sha256.New()
	fmt.Fprintln(h, s.History, s.Lasts, s.After)
	for _, t := range tracks {
		if seen.Reads(t.labels) {
			fmt.Fprintln(h, t.labels, t.usual, t.change)
		}
	}
	for _, g := range seen.Groups {
		for _, r := range g.Rules {
			fmt.Fprintln(h, g.Name, r.Name(), r.Expr)
		}
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// first lists the scenarios that are played, those that take longest before the others.
func (s *stage) first() []int {
	var out []int
	for i, p := range s.parts {
		if p.same == i {
			out = append(out, i)
		}
	}
	slices.SortStableFunc(out, func(a, b int) int {
		x, y := s.scenarios[a], s.scenarios[b]
		return cmp.Or(cmp.Compare(y.Nodes, x.Nodes), cmp.Compare(y.History, x.History), y.end().Compare(x.end()))
	})
	return out
}

// world is a healthy world, played to rules: where everything stood before the event could begin, and what was heard.
type world struct {
	*player
	before *eval.Snapshot
	tracks []track // as they stood before the event
	places []int   // of its rules among all rules
}

// calm plays a world in which nothing happens to the rules that scenarios of one setting concern, to each as long as one of them looks.
func (s *stage) calm(ctx context.Context, of setting) *world {
	var until []time.Time
	marked := make([]bool, len(s.parts[0].marked))
	ends := make([]time.Time, len(marked))
	var first *Scenario
	for i, p := range s.parts {
		if p.same != i || s.setting(i) != of {
			continue
		}
		first, until = p.Scenario, append(until, p.end())
		for r, is := range p.marked {
			if is {
				marked[r], ends[r] = true, later(ends[r], p.end())
			}
		}
	}
	seen := s.network.Part(marked)
	tracks := slices.DeleteFunc(slices.Clone(s.laid[of.nodes]), func(t track) bool { return !seen.Reads(t.labels) })
	p := newPlayer(first, tracks, seen.Groups, s.routing)
	w := &world{player: p}
	for i, is := range marked {
		if is {
			w.places = append(w.places, i)
		}
	}
	p.play(ctx, p.first(), begin().Add(-Step))
	w.before, w.tracks = p.eval.Snapshot(), slices.Clone(p.tracks)
	from := begin()
	slices.SortFunc(until, time.Time.Compare)
	for _, to := range slices.Compact(until) {
		p.eval.Keep(func(r *rules.Rule) bool { return !ends[w.places[p.rules[r]]].Before(to) })
		p.play(ctx, from, to)
		from = to.Add(Step)
	}
	return w
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// changes are the series that go another way than usual; from the given number on they are new.
func changes(tracks []track, old int) []labels.Labels {
	var out []labels.Labels
	for i, t := range tracks {
		if i >= old || t.change != t.usual {
			out = append(out, t.labels)
		}
	}
	return out
}

// outcome plays a scenario as far as it differs from the healthy world.
func (w *world) outcome(ctx context.Context, s part) Outcome {
	inTime := slices.DeleteFunc(slices.Clone(w.heard), func(h heard) bool { return h.at.After(s.end()) })
	if len(s.Changes) == 0 {
		calm := *w.player
		calm.heard = inTime
		return calm.outcome(s.Scenario, nil, nil)
	}
	tracks := s.changed(slices.Clone(w.tracks))
	fork := w.before.Fork(changes(tracks, len(w.tracks)))
	fork.Keep(func(r *rules.Rule) bool { return s.marked[w.places[w.rules[r]]] })
	tracks = slices.DeleteFunc(tracks, func(t track) bool { return !fork.Owns(t.labels) })
	p := &player{
		scenario: s.Scenario,
		routing:  w.routing,
		rules:    w.rules,
		eval:     &fork.Evaluator,
		store:    fork.Store(),
		tracks:   tracks,
		known:    map[any]bool{},
	}
	p.play(ctx, begin(), s.end())
	before := slices.DeleteFunc(slices.Clone(inTime), func(h heard) bool {
		return !h.at.Before(begin()) || !fork.Evaluates(h.rule) || !s.marked[w.places[h.rule]]
	})
	return p.outcome(s.Scenario, before, inTime)
}
