package compile

import (
	"math/big"
	"slices"
	"strconv"
	"strings"

	"treadmill/slo"
)

// plan is the windows of an objective over a period, and the texts of their numbers.
type plan struct {
	burns   []slo.Burn
	pairs   []pairText // of burns
	changes []string   // sentences: what was repaired
	widened string     // which short windows became longer, as scrapes are rare; "" when none did
	quick   []link     // windows of alerts
	period  []link     // windows of the budget
	budget  string
	cost    Cost                // without the rules
	names   []string            // of pairs, as page 1h/5m
	shapes  map[string][]string // by their key, texts around the matchers of an SLO; nil for a plan that is of one SLO
}

// mark stands for the matchers of an SLO in texts that are taken apart there.
const mark = "\x00"

// shape writes once what many SLOs have that differ in their matchers alone.
func (p *plan) shape() *plan {
	p.shapes = map[string][]string{}
	for _, l := range slices.Concat(p.quick, p.period) {
		p.shapes[TotalSeries+l.Window.String()] = strings.Split(l.sum(TotalSeries, mark, false), mark)
		p.shapes[BadSeries+l.Window.String()] = strings.Split(l.sum(BadSeries, mark, true), mark)
	}
	for i := range p.burns {
		for _, counted := range []bool{true, false} {
			p.shapes[pairKey(i, counted)] = strings.Split(p.pair(i, mark, counted), mark)
		}
	}
	return p
}

func pairKey(i int, counted bool) string { return strconv.Itoa(i) + strconv.FormatBool(counted) }

// text is the text of a key around matchers: from its shape, or else made.
func (p *plan) text(key, matchers string, write func() string) string {
	if shape := p.shapes[key]; shape != nil {
		return strings.Join(shape, matchers)
	}
	return write()
}

// pairText is the numbers of a pair as rules hold them.
type pairText struct{ rate, threshold, variance, many string }

func textOf(rate, threshold slo.Number) pairText {
	many := slo.NewNumber(ManyBad, 1).Div(threshold).Rat()
	return pairText{rate: rate.String(), threshold: threshold.String(), variance: threshold.Mul(slo.NewNumber(1, 1).Sub(threshold)).String(),
		many: new(big.Int).Quo(many.Num(), many.Denom()).String()}
}

// planner keeps the plans of SLOs that follow the default policy, most of which have one of a few objectives.
type planner map[[3]string]*plan

func (p planner) plan(s slo.SLO, base slo.Window, o Options) *plan {
	if s.Policy != nil || len(s.Components) > 0 || s.Indicator.Slice.Window > 0 {
		policy := s.Policy
		if policy == nil {
			policy = slo.DefaultPolicy()
		}
		own := newPlan(s.Objective, s.Period.Length, policy, o.scrape())
		if slice := sliceOfWhole(s); slice.Window > 0 {
			for i := range own.burns {
				own.burns[i].Least = leastOf(own.burns[i], slice)
			}
		}
		return own.costs(o, max(len(s.Components), 1))
	}
	key := [3]string{s.Objective.String(), s.Period.Length.String(), base.String()}
	if p[key] == nil {
		p[key] = newPlan(s.Objective, s.Period.Length, slo.DefaultPolicy(), o.scrape()).costs(o, 1).shape()
	}
	return p[key]
}

// whole reports whether a period can be counted in tiles.
func whole(period slo.Window) bool { return period%slo.Tile == 0 && period >= slo.Day }

func newPlan(o slo.Objective, period slo.Window, policy slo.Policy, scrape slo.Window) *plan {
	if !whole(period) {
		return &plan{names: []string{}}
	}
	p := &plan{budget: o.Budget().String()}
	policy, p.widened = widened(policy, scrape)
	p.burns, p.changes = slo.Plan(o, period, policy)
	for _, b := range p.burns {
		p.pairs = append(p.pairs, textOf(b.Rate, b.Threshold))
	}
	p.names = []string{}
	for _, b := range p.burns {
		p.names = append(p.names, string(b.Severity)+" "+b.Long.String()+"/"+b.Short.String())
	}
	windows := p.windowsOfAlerts()
	p.quick = chain(windows)
	for _, l := range chain(append(windows, period)) {
		if !slices.ContainsFunc(p.quick, func(q link) bool { return q.Window == l.Window }) {
			p.period = append(p.period, l)
		}
	}
	return p
}

// widened is a policy whose short windows hold as many scrapes as a window wants. What counts events needs no more than two.
func widened(policy slo.Policy, scrape slo.Window) (slo.Policy, string) {
	least := (minScrapes * scrape).Up(slo.Tile)
	out := slices.Clone(policy)
	var which []string
	for i, p := range out {
		if p.Short.Up(slo.Tile) < least {
			out[i].Short, out[i].Long = least, max(p.Long, 2*least)
			which = append(which, string(p.Severity)+" "+p.Long.String()+"/"+p.Short.String())
		}
	}
	if which == nil {
		return policy, ""
	}
	return out, "at a scrape every " + scrape.String() + " the short window of " + strings.Join(which, ", ") + " becomes " + least.String() +
		", so that it holds " + strconv.Itoa(minScrapes) + " scrapes and is silent again that much later"
}

// windowsOfAlerts are the windows of the alerts.
func (p *plan) windowsOfAlerts() []slo.Window {
	var out []slo.Window
	for _, b := range p.burns {
		out = append(out, b.Short, b.Long)
	}
	return out
}
