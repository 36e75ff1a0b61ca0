package eval

import (
	"slices"

	"github.com/prometheus/prometheus/promql/parser"
)

// needs lists the metrics of an expression that is empty while none of them has a series, so that it need not be
// evaluated until one has; nil when there is no such list, as with absent(), vector() and selectors without a name.
func needs(expr parser.Expr) []string {
	if expr == nil || expr.Type() != parser.ValueTypeVector {
		return nil
	}
	var names []string
	sure := true
	parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
		switch n := n.(type) {
		case *parser.VectorSelector:
			names = append(names, n.Name)
			sure = sure && n.Name != ""
		case *parser.Call:
			sure = sure && emptyOnEmpty(n)
		}
		return nil
	})
	if !sure {
		return nil
	}
	slices.Sort(names)
	return slices.Compact(names)
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
func (s *Store) sleeps(names []string) bool {
	return len(names) > 0 && !slices.ContainsFunc(names, func(n string) bool { return len(s.byName[n]) > 0 })
}
