package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"treadmill/internal/gomodule"
)

// metric is what one minor declares of one name. Labels of nil are not known: they are made at run time.
type metric struct {
	kind, stability, deprecated, help string
	labels                            []string
}

// reader reads the declarations of one minor.
type reader struct {
	source
	metrics map[string]metric
	used    map[*ast.CompositeLit]bool // options that a call with labels has taken
}

// read adds what the modules of one minor declare.
func (h history) read(minor int, set []gomodule.Module) error {
	r := reader{source: source{modules: set, packages: map[string]*pkg{}}, metrics: map[string]metric{}, used: map[*ast.CompositeLit]bool{}}
	for _, m := range set {
		dirs, err := folders(m)
		if err != nil {
			return err
		}
		for _, dir := range dirs {
			p, err := r.load(dir)
			if err != nil {
				return err
			}
			for _, f := range p.files {
				ast.Inspect(f, func(n ast.Node) bool { r.call(p, f, n); return true })
				ast.Inspect(f, func(n ast.Node) bool { r.alone(p, f, n); return true })
			}
		}
	}
	for name, m := range r.metrics {
		h.note(name, minor, m)
	}
	return nil
}

// call reads NewCounterVec(options, labels) and its kin, and NewDesc.
func (r *reader) call(p *pkg, f *ast.File, n ast.Node) {
	c, ok := n.(*ast.CallExpr)
	if !ok || len(c.Args) == 0 {
		return
	}
	name := called(c)
	switch {
	case name == "NewDesc" && len(c.Args) >= 6:
		r.desc(p, f, c)
	case strings.HasPrefix(name, "New") && strings.Contains(name, "Vec") && len(c.Args) >= 2:
		if lit, q, g := r.options(p, f, c.Args[0]); lit != nil {
			r.used[lit] = true
			r.declare(q, g, lit, r.texts(p, f, c.Args[1]))
		}
	}
}

// alone reads the options that no call with labels has taken: metrics without labels.
func (r *reader) alone(p *pkg, f *ast.File, n ast.Node) {
	if lit, ok := n.(*ast.CompositeLit); ok && kindOf(lit) != "" && !r.used[lit] {
		r.declare(p, f, lit, []string{})
	}
}

func called(c *ast.CallExpr) string {
	switch fun := c.Fun.(type) {
	case *ast.Ident:
		return fun.Name
	case *ast.SelectorExpr:
		return fun.Sel.Name
	}
	return ""
}

// options finds the literal that an argument is: &metrics.CounterOpts{…}, or a variable that holds one.
func (r *reader) options(p *pkg, f *ast.File, e ast.Expr) (*ast.CompositeLit, *pkg, *ast.File) {
	for range 4 {
		switch x := e.(type) {
		case *ast.UnaryExpr:
			e = x.X
		case *ast.CompositeLit:
			if kindOf(x) != "" {
				return x, p, f
			}
			return nil, nil, nil
		default:
			q, v, ok := r.find(p, f, e)
			if !ok {
				return nil, nil, nil
			}
			p, f, e = q, v.file, v.expr
		}
	}
	return nil, nil, nil
}

// kindOf is the type of metric that a literal of options declares, "" when it is none.
func kindOf(lit *ast.CompositeLit) string {
	name := ""
	switch t := lit.Type.(type) {
	case *ast.SelectorExpr:
		name = t.Sel.Name
	case *ast.Ident:
		name = t.Name
	}
	switch name {
	case "CounterOpts", "GaugeOpts", "HistogramOpts", "SummaryOpts":
		return strings.ToLower(strings.TrimSuffix(name, "Opts"))
	case "TimingHistogramOpts":
		return "histogram"
	}
	return ""
}

