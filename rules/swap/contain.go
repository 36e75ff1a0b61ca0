package swap

import (
	"context"
	"maps"
	"sync"

	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/contain"
	"treadmill/rules/defaults"
)

// Contain searches, for every alert that goes because SLOs replace it, for a state of which it tells somebody and the rules of the second
// step nobody. An alert for which there is one, or for which none could be searched, stays as it is. It runs so many searches at a time.
func (s *Swap) Contain(ctx context.Context, o contain.Options, workers int) {
	gone := s.replaced()
	s.Searches = make([]contain.Result, len(gone))
	after := s.Rules(Final)
	slots := make(chan struct{}, max(workers, 1))
	var wg sync.WaitGroup
	for i, p := range gone {
		slots <- struct{}{}
		wg.Go(func() {
			s.Searches[i] = contain.Search(ctx, s.Installed, p.Rule, p.Labels()["severity"], after, o)
			<-slots
		})
	}
	wg.Wait()
	uncovered := map[diag.Position]string{}
	for i, r := range s.Searches {
		switch {
		case r.Example != nil:
			uncovered[gone[i].Rule.Pos] = "the new rules tell nobody of " + r.Example.String()
		case r.Unread != "":
			uncovered[gone[i].Rule.Pos] = "whether the new rules tell of the same could not be searched: " + r.Unread
		}
	}
	if len(uncovered) > 0 {
		options := s.options
		options.Uncovered = maps.Clone(uncovered)
		s.Final = defaults.Replace(s.Installed, s.table, options)
	}
}

// replaced are the installed alerts that are gone in the second step as SLOs replace them, in their order.
func (s *Swap) replaced() []rules.Placed {
	gone := map[diag.Position]bool{}
	for _, f := range s.Final.Fates {
		if f.Gone && f.Disposition == defaults.Replaced {
			gone[f.Position] = true
		}
	}
	var out []rules.Placed
	for _, p := range rules.Rules(s.Installed) {
		if gone[p.Rule.Pos] {
			out = append(out, p)
		}
	}
	return out
}
