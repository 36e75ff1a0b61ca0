package rules

import (
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// LabelSet is what can be said of the labels of an expression's result without data: either the only labels that it can
// have, or labels that it surely lacks.
type LabelSet struct {
	Closed bool
	names  []string // when Closed: all that it can have; otherwise: those that it surely lacks
}

// Has reports whether the result can have the label.
func (s LabelSet) Has(name string) bool { return slices.Contains(s.names, name) == s.Closed }

func only(names ...string) LabelSet { return LabelSet{Closed: true, names: names} }

func (s LabelSet) without(names ...string) LabelSet {
	if s.Closed {
		return only(slices.DeleteFunc(slices.Clone(s.names), func(n string) bool { return slices.Contains(names, n) })...)
	}
	return LabelSet{names: slices.Concat(s.names, names)}
}

func (s LabelSet) with(names ...string) LabelSet {
	if s.Closed {
		return only(slices.Concat(s.names, names)...)
	}
	return LabelSet{names: slices.DeleteFunc(slices.Clone(s.names), func(n string) bool { return slices.Contains(names, n) })}
}

// keep leaves only the named labels, as far as the set can have them.
func (s LabelSet) keep(names []string) LabelSet {
	return only(slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !s.Has(n) })...)
}

func (s LabelSet) union(t LabelSet) LabelSet {
	switch {
	case s.Closed && t.Closed:
		return only(slices.Concat(s.names, t.names)...)
	case s.Closed:
		return t.with(s.names...)
	case t.Closed:
		return s.with(t.names...)
	}
	return LabelSet{names: slices.DeleteFunc(slices.Clone(s.names), t.Has)}
}

// ResultLabels says which labels the result of an expression can have. It follows the engine of Prometheus v3.16
// (promql/engine.go: resultMetric, aggregation; promql/functions.go); what it does not know it leaves open.
func ResultLabels(e parser.Expr) LabelSet {
	switch e := e.(type) {
	case *parser.NumberLiteral, *parser.StringLiteral:
		return only()
	case *parser.ParenExpr:
		return ResultLabels(e.Expr)
	case *parser.StepInvariantExpr:
		return ResultLabels(e.Expr)
	case *parser.SubqueryExpr:
		return ResultLabels(e.Expr)
	case *parser.UnaryExpr:
		return ResultLabels(e.Expr)
	case *parser.AggregateExpr:
		return aggregateLabels(e)
	case *parser.BinaryExpr:
		return binaryLabels(e)
	case *parser.Call:
		return callLabels(e)
	}
	return LabelSet{} // a selector has the labels of its series
}

func aggregateLabels(e *parser.AggregateExpr) LabelSet {
	inner := ResultLabels(e.Expr)
	switch e.Op {
	case parser.TOPK, parser.BOTTOMK, parser.LIMITK, parser.LIMIT_RATIO:
		return inner
	}
	out := inner.without(e.Grouping...)
	if !e.Without {
		out = inner.keep(e.Grouping)
	}
	if s, ok := e.Param.(*parser.StringLiteral); ok && e.Op == parser.COUNT_VALUES {
		out = out.with(s.Val)
	}
	return out
}

func binaryLabels(e *parser.BinaryExpr) LabelSet {
	left, right := ResultLabels(e.LHS), ResultLabels(e.RHS)
	switch {
	case e.LHS.Type() == parser.ValueTypeScalar:
		return right
	case e.RHS.Type() == parser.ValueTypeScalar || e.VectorMatching == nil:
		return left
	case e.Op == parser.LOR:
		return left.union(right)
	case e.Op.IsSetOperator():
		return left
	}
	m := e.VectorMatching
	switch m.Card {
	case parser.CardManyToOne:
		return left.with(m.Include...)
	case parser.CardOneToMany:
		return right.with(m.Include...)
	}
	if m.On {
		return left.keep(m.MatchingLabels)
	}
	return left.without(m.MatchingLabels...)
}

func callLabels(e *parser.Call) LabelSet {
	switch e.Func.Name {
	case "label_replace", "label_join":
		if s, ok := e.Args[1].(*parser.StringLiteral); ok {
			return ResultLabels(e.Args[0]).with(s.Val)
		}
		return LabelSet{}
	case "absent", "absent_over_time":
		return absentLabels(e.Args[0])
	case "histogram_quantile", "histogram_fraction":
		return ResultLabels(e.Args[len(e.Args)-1]).without(labels.BucketLabel)
	case "info", "histogram_quantiles":
		return LabelSet{}
	}
	for _, a := range e.Args {
		if t := a.Type(); t == parser.ValueTypeVector || t == parser.ValueTypeMatrix {
			if e.Func.ReturnType == parser.ValueTypeScalar {
				return only()
			}
			return ResultLabels(a)
		}
	}
	return only() // time(), vector(1) and their like
}

// absentLabels are the labels that absent() makes up: those that its selector fixes by equality.
func absentLabels(e parser.Expr) LabelSet {
	if m, ok := e.(*parser.MatrixSelector); ok {
		e = m.VectorSelector
	}
	vs, ok := e.(*parser.VectorSelector)
	if !ok {
		return only()
	}
	var names []string
	for _, m := range vs.LabelMatchers {
		if m.Type == labels.MatchEqual && m.Name != model.MetricNameLabel {
			names = append(names, m.Name)
		}
	}
	return only(names...)
}
