package promtest

import (
	"fmt"
	"math"

	"treadmill/slo"
)

// nth is when the slice is over with which a pair fires, when every k-th slice is bad from the first on. It reports false
// when it does not fire then.
func (p *prover) nth(b slo.Burn, k int64) (slo.Window, bool) {
	slices := b.Least.Mul(slo.NewNumber(int64(b.Long/p.slice()), 1)).Float()
	need := int64(math.Ceil(slices - 1e-6))
	inShort := (int64(b.Short/p.slice()) + k - 1) / k
	last := (need-1)*k + 1
	fires := last <= int64(b.Long/p.slice()) && float64(inShort)/float64(b.Short/p.slice()) > b.Threshold.Float()*1.01
	return slo.Window(last) * p.slice(), fires
}

// slicesFire is the case that a pair fires with the slice with which it is promised and not before.
func (p *prover) slicesFire(hit int, b slo.Burn, every, before slo.Window) []proofCase {
	for _, k := range []int64{1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60} {
		at, ok := p.nth(b, k)
		for _, other := range p.result.Burns {
			if other.Severity == b.Severity && (other.Long != b.Long || other.Short != b.Short) {
				d, _ := p.nth(other, k)
				ok = ok && d > at
			}
		}
		if !ok {
			continue
		}
		reset := p.reset(b.Severity)
		spans := append([]span{{length: before}}, p.pattern(k, at)...)
		return []proofCase{{
			name:  fmt.Sprintf("%s %s and %s: with every slice%s bad out of %d it fires after %s", b.Severity, b.Long, b.Short, p.of(hit), k, at),
			input: p.input(hit, append(spans, span{length: reset + 3*slo.Tile}), true),
			expect: []expectation{
				{p.firing(b.Severity), before + at - p.slice(), ""},
				{p.firing(b.Severity), (before + at).Up(every), "1"},
				{p.firing(b.Severity), (before + at + reset + 2*slo.Tile).Up(every), ""},
			},
		}}
	}
	return nil
}

// pattern is a course of events in which the first of every k slices is bad, until a moment.
func (p *prover) pattern(k int64, until slo.Window) []span {
	var out []span
	for at := slo.Window(0); at < until; at += slo.Window(k) * p.slice() {
		out = append(out, span{length: p.slice(), share: slo.NewNumber(1, 1)})
		if rest := min(slo.Window(k-1)*p.slice(), until-at-p.slice()); rest > 0 {
			out = append(out, span{length: rest})
		}
	}
	return out
}

// slicesWithinBudget is a day in which as few slices are bad as the budget allows.
func (p *prover) slicesWithinBudget() proofCase {
	k := int64(math.Ceil(1 / (0.99 * p.result.SLO.Objective.Budget().Float())))
	return proofCase{name: "as few bad slices as the budget allows: nothing fires",
		input:  p.input(all, append(p.pattern(k, slo.Day), span{length: slo.Hour}), true),
		expect: append(p.silent(slo.Day/2), p.silent(slo.Day)...)}
}
