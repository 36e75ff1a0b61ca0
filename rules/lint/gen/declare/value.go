package declare

import (
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Texts is a list of strings: a literal, a variable that holds one, append(one, …), nil; a nil result is "not known".
func (s *Source) Texts(p *Package, f *ast.File, e ast.Expr) []string {
	switch x := e.(type) {
	case *ast.CompositeLit:
		list := []string{}
		for _, e := range x.Elts {
			text, ok := s.Text(p, f, e)
			if !ok {
				return nil
			}
			list = append(list, text)
		}
		return list
	case *ast.Ident:
		if x.Name == "nil" {
			return []string{}
		}
	}
	if q, v, ok := s.find(p, f, e); ok {
		return s.Texts(q, v.file, v.expr)
	}
	return nil
}

// Text is the value of a constant expression.
func (s *Source) Text(p *Package, f *ast.File, e ast.Expr) (string, bool) {
	switch x := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(x.Value)
		return text, err == nil
	case *ast.ParenExpr:
		return s.Text(p, f, x.X)
	case *ast.BinaryExpr:
		a, ok := s.Text(p, f, x.X)
		b, also := s.Text(p, f, x.Y)
		return a + b, ok && also && x.Op == token.ADD
	case *ast.CallExpr:
		return s.joined(p, f, x)
	}
	if q, v, ok := s.find(p, f, e); ok {
		return s.Text(q, v.file, v.expr)
	}
	return "", false
}

// joined is BuildFQName(namespace, subsystem, name), or a conversion such as string(name).
func (s *Source) joined(p *Package, f *ast.File, c *ast.CallExpr) (string, bool) {
	if Called(c) != "BuildFQName" && Called(c) != "string" {
		return "", false
	}
	parts := map[int]string{}
	for i, a := range c.Args {
		text, ok := s.Text(p, f, a)
		if !ok {
			return "", false
		}
		if text != "" {
			parts[i] = text
		}
	}
	var all []string
	for _, i := range slices.Sorted(maps.Keys(parts)) {
		all = append(all, parts[i])
	}
	return strings.Join(all, "_"), true
}

// Called is the name of the function that a call names.
func Called(c *ast.CallExpr) string {
	switch fun := c.Fun.(type) {
	case *ast.Ident:
		return fun.Name
	case *ast.SelectorExpr:
		return fun.Sel.Name
	}
	return ""
}

// Field is the value of a field of a literal of a struct, nil when it is not given.
func Field(lit *ast.CompositeLit, key string) ast.Expr {
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok && id.Name == key {
				return kv.Value
			}
		}
	}
	return nil
}

// Literal finds the literal of a struct that an expression is, by itself, by its address or through a variable, when the function says
// that it is wanted.
func (s *Source) Literal(p *Package, f *ast.File, e ast.Expr, wanted func(*ast.CompositeLit) bool) (*ast.CompositeLit, *Package, *ast.File) {
	for range 4 {
		switch x := e.(type) {
		case *ast.UnaryExpr:
			e = x.X
		case *ast.CompositeLit:
			if wanted(x) {
				return x, p, f
			}
			return nil, nil, nil
		default:
			q, v, ok := s.find(p, f, e)
			if !ok {
				return nil, nil, nil
			}
			p, f, e = q, v.file, v.expr
		}
	}
	return nil, nil, nil
}
