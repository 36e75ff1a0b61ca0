package promtest

import (
	"fmt"
	"slices"
	"strconv"

	"treadmill/rules/compile"
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
	for hit := range p.synths {
		for _, severity := range []slo.Severity{slo.Page, slo.Ticket} {
			for _, b := range p.result.Burns {
				if b.Severity == severity && b.Long <= 6*slo.Hour {
					out = append(out, p.fires(hit, b, p.every)...)
				}
			}
		}
	}
	out = append(out, p.resets(), p.idle(), p.absent(), p.withoutBad())
	if !p.fromCounted() {
		out = append(out, p.countersStartAgain())
	}
	return append(out, p.groups()...)
}

// slow are the cases of alerts that fire within days, evaluated once a tile.
func (p *prover) slow() []proofCase {
	var out []proofCase
	for hit := range p.synths {
		for _, b := range p.result.Burns {
			if b.Long > 6*slo.Hour {
				out = append(out, p.fires(hit, b, p.slowEvery())...)
			}
		}
	}
	return append(out, p.withinBudget())
}

// of names the component that a case hits.
func (p *prover) of(hit int) string {
	if len(p.synths) == 1 {
		return ""
	}
	return " of " + p.result.SLO.Components[hit].Name
}

// share is a share of bad events of the whole at which a pair fires no later than the others of its severity, and late
// enough that a threshold a tenth higher or lower shows. It is at most that of a full outage of the synth that is hit.
func (p *prover) share(hit int, b slo.Burn, every slo.Window) (slo.Number, slo.Window, bool) {
	half, most := slo.NewNumber(1, 2), p.synths[hit].factor
	if one := slo.NewNumber(1, 1); most.Cmp(one) > 0 {
		most = one
	}
	tries := []slo.Number{b.Threshold.Mul(slo.NewNumber(3, 1))}
	for _, other := range p.result.Burns {
		if other.Threshold.Cmp(b.Threshold) > 0 {
			tries = append(tries, b.Threshold.Add(other.Threshold).Mul(half))
		}
	}
	for _, share := range append(tries, b.Threshold.Add(most).Mul(half)) {
		at, ok := b.Detection(share, every)
		if ok && share.Cmp(most) <= 0 && !slices.ContainsFunc(p.result.Burns, func(other slo.Burn) bool {
			d, fires := other.Detection(share, every)
			return fires && other.Severity == b.Severity && d < at
		}) {
			return share, at, true
		}
	}
	return slo.Number{}, 0, false
}

// fires is the case that a pair fires when it is promised and not before, and is silent again by the promised time.
// Scrapes are a minute apart in unit tests, so that errors are seen up to a minute later than they begin, and half seen
// at the edge of a tile: a minute either way is allowed. There is none where the pair never is the first of its severity.
func (p *prover) fires(hit int, b slo.Burn, every slo.Window) []proofCase {
	if p.result.SLO.Alerting.Route(b.Severity).Disabled {
		return nil
	}
	before := lead
	if every < slo.Tile {
		before = b.Long + lead // so long that no tile is unknown: then the promise holds to the evaluation
	}
	if p.slice() > 0 {
		return p.slicesFire(hit, b, every, before)
	}
	share, at, ok := p.share(hit, b, every)
	if !ok {
		return nil
	}
	late, over, reset := max(slo.Minute, every), at+5*slo.Minute, p.reset(b.Severity)
	early := late
	if every == slo.Tile {
		early += every // where the threshold is met exactly, the last digit decides
	}
	switch f := p.synths[hit]; {
	case f.native != nil:
		early += f.step // increase() over a tile holds one increment less than the tile has, and counts the others for it
	case f.gauge != nil:
		early += f.step + at/40 // a gauge tells of errors with its first sample, a counter with its second; its first tile is not full
	}
	return []proofCase{{
		name: fmt.Sprintf("%s %s and %s: errors%s of %s%% fire after %s", b.Severity, b.Long, b.Short, p.of(hit),
			short(share.Div(p.synths[hit].factor)), at),
		input: p.input(hit, []span{{length: before}, {length: over, share: share}, {length: reset + 3*slo.Tile}}, true),
		expect: []expectation{
			{p.firing(b.Severity), before + (at - early).Down(every), ""},
			{p.firing(b.Severity), before + (at + late).Down(every), "1"},
			{p.firing(b.Severity), (before + over + reset + 2*slo.Tile).Down(every), ""},
		},
	}}
}

