package prove

import (
	"context"
	"sync"

	"treadmill/rules"
)

// PlayAll plays every scenario, so many at a time, and gives the outcomes in the order of the scenarios.
func PlayAll(ctx context.Context, scenarios []Scenario, files []rules.File, routing Routing, workers int) []Outcome {
	out := make([]Outcome, len(scenarios))
	next := make(chan int)
	var wg sync.WaitGroup
	for range max(workers, 1) {
		wg.Go(func() {
			for i := range next {
				out[i] = Play(ctx, &scenarios[i], files, routing)
			}
		})
	}
	for i := range scenarios {
		next <- i
	}
	close(next)
	wg.Wait()
	return out
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
		t.Of++
		if o.Verdict == Good {
			t.Good++
		} else {
			s.Verdict = false
		}
	}
	return s
}
