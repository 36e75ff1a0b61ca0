package backtest

import (
	"time"

	"treadmill/rules/compile"
	"treadmill/slo"
)

// Verdict says whether an objective can be measured at the traffic there is.
type Verdict string

// The verdicts. The bounds are those of the rules' guard against few events: as many events in the shortest page window as
// make 25 bad ones at its threshold need no statistics, and a budget of fewer than 10 bad events in a whole period measures
// chance rather than the service: send probes, or join services that are alike.
const (
	Measurable   Verdict = "measurable"
	Guarded      Verdict = "needs the guard"
	Unmeasurable Verdict = "unmeasurable"
)

// Option is one objective, and what it would have meant.
type Option struct {
	Objective   slo.Number `json:"objective"`   // percent
	BudgetSpent float64    `json:"budgetSpent"` // by the worst group
	BadAllowed  float64    `json:"badAllowed"`  // events in a period, of the group with the least traffic
	Verdict     Verdict    `json:"verdict"`
	Incidents   int        `json:"incidents"`
	Score       Score      `json:"score"`
	Suggested   bool       `json:"suggested"`
}

// enoughLeft is the share of the budget that an objective must leave in the history to be suggested: an SLO that was kept by
// a hair is not one that will be kept.
const enoughLeft = 0.25

// Suggest tries objectives, from the loosest to the strictest, over the answers to an SLO's queries, and marks the strictest
// that would have left a quarter of the budget in every group and can be measured.
func Suggest(s slo.SLO, percents []slo.Number, grid slo.Grid, total, part []slo.Series, since time.Time, least float64) []Option {
	var out []Option
	best := -1
	for _, percent := range percents {
		o, err := slo.NewObjective(percent.Div(slo.NewNumber(100, 1)))
		if err != nil {
			continue
		}
		s.Objective = o
		replay := compile.ReplayOf(s, compile.Options{})
		run := Run(s, &replay, grid, total, part, since, least)
		opt := Option{Objective: percent, Verdict: Measurable, Incidents: len(run.Incidents), Score: ScoreOf(run.Alerts, run.Incidents, grid.At(grid.N-1).Sub(since))}
		for i, g := range Groups(total, part, replay.By, grid.N) {
			span := tiles(&replay, grid, g).Sums().Between(since, grid.At(grid.N-1))
			events := span.PeriodEvents(s.Period.Length, slo.Tile)
			allowed := events * o.Budget().Float()
			opt.BudgetSpent = max(opt.BudgetSpent, span.Budget(o, s.Period.Length, slo.Tile).Spent)
			if i == 0 || allowed < opt.BadAllowed {
				opt.BadAllowed, opt.Verdict = allowed, verdict(&replay, allowed, events/float64(s.Period.Length))
			}
		}
		out = append(out, opt)
		if opt.BudgetSpent <= 1-enoughLeft && opt.Verdict != Unmeasurable {
			best = len(out) - 1
		}
	}
	if best >= 0 {
		out[best].Suggested = true
	}
	return out
}

// verdict judges the traffic, in events a nanosecond.
func verdict(r *compile.Replay, allowed, traffic float64) Verdict {
	const fewest, many = 10, 25
	if allowed < fewest {
		return Unmeasurable
	}
	for _, p := range r.Pairs {
		if p.Severity == slo.Page && traffic*float64(p.Long)*p.Threshold.Float() < many {
			return Guarded
		}
	}
	return Measurable
}
