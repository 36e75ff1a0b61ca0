package main

import (
	"bytes"
	"go/ast"
	"regexp"
	"slices"
	"strings"

	"treadmill/internal/gomodule"
	"treadmill/rules/lint/gen/declare"
)

// reader reads the declarations of one release.
type reader struct {
	*declare.Source
	metrics map[string]metric
	used    map[*ast.CompositeLit]bool // options that a call with labels has taken
	kinds   map[string]string          // of the descriptions of one file, by the name that holds them
	common  []string                   // labels that all metrics of one file of kube-state-metrics have
}

func declares(text []byte) bool {
	return bytes.Contains(text, []byte(`"github.com/prometheus/client_golang`)) || bytes.Contains(text, []byte("FamilyGenerator"))
}

// read gives the metrics that a release declares.
func read(m gomodule.Module) (map[string]metric, error) {
	r := reader{Source: declare.New(m), metrics: map[string]metric{}, used: map[*ast.CompositeLit]bool{}}
	dirs, err := declare.Folders(m, declares)
	if err != nil {
		return nil, err
	}
	for _, dir := range dirs {
		p, err := r.Load(dir)
		if err != nil {
			return nil, err
		}
		for _, f := range p.Files {
			r.kinds, r.common = valueKinds(f), r.shared(p, f)
			for _, d := range f.Decls {
				fn, _ := d.(*ast.FuncDecl)
				r.Enter(f, fn)
				for _, visit := range []func(*declare.Package, *ast.File, ast.Node){r.call, r.alone, r.described} {
					ast.Inspect(d, func(n ast.Node) bool { visit(p, f, n); return true })
				}
			}
		}
	}
	return r.metrics, nil
}

// call reads NewCounterVec(options, labels) and its kin, and the generators of kube-state-metrics.
func (r *reader) call(p *declare.Package, f *ast.File, n ast.Node) {
	c, ok := n.(*ast.CallExpr)
	if !ok || len(c.Args) < 2 {
		return
	}
	switch name := declare.Called(c); {
	case strings.HasPrefix(name, "New") && strings.HasSuffix(name, "FamilyGenerator"), strings.HasPrefix(name, "New") && strings.HasSuffix(name, "FamilyGeneratorWithStability"):
		if text, known := r.Text(p, f, c.Args[0]); known {
			r.add(text, metric{kind: kindIn(c.Args), labels: r.made(p, f, c)})
		}
	case strings.HasPrefix(name, "New") && strings.HasSuffix(name, "Vec"):
		if lit, q, g := r.Literal(p, f, c.Args[0], isOptions); lit != nil {
			r.used[lit] = true
			r.options(q, g, lit, nil)
		}
	}
}

// alone reads options that no call with labels has taken, and generators that are literals.
func (r *reader) alone(p *declare.Package, f *ast.File, n ast.Node) {
	lit, ok := n.(*ast.CompositeLit)
	if !ok {
		return
	}
	if kindOf(lit) != "" && !r.used[lit] {
		r.options(p, f, lit, []string{})
	}
	if name := declare.Field(lit, "Name"); name != nil && declare.Field(lit, "GenerateFunc") != nil {
		if text, known := r.Text(p, f, name); known {
			r.add(text, metric{kind: kindIn([]ast.Expr{declare.Field(lit, "Type")}), labels: r.made(p, f, lit)})
		}
	}
}

func isOptions(lit *ast.CompositeLit) bool { return kindOf(lit) != "" }

// kindOf is the type of metric that a literal of options declares, "" when it is none.
func kindOf(lit *ast.CompositeLit) string {
	s, ok := lit.Type.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	switch s.Sel.Name {
	case "CounterOpts", "GaugeOpts", "HistogramOpts", "SummaryOpts":
		return strings.ToLower(strings.TrimSuffix(s.Sel.Name, "Opts"))
	}
	return ""
}

// options adds the metric of a literal of options.
func (r *reader) options(p *declare.Package, f *ast.File, lit *ast.CompositeLit, labels []string) {
	var parts []string
	for _, key := range []string{"Namespace", "Subsystem", "Name"} {
		e := declare.Field(lit, key)
		if e == nil {
			continue
		}
		text, known := r.Text(p, f, e)
		if !known {
			return
		}
		if text != "" {
			parts = append(parts, text)
		}
	}
	if declare.Field(lit, "Name") != nil {
		if declare.Field(lit, "ConstLabels") != nil {
			labels = nil
		}
		r.add(strings.Join(parts, "_"), metric{kind: kindOf(lit), labels: labels})
	}
}

