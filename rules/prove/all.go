package prove

import (
	"context"
	"slices"
	"sync"

	"treadmill/rules"
	"treadmill/rules/eval"
)

// PlayAll plays scenarios, so many at a time, and gives the outcomes in the order of the scenarios. Each is what Play gives. Scenarios of one
// size and history share a healthy world, which is played once, to the rules whose series some of them change, as long as one of them looks;
// for each scenario only the rules that can notice are evaluated again from the beginning of the event. What has been seen in a world of
// another size is not played again where the rules that can notice read the same series there.
func PlayAll(ctx context.Context, scenarios []Scenario, files []rules.File, routing Routing, workers int) []Outcome {
	groups := ordered(files)
	s := stage{scenarios: scenarios, routing: routing, network: eval.NewNetwork(groups), laid: map[int][]track{}}
	s.cast()
	out := make([]Outcome, len(scenarios))
	worlds := map[setting]func() *world{}
	var jobs []func()
	for _, i := range s.first() {
		key := s.setting(i)
		if worlds[key] == nil {
			worlds[key] = sync.OnceValue(func() *world { return s.calm(ctx, key) })
		}
		jobs = append(jobs, func() { out[i] = worlds[key]().outcome(ctx, s.parts[i]) })
	}
	inParallel(jobs, workers)
	for i, part := range s.parts {
		if part.same != i {
			out[i] = out[part.same].of(&scenarios[i])
		}
	}
	return out
}

// of is the outcome of a scenario that is played as another was.
func (o Outcome) of(s *Scenario) Outcome {
	o.Scenario, o.Told, o.Unheard, o.Problems = s, slices.Clone(o.Told), slices.Clone(o.Unheard), slices.Clone(o.Problems)
	o.judge()
	return o
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
