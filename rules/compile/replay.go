package compile

import (
	"math"
	"strconv"

	"treadmill/rules/compile/query"
	"treadmill/slo"
)

// Replay is what the rules of an SLO do, as numbers: for those who replay them without PromQL. It changes with the rules.
type Replay struct {
	Parts         []Counted  // the components of a composite, else one
	By            []string   // the labels of the groups, of all parts
	Every         slo.Window // between evaluations of alerts
	Period        slo.Window
	Slice         slo.Window // the length of slices of time, 0 where events are counted
	Summed        bool       // a composite's burn is the sum of those of its parts, each of which has windows of its own
	Quick, Budget []Step     // windows in the order in which they are recorded, from the tile on: of the alerts, and of the period
	Pairs         []Watch
}

// Counted is what one part counts, and what of it the rules of the whole take, with the numbers as they write them.
type Counted struct {
	Name string // of a component
	query.Measure
	factor, weight float64 // of its burn, and of the shares of its slices
	allowed        float64 // the share of bad events that a good slice may have
	whole          bool    // slices are good or bad; otherwise they count by their share of bad events
}

// Step is one window out of shorter ones: Count of length Of, the newest first. Where a tile was not recorded and there was one Gap
// before it, it has no events, as they are in the next one; of longer windows the newest within Gap before it, in steps of a tile, stands
// in. Where there is none, the newest of all stands in, without bad events.
type Step struct {
	Window, Of slo.Window
	Count      int
}

// Gap is how long nothing may be recorded that loses nothing.
const Gap = query.Bridge

// Watch is what a pair of windows compares, with the numbers as the rules write them.
type Watch struct {
	slo.Burn
	budget, rate float64
	sure         []guard // of the whole, or of each part where their burns are summed
}

// guard is the guard against few events: see enough.
type guard struct {
	on                        bool
	threshold, variance, many float64
}

// KeptReach is for how long a group without events remembers that it had some in its period.
const KeptReach = 15 * slo.Minute

// ReplayOf gives the replay of an SLO whose rules Compile made. Pairs of disabled alerts are left out.
func ReplayOf(s slo.SLO, o Options) Replay {
	c := &draft(planner{}, s, o).compiler
	r := Replay{By: c.events.By, Every: c.every, Period: s.Period.Length, Slice: s.Indicator.Slice.Window, Summed: c.summedBurns()}
	for _, p := range c.parts {
		r.Parts = append(r.Parts, counted(p, s.Indicator.Slice, c.base()))
	}
	for _, l := range c.quick {
		r.Quick = append(r.Quick, Step(l))
	}
	for _, l := range c.period {
		r.Budget = append(r.Budget, Step(l))
	}
	for i, b := range c.burns {
		if s.Alerting.Route(b.Severity).Disabled {
			continue
		}
		w := Watch{Burn: b, budget: number(s.Objective.Budget().String()), rate: number(c.pairs[i].rate)}
		for _, p := range c.parts {
			if r.Summed {
				w.sure = append(w.sure, guardOf(textOf(b.Rate, p.alone(b)), p.Counted))
			}
		}
		if !r.Summed {
			w.sure = []guard{guardOf(c.pairs[i], c.events.Counted)}
		}
		r.Pairs = append(r.Pairs, w)
	}
	return r
}

func counted(p part, slice slo.Slice, base slo.Window) Counted {
	c := Counted{weight: 1}
	if p.component != nil {
		slice = p.component.Indicator.Slice
		c.Name, c.factor, c.weight = p.component.Name, number(p.component.Factor().String()), number(p.component.Weight.String())
	}
	total, of := p.History()
	c.Measure = query.Measure{
		Total:    total,
		By:       p.By,
		Window:   base,
		Slice:    slice,
		Counted:  p.Counted,
		Counters: p.Counters,
		Written:  p.Written,
	}
	if c.Bad = of; p.Good {
		c.Good, c.Bad = of, ""
	}
	c.allowed, c.whole = number(slo.NewNumber(1, 1).Sub(slice.Target).String()), slice.Target.Cmp(slo.NewNumber(0, 1)) > 0
	return c
}

// number takes a number from the text that the rules hold, so that both round alike.
func number(text string) float64 {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return math.NaN()
	}
	return f
}

func guardOf(t pairText, on bool) guard {
	return guard{on: on, threshold: number(t.threshold), variance: number(t.variance), many: number(t.many)}
}

// Burn is what a part adds to the burn of the whole, by the events of a window; NaN where it has none.
func (c *Counted) Burn(bad, total float64) float64 {
	if !(total > 0) {
		return math.NaN()
	}
	return c.factor * bad / total
}

// Verdict is how bad a slice of time of the part is, by its events: 0 or 1, or its share of bad events; NaN where it has none.
func (c *Counted) Verdict(bad, total float64) float64 {
	switch {
	case bad != bad || total != total:
		return math.NaN()
	case c.whole && bad > c.allowed*total:
		return 1
	case c.whole:
		return 0
	case !(total > 0):
		return math.NaN()
	}
	return c.weight * bad / total
}

// Fires says whether the pair fires by the events of its two windows; NaN is a window that was not recorded.
func (w *Watch) Fires(badLong, totalLong, badShort, totalShort float64) bool {
	return badLong/(w.budget*totalLong) > w.rate && badShort/(w.budget*totalShort) > w.rate && w.sure[0].enough(badLong, totalLong)
}

// Burns says whether a burn is above the rate of the pair.
func (w *Watch) Burns(burn float64) bool { return burn > w.rate }

// Sure is what a part adds to the burn of the whole over the long window when its events are enough to tell that from chance; else NaN.
func (w *Watch) Sure(c *Counted, i int, bad, total float64) float64 {
	switch g := w.sure[i]; {
	case !g.on:
		return c.Burn(bad, total)
	case g.enough(bad, total):
		return c.factor * bad / total
	default:
		return math.NaN()
	}
}

func (g guard) enough(bad, total float64) bool {
	return !g.on || total > g.many || bad > FewBad && bad > g.threshold*total+Confidence*math.Pow(g.variance*total, 0.5)
}
