package eval

import (
	"slices"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// needs lists the selectors of an expression that is empty while none of them finds a series, so that it need not be evaluated until one
// does; nil when there is no such list, as with absent() and vector().
func needs(expr parser.Expr) [][]*labels.Matcher {
	if expr == nil || expr.Type() != parser.ValueTypeVector {
		return nil
	}
	var selectors [][]*labels.Matcher
	sure := true
	parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
		switch n := n.(type) {
		case *parser.VectorSelector:
			selectors = append(selectors, n.LabelMatchers)
			sure = sure && n.Name != ""
		case *parser.Call:
			sure = sure && emptyOnEmpty(n)
		}
		return nil
	})
	if !sure {
		return nil
	}
	return selectors
}

// emptyOnEmpty reports whether a function of no series gives none. Scalars without arguments, such as time(), do not make a
// vector out of nothing either.
func emptyOnEmpty(c *parser.Call) bool {
	switch c.Func.Name {
	case "absent", "absent_over_time", "scalar", "vector", "info":
		return false
	}
	return c.Func.ReturnType == parser.ValueTypeScalar || slices.ContainsFunc(c.Args, func(a parser.Expr) bool {
		return a.Type() == parser.ValueTypeVector || a.Type() == parser.ValueTypeMatrix
	})
}

// sleeps reports whether a rule can only give nothing, as no series exists that it reads.
func (s *Store) sleeps(selectors [][]*labels.Matcher) bool {
	return len(selectors) > 0 && !slices.ContainsFunc(selectors, func(ms []*labels.Matcher) bool {
		return slices.ContainsFunc(s.candidates(ms), func(one *series) bool { return Matches(one.labels, ms) })
	})
}
