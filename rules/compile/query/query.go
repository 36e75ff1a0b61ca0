// Package query understands the PromQL of SLO specs.
//
// The way through it: an slo.Indicator → parse (its queries, with the places of their ranges) → Count → Events, expressions over one window
// that give what is counted in it. SidesOf and the functions beside it recognise the usual shapes. The package evaluates nothing.
package query

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/rules"
	"treadmill/slo"
)

// windowWord is the place of the range in a query; it is read as a range that nobody writes and found again in the
// parsed tree, so that no text is replaced in what the rules will hold.
var windowWord = regexp.MustCompile(`\{\{-?\s*\.window\s*-?\}\}`)

const windowMark = 1234567891 * time.Millisecond

// query is a parsed query whose ranges can be set.
type query struct {
	expr   parser.Expr
	ranges int  // places of the range, 0 when the query has none and its selectors must get one
	marked bool // the places are those of {{.window}}
}

// parse reads a query and finds the places of its range.
func parse(q slo.Query) (query, error) {
	text := windowWord.ReplaceAllString(q.Text, "1234567891ms")
	if i := strings.Index(text, "{{"); i >= 0 {
		return query{}, fmt.Errorf("only {{.window}} stands for something in a query; found %q", firstWord(text[i:]))
	}
	expr, err := rules.ParsePlain(text)
	if err != nil {
		return query{}, fmt.Errorf("the query is not PromQL: %w", err)
	}
	p := query{expr: expr, marked: text != q.Text}
	marks := strings.Count(text, "1234567891ms")
	err = p.check()
	if err == nil && p.marked && p.ranges != marks {
		err = fmt.Errorf("{{.window}} may only replace a range, such as x[{{.window}}]")
	}
	return p, err
}

func firstWord(s string) string {
	if end := strings.Index(s, "}}"); end >= 0 {
		return s[:end+2]
	}
	return s[:min(len(s), 20)]
}

// check counts the places of the range and refuses what cannot be evaluated over tiles.
func (p *query) check() error {
	if t := p.expr.Type(); t != parser.ValueTypeVector {
		return fmt.Errorf("the query is a %s; want an instant vector, such as sum(rate(x[5m]))", parser.DocumentedType(t))
	}
	var err error
	p.walk(p.expr, false, func(n parser.Node, r *time.Duration) {
		if s, ok := n.(*parser.SubqueryExpr); ok && s.Step == windowMark {
			p.ranges++ // one step a window
		}
		if r != nil {
			p.ranges++
			return
		}
		if v, ok := n.(*parser.VectorSelector); ok && (v.Timestamp != nil || v.StartOrEnd != 0) {
			err = fmt.Errorf("the selector %s is fixed to one moment by @; remove it", v)
		}
	})
	return err
}

// walk visits the tree; f gets the range of each node that holds a place of it, and nil for other nodes.
func (p *query) walk(n parser.Node, inside bool, f func(parser.Node, *time.Duration)) {
	var r *time.Duration
	switch n := n.(type) {
	case *parser.MatrixSelector:
		r = &n.Range
	case *parser.SubqueryExpr:
		r = &n.Range
	}
	if r != nil && (p.marked && *r != windowMark || inside) {
		r = nil
	}
	f(n, r)
	for c := range parser.ChildrenIter(n) {
		p.walk(c, inside || r != nil && !p.marked, f)
	}
}

// over is the query over a window, as events within it: rates become increases, selectors without a range get one
// inside the function. It changes the tree, so it is called once.
func (p query) over(w slo.Window, function string) parser.Expr {
	expr := p.expr
	if p.ranges == 0 {
		expr = ranged(expr, w, function)
	} else {
		p.walk(expr, false, func(n parser.Node, r *time.Duration) {
			if r != nil {
				*r = time.Duration(w)
			}
			if s, ok := n.(*parser.SubqueryExpr); ok && s.Step == windowMark {
				s.Step = time.Duration(w)
			}
		})
	}
	increases(expr, w)
	spellings(expr)
	return expr
}

// ranged puts a range function around every selector of an expression that has none.
func ranged(e parser.Expr, w slo.Window, function string) parser.Expr {
	return replaced(e, func(e parser.Expr) parser.Expr {
		if v, ok := e.(*parser.VectorSelector); ok {
			return &parser.Call{
				Func: parser.Functions[function],
				Args: parser.Expressions{&parser.MatrixSelector{VectorSelector: v, Range: time.Duration(w)}},
			}
		}
		return nil
	})
}

