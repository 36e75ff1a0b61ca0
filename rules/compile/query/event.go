package query

import (
	"fmt"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/internal/diag"
	"treadmill/slo"
)

// Events is an indicator as PromQL over one window: totals, and what is bad or good of them.
type Events struct {
	Good    bool     // the part of the total is good events, else bad ones
	Written []string // the total and the part of it in short, as people write them
	// Expressions of both for rules, which keep the Counters that are silent.
	RuleTotal, RulePart string
	Counters            []Counter // of the total first
	By                  []string
	Raw                 []string // selectors of the total
	Counted             bool     // the numbers count events, so that statistics of events hold
	Findings            []diag.Finding

	total, part counting
}

// History is the total and the part of it as expressions over histories, which have no series Silent.
func (e Events) History() (total, part string) {
	return e.total.with(grown), e.part.with(grown)
}

// fine is the same as reviews count, with marks.
func (e Events) fine() [2]string { return [2]string{e.total.with(grownFine), e.part.with(grownFine)} }

// fail notes a problem of a query at the query's place.
func (e *Events) fail(q slo.Query, err error) {
	e.Findings = append(e.Findings, diag.Finding{ID: "slo/query", Severity: diag.Error, Position: q.Pos, Message: oneLine(err.Error())})
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// Count puts an indicator into PromQL over a window.
func Count(in slo.Indicator, w slo.Window) Events {
	e := Events{Counted: true}
	if !in.Ratio.IsZero() {
		e.ratio(in, w)
		return e
	}
	part, isGood := in.Bad, false
	if part.IsZero() {
		part, isGood = in.Good, true
	}
	given := slices.Sorted(slices.Values(in.By))
	by := slices.Clone(given)
	total, by := e.side(in.Total, in.Gauge, w, by, false)
	text, partBy := e.side(part, in.Gauge, w, slices.Clone(given), isGood)
	if total == nil || text == nil {
		return e
	}
	if text.String() == total.String() {
		which := map[bool]string{
			true:  "good events and all events are one query, so that none can be bad",
			false: "bad events and all events are one query, so that all are bad",
		}
		e.fail(part, fmt.Errorf("%s; select the part of them that is meant", which[isGood]))
	}
	if !diag.Any(e.Findings, diag.Error) && !slices.Equal(by, partBy) {
		e.fail(part, fmt.Errorf("the query is grouped by (%s) and the total by (%s); group both by the same labels",
			strings.Join(partBy, ", "), strings.Join(by, ", ")))
	}
	e.set(total, text, by, isGood, w)
	return e
}

// side is one query over the window and its labels, nil where it cannot be read.
func (e *Events) side(q slo.Query, gauge bool, w slo.Window, by []string, good bool) (parser.Expr, []string) {
	p, err := parse(q)
	if err != nil {
		e.fail(q, err)
		return nil, nil
	}
	function := "increase"
	if gauge {
		function = "sum_over_time"
	}
	expr, by, err := summed(p.over(w, function), by)
	if err == nil {
		err = meaningful(p.expr, good)
	}
	if err != nil {
		e.fail(q, err)
		return nil, nil
	}
	return expr, by
}

// numbers is an expression without elements that are no numbers: an idle native histogram has no fraction, and nothing
// divided by nothing is none. Recorded, they would make every window that holds them none either.
func numbers(e parser.Expr) string {
	uncertain := false
	parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
		switch n := n.(type) {
		case *parser.BinaryExpr:
			uncertain = uncertain || n.Op == parser.DIV || n.Op == parser.MOD
		case *parser.Call:
			uncertain = uncertain || n.Func.Name == "histogram_fraction" || n.Func.Name == "histogram_quantile" || n.Func.Name == "histogram_avg"
		}
		return nil
	})
	if uncertain {
		return "(" + operand(e) + " >= 0)"
	}
	return operand(e)
}

// set writes both sides out.
func (e *Events) set(total, part parser.Expr, by []string, isGood bool, w slo.Window) {
	e.By, e.Raw, e.Written, e.Good = by, selectors(total), []string{total.String(), part.String()}, isGood
	s := side{mark: OfTotal}
	e.total, e.RuleTotal = s.exactly(total, w)
	s.mark = OfPart
	e.part, e.RulePart = s.exactly(part, w)
	e.Counters = s.counters
}

// operand is an expression as it may stand beside an operator: in parentheses unless it is a call or an aggregation.
func operand(e parser.Expr) string {
	switch e.(type) {
	case *parser.AggregateExpr, *parser.Call, *parser.ParenExpr:
		return e.String()
	}
	return "(" + e.String() + ")"
}

// ratio takes a ratio apart into its numerator and denominator, also behind `1 -`. What is no ratio in its text, such
// as a gauge, counts each tile alike.
func (e *Events) ratio(in slo.Indicator, w slo.Window) {
	p, err := parse(in.Ratio)
	if err != nil {
		e.fail(in.Ratio, err)
		return
	}
	if err := meaningful(p.expr, false); err != nil {
		e.fail(in.Ratio, err)
		return
	}
	gauge := p.ranges == 0
	expr, good := bare(p.over(w, "avg_over_time")), in.RatioOfGood
	if b, ok := expr.(*parser.BinaryExpr); ok && b.Op == parser.SUB && isOne(b.LHS) {
		expr, good = bare(b.RHS), !good
	}
	if b, ok := expr.(*parser.BinaryExpr); ok && b.Op == parser.DIV && !gauge {
		part, by, err := summed(b.LHS, nil)
		total, totalBy, totalErr := summed(b.RHS, nil)
		switch {
		case err != nil || totalErr != nil || !slices.Equal(by, totalBy):
			e.fail(in.Ratio, fmt.Errorf("both sides of the ratio must be grouped by the same labels, such as sum by (x) (…) / sum by (x) (…)"))
		default:
			e.set(total, part, by, good, w)
		}
		return
	}
	e.average(in.Ratio, expr, good)
}

// average takes a ratio that cannot be taken apart: each tile counts one, its share of bad events is its average.
func (e *Events) average(q slo.Query, expr parser.Expr, good bool) {
	by, known := grouping(expr)
	if !known {
		e.fail(q, fmt.Errorf("the labels of the ratio are not known; aggregate it, such as avg by (x) (…) or avg(…)"))
		return
	}
	e.Counted = false
	text := "(" + operand(expr) + " >= 0)" // of numbers only
	e.Findings = append(e.Findings, diag.Finding{ID: "slo/average", Severity: diag.Warning, Position: q.Pos,
		Message: fmt.Sprintf(
			"the ratio has no numerator and denominator that could be counted apart, so every %s count alike, busy or not; give events instead of a ratio",
			slo.Tile,
		)})
	all := "(0 * " + text + " + 1)"
	e.By, e.Raw, e.RuleTotal, e.RulePart, e.Good = by, selectors(expr), all, text, good
	e.Written, e.total, e.part = []string{all, text}, counting{text: all}, counting{text: text}
}

// bare strips the parentheses around an expression.
func bare(e parser.Expr) parser.Expr {
	for {
		p, ok := e.(*parser.ParenExpr)
		if !ok {
			return e
		}
		e = p.Expr
	}
}

func isOne(e parser.Expr) bool {
	n, ok := bare(e).(*parser.NumberLiteral)
	return ok && n.Val == 1
}
