package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"os"
	"slices"
	"strings"

	"treadmill/internal/gomodule"
	"treadmill/rules/lint/gen/declare"
)

// metric is what one minor declares of one name. Labels of nil are not known: they are made at run time.
type metric struct {
	kind, stability, deprecated, help string
	labels                            []string
}

// reader reads the declarations of one minor.
type reader struct {
	*declare.Source
	metrics map[string]metric
	used    map[*ast.CompositeLit]bool // options that a call with labels has taken
}

// read adds what the modules of one minor declare.
func (h history) read(minor int, set []gomodule.Module) error {
	r := reader{Source: declare.New(set...), metrics: map[string]metric{}, used: map[*ast.CompositeLit]bool{}}
	for _, m := range set {
		dirs, err := declare.Folders(m, declares)
		if err != nil {
			return err
		}
		for _, dir := range dirs {
			p, err := r.Load(dir)
			if err != nil {
				return err
			}
			for _, f := range p.Files {
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
func (r *reader) call(p *declare.Package, f *ast.File, n ast.Node) {
	c, ok := n.(*ast.CallExpr)
	if !ok || len(c.Args) == 0 {
		return
	}
	name := declare.Called(c)
	switch {
	case name == "NewDesc" && len(c.Args) >= 6:
		r.desc(p, f, c)
	case strings.HasPrefix(name, "New") && strings.Contains(name, "Vec") && len(c.Args) >= 2:
		if lit, q, g := r.Literal(p, f, c.Args[0], isOptions); lit != nil {
			r.used[lit] = true
			r.declare(q, g, lit, r.Texts(p, f, c.Args[1]))
		}
	}
}

// alone reads the options that no call with labels has taken: metrics without labels.
func (r *reader) alone(p *declare.Package, f *ast.File, n ast.Node) {
	if lit, ok := n.(*ast.CompositeLit); ok && kindOf(lit) != "" && !r.used[lit] {
		r.declare(p, f, lit, []string{})
	}
}

func isOptions(lit *ast.CompositeLit) bool { return kindOf(lit) != "" }

// declares says whether a file can declare metrics.
func declares(text []byte) bool {
	return bytes.Contains(text, []byte(`"k8s.io/component-base/metrics"`)) || bytes.Contains(text, []byte("package metrics"))
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
func (r *reader) declare(p *declare.Package, f *ast.File, lit *ast.CompositeLit, labels []string) {
	m := metric{kind: kindOf(lit), stability: "ALPHA", labels: labels}
	var parts []string
	known := true
	for _, key := range []string{"Namespace", "Subsystem", "Name"} {
		if e := declare.Field(lit, key); e != nil {
			text, ok := r.Text(p, f, e)
			known = known && ok
			if text != "" {
				parts = append(parts, text)
			}
		}
	}
	if e := declare.Field(lit, "StabilityLevel"); e != nil {
		m.stability = stability(e)
	}
	if e := declare.Field(lit, "DeprecatedVersion"); e != nil {
		m.deprecated, _ = r.Text(p, f, e)
	}
	if e := declare.Field(lit, "Help"); e != nil {
		m.help, _ = r.Text(p, f, e)
	}
	if declare.Field(lit, "ConstLabels") != nil {
		m.labels = nil
	}
	r.add(strings.Join(parts, "_"), known && declare.Field(lit, "Name") != nil, m)
}

// desc reads NewDesc(name, help, labels, constant labels, stability, deprecated version).
func (r *reader) desc(p *declare.Package, f *ast.File, c *ast.CallExpr) {
	m := metric{kind: "-", stability: stability(c.Args[4]), labels: r.Texts(p, f, c.Args[2])}
	m.deprecated, _ = r.Text(p, f, c.Args[5])
	m.help, _ = r.Text(p, f, c.Args[1])
	if id, ok := c.Args[3].(*ast.Ident); !ok || id.Name != "nil" {
		m.labels = nil
	}
	name, known := r.Text(p, f, c.Args[0])
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

func stability(e ast.Expr) string {
	if s, ok := e.(*ast.SelectorExpr); ok {
		return s.Sel.Name
	}
	if id, ok := e.(*ast.Ident); ok {
		return id.Name
	}
	return "ALPHA"
}
