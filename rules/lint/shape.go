package lint

import (
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/internal/diag"
	"treadmill/rules"
)

// The IDs of what a query says that cannot be meant.
const (
	FindingGaugeRate  = "rules/rate-of-gauge" // rate() or increase() of what goes up and down
	FindingShort      = "rules/short-range"   // a rate over less than two scrapes, which is always empty
	FindingMatchLabel = "rules/match-label"   // on() by a label that neither side has
)

// shape checks what an expression does with its series.
func (k *checker) shape(q Query, expr parser.Expr) {
	parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
		switch n := n.(type) {
		case *parser.Call:
			k.rate(q, n)
		case *parser.BinaryExpr:
			k.match(q, n)
		}
		return nil
	})
}

// counting are the functions that take a falling value for a counter that began anew.
var counting = []string{"rate", "irate", "increase"}

func (k *checker) rate(q Query, c *parser.Call) {
	if !slices.Contains(counting, c.Func.Name) || len(c.Args) != 1 {
		return
	}
	m, ok := c.Args[0].(*parser.MatrixSelector)
	if !ok {
		return
	}
	s, ok := m.VectorSelector.(*parser.VectorSelector)
	if !ok {
		return
	}
	series := nameOf(s)
	if k.kind(series) == "gauge" && !k.recorded[series] && !strings.Contains(series, "timestamp") { // a time only goes forward
		k.fail(q, FindingGaugeRate, diag.Warning,
			"%s() of %s, which is a gauge: each time it falls it is taken for a counter that began anew; use deriv() or delta()",
			c.Func.Name, series)
	}
	if m.Range > 0 && m.Range < 2*k.scrape {
		k.fail(q, FindingShort, diag.Warning, "%s() over %s holds less than two scrapes of %s, so that it is always empty; four are safe",
			c.Func.Name, short(m.Range), short(k.scrape))
	}
}

func short(d time.Duration) string { return model.Duration(d).String() }

// kind is the type of a series, "" when it is not known.
func (k *checker) kind(series string) string {
	if series == "" || strings.HasSuffix(series, "_bucket") || strings.HasSuffix(series, "_count") || strings.HasSuffix(series, "_sum") {
		return ""
	}
	if name, runs := k.catalogue.find(series); name == series && len(runs) > 0 {
		kind := runs[0].Type
		if slices.ContainsFunc(runs, func(m Metric) bool { return m.Type != kind }) {
			return ""
		}
		return kind
	}
	if k.exporters == nil {
		return ""
	}
	if c, name, runs := k.exporters.find(series); c != nil && name == series {
		now, _ := c.now(runs)
		return now.kind
	}
	return ""
}

// match reports labels of on() that neither side can have: then all series of a side match all of the other, or, which is the same thing
// said otherwise, the label was misspelt.
func (k *checker) match(q Query, b *parser.BinaryExpr) {
	if b.VectorMatching == nil || !b.VectorMatching.On {
		return
	}
	for _, label := range b.VectorMatching.MatchingLabels {
		if !k.has(b.LHS, label) && !k.has(b.RHS, label) {
			k.fail(q, FindingMatchLabel, diag.Warning, "on (%s): neither side has a label %q",
				strings.Join(b.VectorMatching.MatchingLabels, ", "), label)
		}
	}
}

// target are labels that a scrape gives every series, or that people have it give.
var target = []string{
	"job", "instance", "namespace", "pod", "container", "service", "endpoint", "node", "cluster", "prometheus",
	"prometheus_replica", "replica", "region", "zone", "environment", "env", "stage", "tenant", "team", "app", "component",
	"host", "hostname", "nodename", "metrics_path", "le", "quantile", "uid",
}

// has reports whether the result of an expression may have a label.
func (k *checker) has(e parser.Expr, label string) bool {
	if !rules.ResultLabels(e).Has(label) {
		return false
	}
	switch e := e.(type) {
	case *parser.VectorSelector:
		return k.seriesHas(e, label)
	case *parser.ParenExpr:
		return k.has(e.Expr, label)
	case *parser.StepInvariantExpr:
		return k.has(e.Expr, label)
	case *parser.SubqueryExpr:
		return k.has(e.Expr, label)
	case *parser.MatrixSelector:
		return k.has(e.VectorSelector, label)
	case *parser.UnaryExpr:
		return k.has(e.Expr, label)
	case *parser.AggregateExpr:
		return e.Op == parser.COUNT_VALUES || k.has(e.Expr, label)
	case *parser.Call:
		if strings.HasPrefix(e.Func.Name, "label_") {
			return true // ResultLabels knows what it makes, and the rest may be hidden in it
		}
		return !slices.ContainsFunc(e.Args, func(a parser.Expr) bool {
			t := a.Type()
			return (t == parser.ValueTypeVector || t == parser.ValueTypeMatrix) && !k.has(a, label)
		})
	case *parser.BinaryExpr:
		return k.eitherHas(e, label)
	}
	return true
}

func (k *checker) eitherHas(e *parser.BinaryExpr, label string) bool {
	switch {
	case e.LHS.Type() == parser.ValueTypeScalar:
		return k.has(e.RHS, label)
	case e.RHS.Type() == parser.ValueTypeScalar:
		return k.has(e.LHS, label)
	case e.Op == parser.LAND || e.Op == parser.LUNLESS:
		return k.has(e.LHS, label)
	}
	return k.has(e.LHS, label) || k.has(e.RHS, label)
}

// seriesHas reports whether a series may have a label: it is asked for, or its metric is not known to have other labels.
func (k *checker) seriesHas(s *parser.VectorSelector, label string) bool {
	if slices.Contains(target, label) || strings.HasPrefix(label, "exported_") || strings.HasPrefix(label, "label_") {
		return true
	}
	for _, m := range s.LabelMatchers {
		if m.Name == label && !m.Matches("") {
			return true
		}
	}
	series := nameOf(s)
	if series == "" || k.recorded[series] || k.exporters == nil {
		return true
	}
	c, _, runs := k.exporters.find(series)
	if c == nil {
		return true
	}
	if object, ok := labelled(series); ok { // its other labels begin with label_ or annotation_
		return strings.HasPrefix(label, "annotation_") || strings.Contains(object, label)
	}
	return slices.ContainsFunc(runs, func(r run) bool { return r.labels == nil || slices.Contains(r.labels, label) })
}

// labelled is the kind of object whose labels or annotations a metric of kube-state-metrics has as its own.
func labelled(series string) (object string, ok bool) {
	for _, end := range []string{"_labels", "_annotations"} {
		if object, ok := strings.CutSuffix(series, end); ok && strings.HasPrefix(object, "kube_") {
			return strings.TrimPrefix(object, "kube_"), true
		}
	}
	return "", false
}
