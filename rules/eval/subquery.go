package eval

import (
	"fmt"
	"regexp"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/rules"
)

// subqueryPattern finds what may be a subquery, so that others are not parsed once more.
var subqueryPattern = regexp.MustCompile(`\[[^\[\]]*:`)

// tooMany says why an expression is not evaluated over a span of time, though the engine would begin to: it takes the memory for the
// steps of a subquery before it counts them.
func tooMany(expr string, over, step time.Duration) error {
	if !subqueryPattern.MatchString(expr) {
		return nil
	}
	tree, err := rules.NewParser().ParseExpr(expr)
	if err != nil {
		return nil //nolint:nilerr // the engine says it
	}
	return tooManyOf(tree, over, step)
}

func tooManyOf(tree parser.Expr, over, step time.Duration) error {
	var problem error
	parser.Inspect(tree, func(n parser.Node, path []parser.Node) error {
		if sub, ok := n.(*parser.SubqueryExpr); ok && problem == nil {
			problem = tooFine(sub, path, over, step)
		}
		return nil
	})
	return problem
}

// tooFine says why a subquery is not evaluated: over its range, and that of those above it, it has too many steps.
func tooFine(sub *parser.SubqueryExpr, path []parser.Node, over, step time.Duration) error {
	span := over + sub.Range
	for _, above := range path {
		if s, ok := above.(*parser.SubqueryExpr); ok {
			span += s.Range
		}
	}
	each := sub.Step
	if each <= 0 {
		each = max(step, time.Millisecond)
	}
	if steps := span / each; steps > maxSamples {
		return fmt.Errorf("a subquery of it has %d steps, more than the %d samples that a query may load", steps, maxSamples)
	}
	return nil
}
