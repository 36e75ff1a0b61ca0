package compile

import (
	"fmt"
	"slices"

	"treadmill/slo"
)

// proofCase is one course of events and what is expected of the rules under it.
type proofCase struct {
	name   string
	input  []string
	expect []expectation
}

// expectation is the value of an expression at a time; "" when there is none.
type expectation struct {
	expr  string
	at    slo.Window
	value string
}

// lead is the time without errors before those that a case is about.
const lead = 30 * slo.Minute

// quick are the cases of alerts that fire within hours, at the evaluation interval of the rules.
func (p *prover) quick() []proofCase {
	var out []proofCase
	for _, severity := range []slo.Severity{slo.Page, slo.Ticket} {
		for _, b := range p.result.Burns {
			if b.Severity != severity || p.result.SLO.Alerting.Route(severity).Disabled {
				continue
			}
			if c, ok := p.fires(b, p.every); ok && b.Long <= 6*slo.Hour {
				out = append(out, c)
			}
		}
	}
	return append(out, p.resets(), p.idle(), p.withoutBad(), p.countersStartAgain())
}

// slow are the cases of alerts that fire within days, evaluated once a tile.
func (p *prover) slow() []proofCase {
	var out []proofCase
	for _, b := range p.result.Burns {
		if p.result.SLO.Alerting.Route(b.Severity).Disabled || b.Long <= 6*slo.Hour {
			continue
		}
		if c, ok := p.fires(b, slo.Tile); ok {
			out = append(out, c)
		}
	}
	return append(out, p.withinBudget())
}

// share is a share of bad events at which a pair fires no later than the others of its severity, and late enough that a
// threshold a tenth higher or lower shows.
func (p *prover) share(b slo.Burn, every slo.Window) (slo.Number, slo.Window, bool) {
	half, one := slo.NewNumber(1, 2), slo.NewNumber(1, 1)
	tries := []slo.Number{b.Threshold.Mul(slo.NewNumber(3, 1))}
	for _, other := range p.result.Burns {
		if other.Threshold.Cmp(b.Threshold) > 0 {
			tries = append(tries, b.Threshold.Add(other.Threshold).Mul(half))
		}
	}
	for _, share := range append(tries, b.Threshold.Add(one).Mul(half)) {
		at, ok := b.Detection(share, every)
		if ok && share.Cmp(one) <= 0 && !slices.ContainsFunc(p.result.Burns, func(other slo.Burn) bool {
			d, fires := other.Detection(share, every)
			return fires && other.Severity == b.Severity && d < at
		}) {
			return share, at, true
		}
	}
	return slo.Number{}, 0, false
}

// fires is the case that a pair fires when it is promised and not before. Scrapes are a minute apart in unit tests, so that
// errors are seen up to a minute later than they begin, and half seen at the edge of a tile: a minute either way is allowed.
func (p *prover) fires(b slo.Burn, every slo.Window) (proofCase, bool) {
	share, at, ok := p.share(b, every)
	if !ok {
		return proofCase{}, false
	}
	late := max(slo.Minute, every)
	before := lead
	if every < slo.Tile {
		before = b.Long + lead // so long that no tile is unknown: then the promise holds to the evaluation
	}
	return proofCase{
		name:  fmt.Sprintf("%s %s and %s: errors of %s%% fire after %s", b.Severity, b.Long, b.Short, short(share), at),
		input: p.input([]span{{length: before}, {length: at + 5*slo.Minute, share: share}}, true),
		expect: []expectation{
			{p.firing(b.Severity), before + (at - late).Down(every), ""},
			{p.firing(b.Severity), before + (at + late).Down(every), "1"},
		},
	}, true
}

// short is a share in percent, for names.
func short(n slo.Number) string { return n.Mul(slo.NewNumber(100, 1)).Short() }

// firing is 1 where the alert of a severity fires.
func (p *prover) firing(s slo.Severity) string {
	return `count(ALERTS{alertstate="firing",slo=` + quoted(p.result.SLO.ID) + `,slo_severity="` + string(s) + `"})`
}

func (p *prover) budget() string {
	return budgetSeries + "{slo=" + quoted(p.result.SLO.ID) + "} >= 0.9999 and " + budgetSeries + " <= 1"
}

// silent expects that nothing fires at a time.
func (p *prover) silent(at slo.Window) []expectation {
	return []expectation{{p.firing(slo.Page), at, ""}, {p.firing(slo.Ticket), at, ""}}
}

func (p *prover) resets() proofCase {
	outage := 20 * slo.Minute
	var reset slo.Window
	for _, b := range p.result.Burns {
		if b.Severity == slo.Page {
			reset = max(reset, b.Reset())
		}
	}
	end := lead + outage
	return proofCase{
		name:   fmt.Sprintf("a full outage of %s: the page is silent %s after its end", outage, reset),
		input:  p.input([]span{{length: lead}, {length: outage, share: slo.NewNumber(1, 1)}, {length: reset + 10*slo.Minute}}, true),
		expect: []expectation{{p.firing(slo.Page), end + reset + 2*slo.Minute, ""}},
	}
}

func (p *prover) idle() proofCase {
	return proofCase{name: "idle: nothing fires and nothing burns",
		input:  p.input([]span{{length: slo.Hour, idle: true}}, true),
		expect: append(p.silent(slo.Hour), expectation{"count(" + p.budget() + ")", slo.Hour, "1"})}
}

func (p *prover) withoutBad() proofCase {
	return proofCase{name: "no bad series: the budget is full",
		input:  p.input([]span{{length: slo.Hour}}, false),
		expect: append(p.silent(slo.Hour), expectation{"count(" + p.budget() + ")", slo.Hour, "1"})}
}

func (p *prover) countersStartAgain() proofCase {
	low := p.result.SLO.Objective.Budget().Mul(slo.NewNumber(1, 2))
	return proofCase{name: "counters start again: nothing fires",
		input:  p.input([]span{{length: slo.Hour, share: low}, {length: slo.Hour, share: low, reset: true}, {length: 10 * slo.Minute, share: low, reset: true}}, true),
		expect: append(p.silent(slo.Hour+2*slo.Minute), p.silent(2*slo.Hour+5*slo.Minute)...)}
}

func (p *prover) withinBudget() proofCase {
	at := slo.Day
	for _, b := range p.result.Burns {
		at = max(at, b.Long)
	}
	share := p.result.SLO.Objective.Budget().Mul(slo.NewNumber(99, 100))
	return proofCase{name: "burning at 0.99 of what is allowed: nothing fires",
		input:  p.input([]span{{length: at + 5*slo.Minute, share: share}}, true),
		expect: append(p.silent(at/2), p.silent(at+slo.Hour)...)}
}