// replaced puts what f gives in the place of parts of an expression, subqueries excepted. Where f gives nil, the parts of the part
// are looked at. It changes the tree.
func replaced(e parser.Expr, f func(parser.Expr) parser.Expr) parser.Expr {
	if other := f(e); other != nil {
		return other
	}
	switch e := e.(type) {
	case *parser.ParenExpr:
		e.Expr = replaced(e.Expr, f)
	case *parser.AggregateExpr:
		e.Expr = replaced(e.Expr, f)
	case *parser.UnaryExpr:
		e.Expr = replaced(e.Expr, f)
	case *parser.BinaryExpr:
		e.LHS, e.RHS = replaced(e.LHS, f), replaced(e.RHS, f)
	case *parser.Call:
		for i := range e.Args {
			e.Args[i] = replaced(e.Args[i], f)
		}
	}
	return e
}

// increases turns the rates over the window into counts of events, which can be added up. irate reads only the last two
// samples of a window and misses all others, so it becomes a count too.
func increases(e parser.Expr, w slo.Window) {
	parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
		c, ok := n.(*parser.Call)
		if !ok || len(c.Args) != 1 || c.Func.Name != "rate" && c.Func.Name != "irate" {
			return nil
		}
		switch a := c.Args[0].(type) {
		case *parser.MatrixSelector:
			ok = a.Range == time.Duration(w)
		case *parser.SubqueryExpr:
			ok = a.Range == time.Duration(w)
		}
		if ok {
			c.Func = parser.Functions["increase"]
		}
		return nil
	})
}

var wholeNumber = regexp.MustCompile(`^[0-9]+(\.0)?$`)

// spellings lets bounds of histograms match as Prometheus 2 writes them (5) and as Prometheus 3 does (5.0).
func spellings(e parser.Expr) {
	parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
		v, ok := n.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		for i, m := range v.LabelMatchers {
			if (m.Name == "le" || m.Name == "quantile") && m.Type == labels.MatchEqual && wholeNumber.MatchString(m.Value) {
				v.LabelMatchers[i] = labels.MustNewMatcher(labels.MatchRegexp, m.Name, strings.TrimSuffix(m.Value, ".0")+`(\.0)?`)
			}
		}
		return nil
	})
}

// grouping is the labels that the elements of an expression's result have. It reports false when the text does not say.
func grouping(e parser.Expr) ([]string, bool) {
	switch e := e.(type) {
	case *parser.ParenExpr:
		return grouping(e.Expr)
	case *parser.UnaryExpr:
		return grouping(e.Expr)
	case *parser.SubqueryExpr:
		return grouping(e.Expr)
	case *parser.AggregateExpr:
		by := slices.Clone(e.Grouping)
		slices.Sort(by)
		return by, !e.Without && e.Op != parser.TOPK && e.Op != parser.BOTTOMK && e.Op != parser.COUNT_VALUES
	case *parser.Call:
		return groupingOfCall(e)
	case *parser.BinaryExpr:
		l, okL := grouping(e.LHS)
		r, okR := grouping(e.RHS)
		switch {
		case e.LHS.Type() == parser.ValueTypeScalar:
			return r, okR
		case e.RHS.Type() == parser.ValueTypeScalar:
			return l, okL
		default:
			return l, okL && okR && slices.Equal(l, r)
		}
	}
	return nil, e.Type() == parser.ValueTypeScalar
}

func groupingOfCall(c *parser.Call) ([]string, bool) {
	switch c.Func.Name {
	case "vector", "scalar", "time":
		return nil, true
	case "label_replace", "label_join", "absent", "absent_over_time", "info":
		return nil, false
	}
	for _, a := range c.Args {
		if t := a.Type(); t == parser.ValueTypeVector || t == parser.ValueTypeMatrix {
			return grouping(a)
		}
	}
	return nil, true
}

// summed is an expression whose result has exactly the labels: as it stands where it has them, else inside sum by.
func summed(e parser.Expr, by []string) (parser.Expr, []string, error) {
	have, known := grouping(e)
	switch {
	case known && (len(by) == 0 || slices.Equal(have, by)):
		return e, have, nil
	case known:
		return nil, nil, fmt.Errorf("the query is grouped by %v, where %v is wanted", have, by)
	case hasWithout(e):
		return nil, nil, fmt.Errorf("which labels `without` leaves is not known before it runs; write the labels to keep with `by`")
	}
	return &parser.AggregateExpr{Op: parser.SUM, Expr: e, Grouping: by}, by, nil
}

func hasWithout(e parser.Expr) bool {
	found := false
	parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
		if a, ok := n.(*parser.AggregateExpr); ok && a.Without {
			found = true
		}
		return nil
	})
	return found
}
