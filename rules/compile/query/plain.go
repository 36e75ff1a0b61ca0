package query

import (
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/slo"
)

// errNotPlain says why a query has no plain form.
var errNotPlain = errors.New(
	"its queries are more than selectors: sum(rate(x)) of two counters, of a histogram's bucket and count, a native histogram, or a gauge of 0 and 1 can be said",
)

// PlainOf reduces the queries of an indicator to selectors.
func PlainOf(in slo.Indicator) (slo.Plain, error) {
	if in.Slice.Window > 0 {
		return slo.Plain{}, errors.New("pyrra has no time slices")
	}
	e := SidesOf(in)
	if e.Err != nil {
		return slo.Plain{}, e.Err
	}
	p := slo.Plain{By: e.By}
	if v, bound, ok := Native(e.Part); ok && e.Good {
		p.Native, p.Bound = bareText(v), bound
		return p, nil
	}
	if v := Gauge(e.Part, e.Total); v != nil && e.Good {
		p.Gauge = bareText(v)
		return p, nil
	}
	total, part, good := CounterOf(e.Total), CounterOf(e.Part), e.Good
	if part == nil && !good {
		part, good = GoodOf(e.Part, total), true
	}
	if total == nil || part == nil {
		return slo.Plain{}, errNotPlain
	}
	p.Total = bareText(total)
	if !good {
		p.Errors = bareText(part)
		return p, nil
	}
	if part.Name != total.Name && slices.ContainsFunc(part.LabelMatchers, func(m *labels.Matcher) bool { return m.Name == "le" }) {
		p.Success = bareText(part)
		return p, nil
	}
	bad, ok := complement(total, part)
	if !ok {
		return slo.Plain{}, errors.New("only good events are counted, and which are bad cannot be told from their selector; count the bad ones")
	}
	p.Errors = bareText(bad)
	return p, nil
}

// Sides are the two sides of an indicator as expressions over a tile.
type Sides struct {
	Total, Part parser.Expr
	Good        bool
	By          []string
	Err         error
}

// SidesOf are the sides of an indicator.
func SidesOf(in slo.Indicator) Sides {
	if !in.Ratio.IsZero() {
		return ratioExprs(in, slo.Tile)
	}
	e := Sides{By: slices.Clone(in.By)}
	slices.Sort(e.By)
	part := in.Bad
	if e.Good = in.Bad.IsZero(); e.Good {
		part = in.Good
	}
	function := "increase"
	if in.Gauge {
		function = "sum_over_time"
	}
	side := func(q slo.Query) parser.Expr {
		p, err := parse(q)
		if err != nil {
			e.Err = err
			return nil
		}
		expr, by, err := summed(p.over(slo.Tile, function), e.By)
		if e.By = by; err != nil {
			e.Err = err
		}
		return expr
	}
	if e.Total = side(in.Total); e.Err == nil {
		e.Part = side(part)
	}
	return e
}

// ratioExprs takes a ratio apart.
func ratioExprs(in slo.Indicator, w slo.Window) Sides {
	p, err := parse(in.Ratio)
	if err != nil {
		return Sides{Err: err}
	}
	expr, good := bare(p.over(w, "avg_over_time")), in.RatioOfGood
	if b, ok := expr.(*parser.BinaryExpr); ok && b.Op == parser.SUB && isOne(b.LHS) {
		expr, good = bare(b.RHS), !good
	}
	b, ok := expr.(*parser.BinaryExpr)
	if !ok || b.Op != parser.DIV || p.ranges == 0 {
		return Sides{Part: expr, Good: good, Err: errNotPlain}
	}
	part, by, err := summed(b.LHS, nil)
	total, totalBy, totalErr := summed(b.RHS, nil)
	if err != nil || totalErr != nil || !slices.Equal(by, totalBy) {
		return Sides{Err: errNotPlain}
	}
	return Sides{Total: total, Part: part, Good: good, By: by}
}

// inner strips sums and parentheses.
func inner(e parser.Expr) parser.Expr {
	for {
		e = bare(e)
		agg, ok := e.(*parser.AggregateExpr)
		if !ok || agg.Op != parser.SUM {
			return e
		}
		e = agg.Expr
	}
}

