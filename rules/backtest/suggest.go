package backtest

import (
	"math/rand/v2"
	"time"

	"treadmill/rules/compile"
	"treadmill/slo"
	"treadmill/slo/review"
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
	BudgetSpent float64    `json:"budgetSpent"` // by the worst group, of a period that is as the history was
	BadAllowed  float64    `json:"badAllowed"`  // events in a period, of the group with the least traffic
	Verdict     Verdict    `json:"verdict"`
	Incidents   int        `json:"incidents"`
	Score       Score      `json:"score"`
	// Confidence is the share of periods made of days of the history, drawn at random, that keep the objective in every group.
	Confidence float64 `json:"confidence"`
	Suggested  bool    `json:"suggested"`
}

// draws is how many periods are drawn for the confidence.
const draws = 1000

// confidence is the share of periods that keep an objective when their days are drawn at random from those of a history (a bootstrap of
// blocks of a day, as errors come in bunches; Efron and Tibshirani, An Introduction to the Bootstrap, 1993). The draws are the
// same each time. Days begin with the span; what is left of a day at its end is not drawn. Without a whole day it is 0.
func confidence(o slo.Objective, sums review.Sums, since, to time.Time, period slo.Window) float64 {
	var days []review.Span
	for at := since.Add(24 * time.Hour); !at.After(to); at = at.Add(24 * time.Hour) {
		if day := sums.Between(at.Add(-24*time.Hour), at); day.Known > 0 {
			days = append(days, day)
		}
	}
	if len(days) == 0 {
		return 0
	}
	random := rand.New(rand.NewPCG(1, uint64(len(days))))
	n, kept, budget := max(1, int(period/slo.Day)), 0, o.Budget().Float()
	for range draws {
		var all review.Span
		for range n {
			all = all.Add(days[random.IntN(len(days))])
		}
		if all.Bad <= budget*all.Total {
			kept++
		}
	}
	return float64(kept) / draws
}

// enoughLeft is the share of the budget that an objective must leave in the history to be suggested: an SLO that was kept by
// a hair is not one that will be kept. EnoughSure is the confidence that it needs.
const (
	enoughLeft = 0.25
	enoughSure = 0.9
)

// Suggest tries objectives, from the loosest to the strictest, over the history of an SLO, and marks the strictest
// that would have left a quarter of the budget in every group, is kept by nine of ten periods drawn, and can be measured.
func (p Past) Suggest(percents []slo.Number, least float64) []Option {
	var out []Option
	best := -1
	for _, percent := range percents {
		o, err := slo.NewObjective(percent.Div(slo.NewNumber(100, 1)))
		if err != nil {
			continue
		}
		s := p.SLO
		s.Objective = o
		opt := p.With(s).option(percent, least)
		out = append(out, opt)
		if opt.BudgetSpent <= 1-enoughLeft && opt.Confidence >= enoughSure && opt.Verdict != Unmeasurable {
			best = len(out) - 1
		}
	}
	if best >= 0 {
		out[best].Suggested = true
	}
	return out
}

// option is what the objective of the SLO would have meant.
func (p Past) option(percent slo.Number, least float64) Option {
	o, period := p.SLO.Objective, p.SLO.Period.Length
	run := p.Run(least)
	opt := Option{
		Objective: percent,
		Verdict:   Measurable,
		Incidents: len(run.Incidents),
		Score:     ScoreOf(run.Alerts, run.Incidents, p.end().Sub(p.Since)),
	}
	for i, g := range p.groups() {
		sums := p.history(g).Sums()
		sure := confidence(o, sums, p.Since, p.end(), period)
		if i == 0 || sure < opt.Confidence {
			opt.Confidence = sure
		}
		events := p.events(sums)
		allowed := events * o.Budget().Float()
		opt.BudgetSpent = max(opt.BudgetSpent, sums.Between(p.Since, p.end()).Burn(o))
		if i == 0 || allowed < opt.BadAllowed {
			opt.BadAllowed, opt.Verdict = allowed, verdict(&p.Replay, allowed, events/float64(period))
		}
	}
	return opt
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
