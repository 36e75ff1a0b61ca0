package lint

import (
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/internal/diag"
	"treadmill/rules"
)

// The IDs of what a live server says of queries.
const (
	FindingNoSeries = "rules/no-series" // a selector that finds nothing on the server
	FindingType     = "rules/type"      // a metric of another type than its use asks for
)

// Live is what a server knows.
type Live struct {
	Types  map[string]string // of metrics, as targets declare them
	Series map[string]bool   // by selector, and by the name of a metric alone: whether there were series
}

// Selectors are the selectors of queries whose series a server should have, each once and in order: those that rules record, that an
// expression can do without, or whose absence it asks for, are left out. names are their metrics.
func Selectors(queries []Query, recorded map[string]bool) (selectors, names []string) {
	eachWanted(queries, recorded, func(_ Query, s *parser.VectorSelector) {
		selectors = append(selectors, plainSelector(s))
		if name := nameOf(s); name != "" {
			names = append(names, name)
		}
	})
	slices.Sort(selectors)
	slices.Sort(names)
	return slices.Compact(selectors), slices.Compact(names)
}

func eachWanted(queries []Query, recorded map[string]bool, visit func(Query, *parser.VectorSelector)) {
	for _, q := range queries {
		expr, err := rules.ParseExpr(q.Expr)
		if err != nil {
			continue
		}
		parser.Inspect(expr, func(n parser.Node, path []parser.Node) error {
			s, ok := n.(*parser.VectorSelector)
			if ok && !recorded[nameOf(s)] && !alternative(path) && !subtracted(path, s) && nameOf(s) != "ALERTS" {
				visit(q, s)
			}
			return nil
		})
	}
}

// subtracted reports whether a series stands on the right of unless, where it is fine that there is none.
func subtracted(path []parser.Node, s parser.Node) bool {
	for i, n := range path {
		b, ok := n.(*parser.BinaryExpr)
		if !ok || b.Op != parser.LUNLESS {
			continue
		}
		below := s
		if i+1 < len(path) {
			below = path[i+1]
		}
		if b.RHS == below {
			return true
		}
	}
	return false
}

// plainSelector is a selector without its offset.
func plainSelector(s *parser.VectorSelector) string {
	plain := *s
	plain.OriginalOffset, plain.Offset, plain.OriginalOffsetExpr, plain.Timestamp, plain.StartOrEnd = 0, 0, nil, nil, 0
	return plain.String()
}

// CheckLive finds the queries whose series a server does not have, and those that take a metric for another type than it has there.
func CheckLive(queries []Query, recorded map[string]bool, live Live) []diag.Finding {
	k := &checker{recorded: recorded}
	eachWanted(queries, recorded, func(q Query, s *parser.VectorSelector) {
		selector, name := plainSelector(s), nameOf(s)
		switch {
		case live.Series[selector]:
		case name == "" || !live.Series[name]:
			k.fail(q, FindingNoSeries, diag.Warning, "%s has no series on the server", selector)
		default:
			k.fail(q, FindingNoSeries, diag.Warning, "%s has no series on the server, which has %s with other labels: %s", selector, name,
				matchersOf(s))
		}
	})
	for _, q := range queries {
		if expr, err := rules.ParseExpr(q.Expr); err == nil {
			k.types(q, expr, live.Types)
		}
	}
	diag.Sort(k.findings)
	return slices.Compact(k.findings)
}

func matchersOf(s *parser.VectorSelector) string {
	var out []string
	for _, m := range s.LabelMatchers {
		if m.Name != labels.MetricName {
			out = append(out, m.String())
		}
	}
	return "look at " + strings.Join(out, ", ")
}

// types compares what functions ask of a metric with its type on the server.
func (k *checker) types(q Query, expr parser.Expr, types map[string]string) {
	parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
		c, ok := n.(*parser.Call)
		if !ok || len(c.Args) == 0 {
			return nil
		}
		m, ok := c.Args[0].(*parser.MatrixSelector)
		if !ok {
			return nil
		}
		s, ok := m.VectorSelector.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		name := nameOf(s)
		kind := types[name]
		switch {
		case slices.Contains(counting, c.Func.Name) && kind == "gauge":
			k.fail(q, FindingType, diag.Warning, "%s() wants a counter, and the server says that %s is a gauge; use deriv() or delta()",
				c.Func.Name, name)
		case slices.Contains([]string{"delta", "idelta", "deriv"}, c.Func.Name) && kind == "counter":
			k.fail(q, FindingType, diag.Warning, "%s() wants a gauge, and the server says that %s is a counter; use increase() or rate()",
				c.Func.Name, name)
		}
		return nil
	})
}