// rangedSelector is the selector inside sum by (…) (function(selector[…])), nil for any other expression.
func rangedSelector(e parser.Expr, function string) *parser.VectorSelector {
	return rangeOf(inner(e), function)
}

// rangeOf is the selector of function(selector[…]), nil for any other expression.
func rangeOf(e parser.Expr, function string) *parser.VectorSelector {
	call, ok := e.(*parser.Call)
	if !ok || call.Func.Name != function {
		return nil
	}
	m, ok := call.Args[0].(*parser.MatrixSelector)
	if !ok {
		return nil
	}
	v, ok := m.VectorSelector.(*parser.VectorSelector)
	if !ok || v.OriginalOffset != 0 {
		return nil
	}
	return v
}

// Native is the native histogram and the bound of histogram_fraction(0, bound, sum(rate(x))) × histogram_count(…).
func Native(good parser.Expr) (*parser.VectorSelector, slo.Window, bool) {
	if good == nil {
		return nil, 0, false
	}
	b, ok := inner(good).(*parser.BinaryExpr)
	if !ok || b.Op != parser.MUL {
		return nil, 0, false
	}
	f, ok := bare(b.LHS).(*parser.Call)
	c, okC := bare(b.RHS).(*parser.Call)
	if !ok || !okC || f.Func.Name != "histogram_fraction" || c.Func.Name != "histogram_count" || len(f.Args) != 3 {
		return nil, 0, false
	}
	from, okF := bare(f.Args[0]).(*parser.NumberLiteral)
	to, okT := bare(f.Args[1]).(*parser.NumberLiteral)
	v, w := rangedSelector(f.Args[2], "increase"), rangedSelector(c.Args[0], "increase")
	if !okF || !okT || from.Val != 0 || to.Val <= 0 || to.Val > 1e6 || v == nil || w == nil || v.String() != w.String() {
		return nil, 0, false
	}
	return v, slo.Window(math.Round(to.Val*1e3)) * slo.Window(time.Millisecond), true
}

// GoodOf is b of a query sum(a) − sum(b) where a is the total: the selector of good events.
func GoodOf(bad parser.Expr, total *parser.VectorSelector) *parser.VectorSelector {
	if bad == nil || total == nil {
		return nil
	}
	b, ok := unclamped(bad).(*parser.BinaryExpr)
	if !ok || b.Op != parser.SUB {
		return nil
	}
	if l := CounterOf(b.LHS); l == nil || l.String() != total.String() {
		return nil
	}
	return CounterOf(b.RHS)
}

// complement selects what the first selector does and the second does not. It reports false unless the second has
// exactly one matcher more.
func complement(all, part *parser.VectorSelector) (*parser.VectorSelector, bool) {
	var more []*labels.Matcher
	for _, m := range part.LabelMatchers {
		if !slices.ContainsFunc(all.LabelMatchers, func(x *labels.Matcher) bool { return x.String() == m.String() }) {
			more = append(more, m)
		}
	}
	if len(more) != 1 || len(part.LabelMatchers) != len(all.LabelMatchers)+1 {
		return nil, false
	}
	not, err := more[0].Inverse()
	if err != nil {
		return nil, false
	}
	return &parser.VectorSelector{Name: all.Name, LabelMatchers: append(slices.Clone(all.LabelMatchers), not)}, true
}

// bareText is a selector as people write it, with bounds of buckets in one spelling.
func bareText(v *parser.VectorSelector) string {
	out := parser.VectorSelector{Name: v.Name}
	for _, m := range v.LabelMatchers {
		if plain, ok := strings.CutSuffix(m.Value, `(\.0)?`); ok && m.Type == labels.MatchRegexp && m.Name == "le" {
			m = labels.MustNewMatcher(labels.MatchEqual, m.Name, plain)
		}
		if m.Name != model.MetricNameLabel || v.Name == "" {
			out.LabelMatchers = append(out.LabelMatchers, m)
		}
	}
	return out.String()
}

// CounterOf is the selector inside sum by (…) (increase(selector[…])), nil for any other expression.
func CounterOf(e parser.Expr) *parser.VectorSelector {
	agg, ok := bare(e).(*parser.AggregateExpr)
	if !ok || agg.Op != parser.SUM {
		return nil
	}
	return rangeOf(bare(agg.Expr), "increase")
}
