package eval

import (
	"slices"

	"github.com/prometheus/prometheus/promql/parser"
)

// parsed is a parser that has parsed the expressions of rules before, and gives copies of what it found, as the engine writes into what it
// evaluates. It is read by several engines at once, and never written.
type parsed struct {
	parser.Parser
	known map[string]parser.Expr
}

// ParseExpr parses an expression, or copies what came of it before.
func (p parsed) ParseExpr(text string) (parser.Expr, error) {
	if known := p.known[text]; known != nil {
		if c, ok := copied(known); ok {
			return c, nil
		}
	}
	return p.Parser.ParseExpr(text)
}

// copied copies an expression as far as the engine writes into it, and reports whether it knows all of its nodes.
func copied(e parser.Expr) (parser.Expr, bool) {
	ok := true
	down := func(e parser.Expr) parser.Expr {
		c, known := copied(e)
		ok = ok && known
		return c
	}
	switch n := e.(type) {
	case *parser.NumberLiteral, *parser.StringLiteral:
		return n, true
	case *parser.VectorSelector:
		c := *n
		return &c, true
	case *parser.MatrixSelector:
		c := *n
		c.VectorSelector = down(n.VectorSelector)
		return &c, ok
	case *parser.SubqueryExpr:
		c := *n
		c.Expr = down(n.Expr)
		return &c, ok
	case *parser.ParenExpr:
		c := *n
		c.Expr = down(n.Expr)
		return &c, ok
	case *parser.UnaryExpr:
		c := *n
		c.Expr = down(n.Expr)
		return &c, ok
	case *parser.BinaryExpr:
		c := *n
		c.LHS, c.RHS = down(n.LHS), down(n.RHS)
		return &c, ok
	case *parser.AggregateExpr:
		c := *n
		c.Expr = down(n.Expr)
		if n.Param != nil {
			c.Param = down(n.Param)
		}
		return &c, ok
	case *parser.Call:
		c := *n
		c.Args = slices.Clone(n.Args)
		for i := range c.Args {
			c.Args[i] = down(c.Args[i])
		}
		return &c, ok
	}
	return nil, false
}
