package compile

import (
	"math"
	"strconv"

	"treadmill/slo"
)

// Replay is what the rules of an SLO do, as numbers: for those who replay them without PromQL. It changes with the rules.
type Replay struct {
	Measure
	Every         slo.Window // between evaluations of alerts
	BudgetEvery   slo.Window // between evaluations of the windows of the period
	Period        slo.Window
	Quick, Budget []Step // windows in the order in which they are recorded, from the tile on: of the alerts, and of the period
	Pairs         []Watch
}

// Step is one window out of shorter ones: Count of length Of, the newest first. Where one of them was not recorded, the
// newest within Reach before it, in steps of a tile, stands in; where there is none, the newest of all without bad events.
type Step struct {
	Window, Of slo.Window
	Count      int
	Reach      slo.Window
}

// Watch is what a pair of windows compares, with the numbers as the rules write them.
type Watch struct {
	slo.Burn
	budget, rate, threshold, variance, many float64
	guard                                   bool
}

// KeptReach is for how long a group without events remembers that it had some in its period.
const KeptReach = 15 * slo.Minute

// ReplayOf gives the replay of an SLO whose rules Compile made. Pairs of disabled alerts are left out.
func ReplayOf(s slo.SLO, o Options) Replay {
	c := &draft(planner{}, s, o).compiler
	m, _ := MeasureOf(s)
	r := Replay{Measure: m, Every: c.every, BudgetEvery: periodEvery, Period: s.Period.Length}
	for _, l := range c.quick {
		r.Quick = append(r.Quick, Step{l.Window, l.Of, l.Count, l.reach(false)})
	}
	for _, l := range c.period {
		r.Budget = append(r.Budget, Step{l.Window, l.Of, l.Count, l.reach(true)})
	}
	for _, b := range c.burns {
		if !s.Alerting.Route(b.Severity).Disabled {
			r.Pairs = append(r.Pairs, watch(s.Objective, b, c.events.counted))
		}
	}
	return r
}

// watch takes the numbers from the texts that the rules hold, so that both round alike.
func watch(o slo.Objective, b slo.Burn, guard bool) Watch {
	number := func(n slo.Number) float64 {
		f, err := strconv.ParseFloat(n.String(), 64)
		if err != nil {
			return math.NaN()
		}
		return f
	}
	many := slo.NewNumber(manyBad, 1).Div(b.Threshold).Float()
	return Watch{Burn: b, budget: number(o.Budget()), rate: number(b.Rate), threshold: number(b.Threshold),
		variance: number(b.Threshold.Mul(slo.NewNumber(1, 1).Sub(b.Threshold))), many: math.Floor(many), guard: guard}
}

// Fires says whether the pair fires by the events of its two windows; NaN is a window that was not recorded.
func (w *Watch) Fires(badLong, totalLong, badShort, totalShort float64) bool {
	if !(badLong/(w.budget*totalLong) > w.rate && badShort/(w.budget*totalShort) > w.rate) {
		return false
	}
	return !w.guard || totalLong > w.many ||
		badLong > fewBad && badLong > w.threshold*totalLong+confidence*math.Pow(w.variance*totalLong, 0.5)
}
