package query

import "github.com/prometheus/prometheus/promql/parser"

// Gauge is the gauge of 0 and 1 whose sum over time is good events and whose count is all.
func Gauge(good, total parser.Expr) *parser.VectorSelector {
	sum, count := rangedSelector(good, "sum_over_time"), rangedSelector(total, "count_over_time")
	if sum == nil || count == nil || sum.String() != count.String() {
		return nil
	}
	return sum
}

// GaugeLeft is the gauge of 0 and 1 whose count over time less its sum is bad events and whose count is all.
func GaugeLeft(bad, total parser.Expr) *parser.VectorSelector {
	if bad == nil {
		return nil
	}
	b, ok := unclamped(inner(bad)).(*parser.BinaryExpr)
	if !ok || b.Op != parser.SUB || b.VectorMatching == nil || b.VectorMatching.On || len(b.VectorMatching.MatchingLabels) > 0 {
		return nil
	}
	count, left := rangedSelector(b.LHS, "count_over_time"), Gauge(b.RHS, total)
	if count == nil || left == nil || count.String() != left.String() {
		return nil
	}
	return left
}

// unclamped is x of clamp_min(x, 0), or else the expression itself.
func unclamped(e parser.Expr) parser.Expr {
	if c, ok := bare(e).(*parser.Call); ok && c.Func.Name == "clamp_min" {
		if n, ok := bare(c.Args[1]).(*parser.NumberLiteral); ok && n.Val == 0 {
			return bare(c.Args[0])
		}
	}
	return bare(e)
}

// Average is the selector inside avg(avg_over_time(x)), nil for any other expression.
func Average(e parser.Expr) *parser.VectorSelector {
	for e != nil {
		e = bare(e)
		agg, ok := e.(*parser.AggregateExpr)
		if !ok {
			break
		}
		if agg.Op != parser.AVG && agg.Op != parser.MIN && agg.Op != parser.MAX && agg.Op != parser.SUM {
			return nil
		}
		e = agg.Expr
	}
	return rangedSelector(e, "avg_over_time")
}