// described reads NewDesc(name, help, labels, constant labels); its type is that of the values that the file makes of it.
func (r *reader) described(p *declare.Package, f *ast.File, n ast.Node) {
	holder, e := held(n)
	if e == nil {
		return
	}
	kind := "-"
	if lit, ok := e.(*ast.CompositeLit); ok && len(lit.Elts) == 2 { // typedDesc{description, type}
		kind, e = kindIn(lit.Elts), plainElement(lit.Elts[0])
	}
	c, ok := e.(*ast.CallExpr)
	if !ok || declare.Called(c) != "NewDesc" || len(c.Args) != 4 {
		return
	}
	name, known := r.Text(p, f, c.Args[0])
	if !known {
		return
	}
	if kind == "-" && r.kinds[holder] != "" {
		kind = r.kinds[holder]
	}
	m := metric{kind: kind, labels: r.Texts(p, f, c.Args[2])}
	if id, ok := c.Args[3].(*ast.Ident); !ok || id.Name != "nil" {
		m.labels = nil
	}
	r.add(name, m)
}

func plainElement(e ast.Expr) ast.Expr {
	if kv, ok := e.(*ast.KeyValueExpr); ok {
		return kv.Value
	}
	return e
}

// held is an expression that gets a name here, and the name.
func held(n ast.Node) (string, ast.Expr) {
	switch n := n.(type) {
	case *ast.KeyValueExpr:
		if id, ok := n.Key.(*ast.Ident); ok {
			return id.Name, n.Value
		}
	case *ast.AssignStmt:
		if len(n.Lhs) == 1 && len(n.Rhs) == 1 {
			return lastName(n.Lhs[0]), n.Rhs[0]
		}
	case *ast.ValueSpec:
		if len(n.Names) == 1 && len(n.Values) == 1 {
			return n.Names[0].Name, n.Values[0]
		}
	}
	return "", nil
}

func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// valueKinds are the types of the values that a file makes of descriptions, by the name that holds the description; "-" where it makes
// several.
func valueKinds(f *ast.File) map[string]string {
	out := map[string]string{}
	ast.Inspect(f, func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if !ok || len(c.Args) < 2 || !strings.Contains(declare.Called(c), "NewConstMetric") {
			return true
		}
		name, kind := lastName(c.Args[0]), kindIn(c.Args[1:2])
		if before := out[name]; before != "" && before != kind {
			kind = "-"
		}
		out[name] = kind
		return true
	})
	return out
}

var valueType = regexp.MustCompile(`^(Gauge|Counter|Untyped|StateSet|Info)(Value)?$`)

// kindIn is the type that one of some expressions names, such as prometheus.GaugeValue or metric.Gauge.
func kindIn(list []ast.Expr) string {
	for _, e := range list {
		if s, ok := plainElement(e).(*ast.SelectorExpr); ok {
			if m := valueType.FindStringSubmatch(s.Sel.Name); m != nil && m[1] != "Untyped" {
				return map[string]string{"Counter": "counter"}[m[1]] + map[bool]string{true: "gauge"}[m[1] != "Counter"]
			}
		}
	}
	return "-"
}

var defaultLabels = regexp.MustCompile(`^desc\w*DefaultLabels$`)

// shared are the labels that the file of kube-state-metrics gives all of its metrics, nil where it has none such.
func (r *reader) shared(p *declare.Package, f *ast.File) []string {
	var out []string
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.ValueSpec); ok && len(s.Names) == 1 && defaultLabels.MatchString(s.Names[0].Name) && len(s.Values) == 1 {
			out = r.Texts(p, f, s.Values[0])
		}
		return true
	})
	return out
}

// made are the labels that a generator of kube-state-metrics can give: the shared ones and all that its function names; nil where one of
// them is made at run time.
func (r *reader) made(p *declare.Package, f *ast.File, n ast.Node) []string {
	if r.common == nil {
		return nil
	}
	out, known := slices.Clone(r.common), true
	ast.Inspect(n, func(n ast.Node) bool {
		var value ast.Expr
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			if id, ok := n.Key.(*ast.Ident); ok && id.Name == "LabelKeys" {
				value = n.Value
			}
		case *ast.AssignStmt:
			if len(n.Lhs) == 1 && lastName(n.Lhs[0]) == "LabelKeys" {
				value = n.Rhs[0]
			}
		case *ast.CallExpr:
			if name := declare.Called(n); name == "createPrometheusLabelKeysValues" {
				known = false
			}
		}
		if value != nil {
			list := r.Texts(p, f, value)
			known = known && list != nil
			out = append(out, list...)
		}
		return true
	})
	if !known {
		return nil
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// add keeps a metric; two declarations of one name give it the labels of both.
func (r *reader) add(name string, m metric) {
	if name == "" || strings.Contains(name, "%") {
		return
	}
	if old, twice := r.metrics[name]; twice {
		if old.labels == nil || m.labels == nil {
			m.labels = nil
		} else {
			m.labels = append(m.labels, old.labels...)
		}
		if old.kind != m.kind {
			m.kind = "-"
		}
	}
	if m.labels != nil {
		m.labels = slices.Clone(m.labels)
		slices.Sort(m.labels)
		m.labels = slices.Compact(m.labels)
	}
	r.metrics[name] = m
}