// declare adds the metric of a literal of options.
func (r *reader) declare(p *pkg, f *ast.File, lit *ast.CompositeLit, labels []string) {
	m := metric{kind: kindOf(lit), stability: "ALPHA", labels: labels}
	var parts []string
	known := true
	for _, key := range []string{"Namespace", "Subsystem", "Name"} {
		if e := field(lit, key); e != nil {
			text, ok := r.text(p, f, e)
			known = known && ok
			if text != "" {
				parts = append(parts, text)
			}
		}
	}
	if e := field(lit, "StabilityLevel"); e != nil {
		m.stability = stability(e)
	}
	if e := field(lit, "DeprecatedVersion"); e != nil {
		m.deprecated, _ = r.text(p, f, e)
	}
	if e := field(lit, "Help"); e != nil {
		m.help, _ = r.text(p, f, e)
	}
	if field(lit, "ConstLabels") != nil {
		m.labels = nil
	}
	r.add(strings.Join(parts, "_"), known && field(lit, "Name") != nil, m)
}

// desc reads NewDesc(name, help, labels, constant labels, stability, deprecated version).
func (r *reader) desc(p *pkg, f *ast.File, c *ast.CallExpr) {
	m := metric{kind: "-", stability: stability(c.Args[4]), labels: r.texts(p, f, c.Args[2])}
	m.deprecated, _ = r.text(p, f, c.Args[5])
	m.help, _ = r.text(p, f, c.Args[1])
	if id, ok := c.Args[3].(*ast.Ident); !ok || id.Name != "nil" {
		m.labels = nil
	}
	name, known := r.text(p, f, c.Args[0])
	r.add(name, known, m)
}

// add keeps a metric; two declarations of one name give it the labels of both.
func (r *reader) add(name string, known bool, m metric) {
	if !known || name == "" {
		fmt.Fprintf(os.Stderr, "a %s whose name is made at run time: %q\n", m.kind, name)
		return
	}
	if old, twice := r.metrics[name]; twice {
		if old.labels == nil || m.labels == nil {
			m.labels = nil
		} else {
			m.labels = append(m.labels, old.labels...)
		}
		if old.deprecated == "" {
			m.deprecated = ""
		}
	}
	if m.labels != nil {
		slices.Sort(m.labels)
		m.labels = slices.Compact(m.labels)
	}
	r.metrics[name] = m
}

func field(lit *ast.CompositeLit, key string) ast.Expr {
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok && id.Name == key {
				return kv.Value
			}
		}
	}
	return nil
}

func stability(e ast.Expr) string {
	if s, ok := e.(*ast.SelectorExpr); ok {
		return s.Sel.Name
	}
	if id, ok := e.(*ast.Ident); ok {
		return id.Name
	}
	return "ALPHA"
}

// texts is a list of strings: a literal, a variable that holds one, append(one, …), nil; a nil result is "not known".
func (r *reader) texts(p *pkg, f *ast.File, e ast.Expr) []string {
	switch x := e.(type) {
	case *ast.CompositeLit:
		list := []string{}
		for _, e := range x.Elts {
			text, ok := r.text(p, f, e)
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
	if q, v, ok := r.find(p, f, e); ok {
		return r.texts(q, v.file, v.expr)
	}
	return nil
}

// text is the value of a constant expression.
func (r *reader) text(p *pkg, f *ast.File, e ast.Expr) (string, bool) {
	switch x := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(x.Value)
		return text, err == nil
	case *ast.ParenExpr:
		return r.text(p, f, x.X)
	case *ast.BinaryExpr:
		a, ok := r.text(p, f, x.X)
		b, also := r.text(p, f, x.Y)
		return a + b, ok && also && x.Op == token.ADD
	case *ast.CallExpr:
		return r.joined(p, f, x)
	}
	if q, v, ok := r.find(p, f, e); ok {
		return r.text(q, v.file, v.expr)
	}
	return "", false
}

// joined is BuildFQName(namespace, subsystem, name), or a conversion such as string(name).
func (r *reader) joined(p *pkg, f *ast.File, c *ast.CallExpr) (string, bool) {
	if called(c) != "BuildFQName" && called(c) != "string" {
		return "", false
	}
	parts := map[int]string{}
	for i, a := range c.Args {
		text, ok := r.text(p, f, a)
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