// reset is how long after errors end an alert of a severity may still fire: the longest of its short windows.
func (p *prover) reset(s slo.Severity) slo.Window {
	var reset slo.Window
	for _, b := range p.result.Burns {
		if b.Severity == s {
			reset = max(reset, b.Reset())
		}
	}
	return reset
}

// short is a share in percent, for names.
func short(n slo.Number) string { return n.Mul(slo.NewNumber(100, 1)).Short() }

// firing is 1 where the alert of a severity fires.
func (p *prover) firing(s slo.Severity) string {
	return `count(ALERTS{alertstate="firing",slo=` + strconv.Quote(p.result.SLO.ID) + `,slo_severity="` + string(s) + `"})`
}

func (p *prover) budget() string {
	return compile.BudgetSeries + "{slo=" + strconv.Quote(p.result.SLO.ID) + "} >= 0.9999 and " + compile.BudgetSeries + " <= 1"
}

// silent expects that nothing fires at a time.
func (p *prover) silent(at slo.Window) []expectation {
	return []expectation{{p.firing(slo.Page), at, ""}, {p.firing(slo.Ticket), at, ""}}
}

// full expects a whole budget at a time, and that no recorded series is anything but a number.
func (p *prover) full(at slo.Window) []expectation {
	return append([]expectation{{"count(" + p.budget() + ")", at, "1"}}, p.numbers(at)...)
}

// numbers expects at a time that what is recorded is numbers.
func (p *prover) numbers(at slo.Window) []expectation {
	series := `{__name__=~"slo:.*",slo=` + strconv.Quote(p.result.SLO.ID) + `}`
	return []expectation{{`count(` + series + ` unless ` + series + ` >= -Inf) or vector(0)`, at, "0"}}
}

func (p *prover) resets() proofCase {
	outage, reset := 20*slo.Minute, p.reset(slo.Page)
	end := lead + outage
	return proofCase{
		name:   fmt.Sprintf("a full outage of %s: the page is silent %s after its end", outage, reset),
		input:  p.input(all, []span{{length: lead}, {length: outage, share: slo.NewNumber(1, 1)}, {length: reset + 10*slo.Minute}}, true),
		expect: []expectation{{p.firing(slo.Page), end + reset + 2*slo.Minute, ""}},
	}
}

func (p *prover) idle() proofCase {
	return proofCase{name: "idle: nothing fires and nothing burns",
		input:  p.input(all, []span{{length: lead}, {length: slo.Hour, idle: true}}, true),
		expect: append(p.silent(lead+slo.Hour), p.full(lead+slo.Hour)...)}
}

func (p *prover) absent() proofCase {
	return proofCase{name: "the series end: nothing fires and nothing burns",
		input:  p.input(all, []span{{length: lead}, {length: slo.Hour, gone: true}}, true),
		expect: append(p.silent(lead+slo.Hour), p.full(lead+slo.Hour)...)}
}

func (p *prover) withoutBad() proofCase {
	return proofCase{name: "no bad series: the budget is full",
		input:  p.input(all, []span{{length: slo.Hour}}, false),
		expect: append(p.silent(slo.Hour), p.full(slo.Hour)...)}
}

func (p *prover) countersStartAgain() proofCase {
	low := p.result.SLO.Objective.Budget().Mul(slo.NewNumber(1, 2))
	if p.slice() > 0 {
		low = slo.Number{} // a single bad slice is more than the budget of two hours
	}
	return proofCase{name: "counters start again: nothing fires",
		input: p.input(all,
			[]span{{length: slo.Hour, share: low}, {length: slo.Hour, share: low, reset: true}, {length: 10 * slo.Minute, share: low, reset: true}},
			true),
		expect: append(p.silent(slo.Hour+2*slo.Minute), p.silent(2*slo.Hour+5*slo.Minute)...)}
}

func (p *prover) withinBudget() proofCase {
	if p.slice() > 0 {
		return p.slicesWithinBudget()
	}
	at := slo.Day
	for _, b := range p.result.Burns {
		at = max(at, b.Long)
	}
	share := p.result.SLO.Objective.Budget().Mul(slo.NewNumber(99, 100))
	return proofCase{name: "burning at 0.99 of what is allowed: nothing fires",
		input:  p.input(all, []span{{length: at + 5*slo.Minute, share: share}}, true),
		expect: append(p.silent(at/2), p.silent(at+slo.Hour)...)}
}
