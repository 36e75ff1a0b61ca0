package prove

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"treadmill/rules"
	"treadmill/rules/eval"
)

// span is how long a scenario is played: scenarios of one span share a healthy world.
type span struct {
	history, lasts model.Duration
	calm           bool // nothing changes, so that all rules are played
}

// PlayAll plays every scenario of one Read, so many at a time, and gives the outcomes in the order of the scenarios. Each
// is what Play gives. Scenarios of one length share a healthy world, which is played once, to the rules whose series some of
// them change; for each scenario only the rules that can notice are evaluated again from the beginning of the event.
func PlayAll(ctx context.Context, scenarios []Scenario, files []rules.File, routing Routing, workers int) []Outcome {
	out := make([]Outcome, len(scenarios))
	bySpan := map[span][]int{}
	for i, s := range scenarios {
		key := span{history: s.History, lasts: s.Lasts + s.After, calm: len(s.Changes) == 0}
		bySpan[key] = append(bySpan[key], i)
	}
	spans := slices.SortedFunc(maps.Keys(bySpan), func(a, b span) int { // what takes longest begins first
		return cmp.Or(cmp.Compare(b.history+b.lasts, a.history+a.lasts), cmp.Compare(b.history, a.history),
			cmp.Compare(bySpan[a][0], bySpan[b][0]))
	})
	var jobs []func()
	for _, key := range spans {
		healthy := sync.OnceValue(func() *world { return calm(ctx, scenarios, bySpan[key], files, routing) })
		for _, i := range bySpan[key] {
			jobs = append(jobs, func() { out[i] = healthy().outcome(ctx, &scenarios[i]) })
		}
	}
	inParallel(jobs, workers)
	return out
}

func inParallel(jobs []func(), workers int) {
	next := make(chan func())
	var wg sync.WaitGroup
	for range max(workers, 1) {
		wg.Go(func() {
			for job := range next {
				job()
			}
		})
	}
	for _, job := range jobs {
		next <- job
	}
	close(next)
	wg.Wait()
}

// world is a healthy world, played to rules: where everything stood before the event could begin, and what was heard.
type world struct {
	*player
	before *eval.Snapshot
	tracks []track // as they stood before the event
}

// calm plays a world in which nothing happens to the rules that some of the scenarios concern.
func calm(ctx context.Context, scenarios []Scenario, some []int, files []rules.File, routing Routing) *world {
	first := scenarios[some[0]]
	s := &Scenario{History: first.History, Lasts: first.Lasts + first.After, world: first.world}
	tracks, groups := s.tracks(), ordered(files)
	if len(first.Changes) > 0 {
		var changed []labels.Labels
		for _, i := range some {
			changed = append(changed, changes(scenarios[i].changed(slices.Clone(tracks)), len(tracks))...)
		}
		part := eval.Concerned(groups, changed, routing.matters)
		groups = part.Groups
		tracks = slices.DeleteFunc(tracks, func(t track) bool { return !part.Reads(t.labels) })
	}
	p := newPlayer(s, tracks, groups, routing)
	p.play(ctx, p.first(), begin().Add(-Step))
	w := &world{player: p, before: p.eval.Snapshot(), tracks: slices.Clone(p.tracks)}
	p.play(ctx, begin(), s.end())
	return w
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
func (w *world) outcome(ctx context.Context, s *Scenario) Outcome {
	tracks := s.changed(slices.Clone(w.tracks))
	changed := changes(tracks, len(w.tracks))
	if len(s.Changes) == 0 {
		return w.player.outcome(s, nil, nil)
	}
	fork := w.before.Fork(changed)
	tracks = slices.DeleteFunc(tracks, func(t track) bool { return !fork.Owns(t.labels) })
	p := &player{
		scenario: s,
		routing:  w.routing,
		rules:    w.rules,
		eval:     &fork.Evaluator,
		store:    fork.Store(),
		tracks:   tracks,
		known:    map[any]bool{},
	}
	p.play(ctx, begin(), s.end())
	var before []heard
	for _, h := range w.heard {
		if h.at.Before(begin()) && fork.Evaluates(h.rule) {
			before = append(before, h)
		}
	}
	return p.outcome(s, before, w.heard)
}

// Score counts how a set of rules did.
type Score struct {
	Page    Tally `json:"page"`   // scenarios in which somebody must be woken
	Ticket  Tally `json:"ticket"` // scenarios in which somebody must look by day
	Quiet   Tally `json:"quiet"`  // scenarios in which nobody may be woken
	Silent  Tally `json:"silent"` // scenarios in which nobody may be told at all
	Verdict bool  `json:"good"`   // all of them went well
}

// Tally is how many of some scenarios went well.
type Tally struct {
	Good int `json:"good"`
	Of   int `json:"of"`
}

// Count scores outcomes.
func Count(outcomes []Outcome) Score {
	s := Score{Verdict: true}
	for _, o := range outcomes {
		t := map[Expectation]*Tally{WantPage: &s.Page, WantTicket: &s.Ticket, WantQuiet: &s.Quiet, WantSilent: &s.Silent}[o.Scenario.Expect]
		if t == nil { // what it expects could not be read, which is a finding
			s.Verdict = false
			continue
		}
		t.Of++
		if o.Verdict == Good {
			t.Good++
		} else {
			s.Verdict = false
		}
	}
	return s
}
