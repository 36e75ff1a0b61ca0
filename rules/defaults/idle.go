package defaults

import (
	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/internal/diag"
	"treadmill/rules"
)

// NaNWhenIdle is the ID of a finding on a division of rates that is not a number while nothing happens, where that number
// goes on to be recorded, summed or compared by !=.
const NaNWhenIdle = "audit/nan-when-idle"

// idleDefects reports a rule that divides by a rate without a guard. An alert on a plain comparison is left alone: NaN
// compares as false, so it does not fire.
func idleDefects(p rules.Placed, expr parser.Expr) []diag.Finding {
	found := false
	parser.Inspect(expr, func(n parser.Node, path []parser.Node) error {
		if b, ok := n.(*parser.BinaryExpr); ok && b.Op == parser.DIV && isRate(b.RHS) && spreads(path, b) {
			found = true
		}
		return nil
	})
	if !found {
		return nil
	}
	return []diag.Finding{{ID: NaNWhenIdle, Severity: diag.Info, Position: p.Rule.ExprPos,
		Message: p.Rule.Name() + ": divides by a rate that is 0 while nothing happens, which gives NaN: guard it with \"> 0\""}}
}

// isRate reports whether an expression is a rate, or a sum of rates, that nothing keeps from being 0.
func isRate(e parser.Expr) bool {
	switch e := e.(type) {
	case *parser.ParenExpr:
		return isRate(e.Expr)
	case *parser.AggregateExpr:
		return e.Op == parser.SUM && isRate(e.Expr)
	case *parser.Call:
		return e.Func.Name == "rate" || e.Func.Name == "irate" || e.Func.Name == "increase"
	}
	return false
}

// spreads reports whether NaN gets through from a division up to the result: no comparison on the way swallows it.
// path holds the nodes above the division, the root first.
func spreads(path []parser.Node, div parser.Node) bool {
	below := div
	for i := len(path) - 1; i >= 0; i-- {
		switch n := path[i].(type) {
		case *parser.AggregateExpr:
			if n.Op != parser.MIN && n.Op != parser.MAX {
				return true // one idle series spoils the sum
			}
		case *parser.BinaryExpr:
			if n.Op.IsComparisonOperator() && n.Op != parser.NEQ {
				return false
			}
			if (n.Op == parser.LAND || n.Op == parser.LUNLESS) && n.RHS == below {
				return false
			}
		}
		below = path[i]
	}
	return true
}
