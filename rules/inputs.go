package rules

import (
	"slices"

	"github.com/prometheus/prometheus/promql/parser"
)

// Inputs are the selectors that an expression reads and wants to find something with, each once and in order: those in
// absent() and absent_over_time() are left out. An expression that does not parse has none.
func Inputs(expr string) []string {
	parsed, err := ParseExpr(expr)
	if err != nil {
		return nil
	}
	var out []string
	parser.Inspect(parsed, func(n parser.Node, path []parser.Node) error {
		s, ok := n.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		for _, p := range path {
			if c, ok := p.(*parser.Call); ok && (c.Func.Name == "absent" || c.Func.Name == "absent_over_time") {
				return nil
			}
		}
		plain := *s
		plain.OriginalOffset, plain.Offset, plain.OriginalOffsetExpr, plain.Timestamp, plain.StartOrEnd = 0, 0, nil, nil, 0
		out = append(out, plain.String())
		return nil
	})
	slices.Sort(out)
	return slices.Compact(out)
}
