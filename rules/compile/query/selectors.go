package query

import (
	"slices"

	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/slo"
)

// SelectorsOf are the selectors of a query, none where it cannot be read.
func SelectorsOf(q slo.Query) []*parser.VectorSelector {
	p, err := parse(q)
	if q.IsZero() || err != nil {
		return nil
	}
	var out []*parser.VectorSelector
	parser.Inspect(p.expr, func(n parser.Node, _ []parser.Node) error {
		if v, ok := n.(*parser.VectorSelector); ok {
			out = append(out, v)
		}
		return nil
	})
	return out
}

// selectors are the selectors of an expression as instant ones, each once.
func selectors(e parser.Expr) []string {
	var out []string
	parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
		if v, ok := n.(*parser.VectorSelector); ok {
			now := parser.VectorSelector{Name: v.Name, LabelMatchers: v.LabelMatchers}
			if s := now.String(); !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
		return nil
	})
	return out
}
