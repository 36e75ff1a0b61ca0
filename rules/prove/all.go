package prove

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"treadmill/rules"
	"treadmill/rules/eval"
)

// PlayAll plays every scenario of one Read, so many at a time, and gives the outcomes in the order of the scenarios. Each
// is what Play gives. Scenarios with the same history share a healthy world: it is played once, to all rules, and for each
// scenario only the rules that can notice are evaluated again from the beginning of the event.
func PlayAll(ctx context.Context, scenarios []Scenario, files []rules.File, routing Routing, workers int) []Outcome {
	out := make([]Outcome, len(scenarios))
	longest := map[model.Duration]model.Duration{}
	for _, s := range scenarios {
		longest[s.History] = max(longest[s.History], s.Lasts+s.After)
	}
	var jobs []func()
	histories := slices.Sorted(maps.Keys(longest))
	healthy := map[model.Duration]func() *world{}
	for _, h := range slices.Backward(histories) { // what takes longest begins first, and is needed last
		calm := Scenario{History: h, Lasts: longest[h], world: scenarios[0].world}
		healthy[h] = sync.OnceValue(func() *world { return calm.play(ctx, files, routing) })
		jobs = append(jobs, func() { healthy[h]() })
	}
	for _, h := range histories {
		for i := range scenarios {
			if scenarios[i].History == h {
				jobs = append(jobs, func() { out[i] = healthy[h]().outcome(ctx, &scenarios[i]) })
			}
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

// play plays a world in which nothing happens.
func (s *Scenario) play(ctx context.Context, files []rules.File, routing Routing) *world {
	p := newPlayer(s, files, routing)
	p.play(ctx, p.first(), begin().Add(-Step))
	w := &world{player: p, before: p.eval.Snapshot(), tracks: slices.Clone(p.tracks)}
	p.play(ctx, begin(), s.end())
	return w
}

// outcome plays a scenario as far as it differs from the healthy world.
func (w *world) outcome(ctx context.Context, s *Scenario) Outcome {
	tracks := s.changed(slices.Clone(w.tracks))
	var changed []labels.Labels
	for i := range tracks {
		if i >= len(w.tracks) || tracks[i].change != tracks[i].usual {
			changed = append(changed, tracks[i].labels)
		}
	}
	fork := w.before.Fork(changed)
	tracks = slices.DeleteFunc(tracks, func(t track) bool { return !fork.Owns(t.labels) })
	p := &player{scenario: s, routing: w.routing, rules: w.rules, eval: &fork.Evaluator, store: fork.Store(), tracks: tracks, known: map[any]bool{}}
	p.play(ctx, begin(), s.end())
	var beside []heard
	for _, h := range w.heard {
		if h.at.Before(begin()) || !fork.Evaluates(h.rule) && !h.at.After(s.end()) {
			beside = append(beside, h)
		}
	}
	return p.outcome(s, beside)
}

// Score counts how a set of rules did.
type Score struct {
	Page    Tally `json:"page"`   // scenarios in which somebody must be woken
	Ticket  Tally `json:"ticket"` // scenarios in which somebody must look by day
	Quiet   Tally `json:"quiet"`  // scenarios in which nobody may be woken
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
		t := map[Expectation]*Tally{WantPage: &s.Page, WantTicket: &s.Ticket, WantQuiet: &s.Quiet}[o.Scenario.Expect]
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
