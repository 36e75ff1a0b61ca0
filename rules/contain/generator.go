package contain

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/rules"
	"treadmill/rules/eval"
)

// kind is how a series goes on.
type kind int

const (
	gauge   kind = iota // stays at a value
	counter             // counts up, so many a second
	clock               // is the time, plus so many seconds
)

// template is a selector of an alert, made a series.
type template struct {
	kind     kind
	labels   map[string]string
	matchers []*labels.Matcher
	varies   []string // labels that tell objects apart
	part     int      // the template of which it counts a part; -1
	bucket   bool     // of the events of which it is a part, those below a bound
}

// generator makes values of the series of one alert.
type generator struct {
	alert     *rules.Rule
	before    []rules.Placed // the alert and what it reads, however far off, in the order in which they read each other
	templates []template
	values    []float64         // that gauges are given
	objects   [][]labels.Labels // of the series of each object, as far as they are made
	random    *rand.Rand
}

// assignment is a value for each template.
type assignment []float64

// maxTemplates bounds the search.
const maxTemplates = 24

func newGenerator(groups []rules.Group, alert *rules.Rule, seed uint64) (*generator, error) {
	g := &generator{alert: alert, random: rand.New(rand.NewPCG(seed, 7))}
	behind := eval.Behind(groups, func(r *rules.Rule) bool {
		return r.Alert == alert.Alert && r.Expr == alert.Expr && r.For == alert.For
	})
	g.before = inOrder(behind.Groups)
	recorded := map[string]bool{}
	var exprs []parser.Expr
	for _, one := range g.before {
		expr, err := rules.ParseExpr(one.Rule.Expr)
		if err != nil {
			return nil, err
		}
		exprs, recorded[one.Rule.Record] = append(exprs, expr), true
	}
	names := identities(exprs)
	g.values = constants(exprs)
	unknown := ""
	for _, expr := range exprs {
		parser.Inspect(expr, func(n parser.Node, path []parser.Node) error {
			if s, ok := n.(*parser.VectorSelector); ok && !recorded[s.Name] {
				g.add(s, path, names)
				if strings.Contains(s.Name, ":") {
					unknown = s.Name
				}
			}
			return nil
		})
	}
	if unknown != "" {
		return nil, fmt.Errorf("%s is recorded by none of the given rules", unknown)
	}
	if len(g.templates) == 0 {
		return nil, errors.New("its expression reads no series")
	}
	if len(g.templates) > maxTemplates {
		return nil, fmt.Errorf("its expression reads %d different series, more than %d", len(g.templates), maxTemplates)
	}
	g.relate()
	return g, nil
}

// add makes a selector a template, once.
func (g *generator) add(s *parser.VectorSelector, path []parser.Node, names []string) {
	t := template{kind: kindOf(s, path), labels: map[string]string{}, matchers: s.LabelMatchers, part: -1}
	for _, m := range s.LabelMatchers {
		if t.labels[m.Name] == "" {
			t.labels[m.Name] = sample(m)
		}
	}
	for name, value := range t.labels {
		if value == "" {
			delete(t.labels, name)
		}
	}
	for _, m := range s.LabelMatchers {
		if !m.Matches(t.labels[m.Name]) {
			return // a selector that nothing this simple can match
		}
	}
	for _, name := range names {
		if !slices.ContainsFunc(s.LabelMatchers, func(m *labels.Matcher) bool {
			return m.Name == name && (m.Type == labels.MatchEqual || m.Type == labels.MatchRegexp) && m.Value != ".*"
		}) {
			t.varies = append(t.varies, name)
		}
	}
	key := fmt.Sprint(t.labels, t.varies)
	if !slices.ContainsFunc(g.templates, func(o template) bool { return fmt.Sprint(o.labels, o.varies) == key }) {
		g.templates = append(g.templates, t)
	}
}

func kindOf(s *parser.VectorSelector, path []parser.Node) kind {
	for i := len(path) - 1; i >= 0; i-- {
		switch n := path[i].(type) {
		case *parser.Call:
			if slices.Contains([]string{"rate", "irate", "increase"}, n.Func.Name) {
				return counter
			}
		case *parser.BinaryExpr:
			if n.Op == parser.SUB && (isTime(n.LHS) || isTime(n.RHS)) {
				return clock
			}
		}
	}
	if strings.HasSuffix(s.Name, "_bucket") {
		return counter
	}
	return gauge
}

func isTime(e parser.Expr) bool {
	c, ok := e.(*parser.Call)
	return ok && c.Func.Name == "time"
}

// common are labels that do not tell objects of one kind apart.
var common = []string{"cluster", "job", "namespace", "service", "endpoint", "container", "metrics_path", "prometheus"}

// identities are the labels by which expressions group and match, without those that objects share; instance where there are none.
func identities(exprs []parser.Expr) []string {
	found := map[string]bool{}
	for _, e := range exprs {
		parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
			var names []string
			switch n := n.(type) {
			case *parser.AggregateExpr:
				if !n.Without {
					names = n.Grouping
				}
			case *parser.BinaryExpr:
				if n.VectorMatching != nil && n.VectorMatching.On {
					names = n.VectorMatching.MatchingLabels
				}
			}
			for _, name := range names {
				if !slices.Contains(common, name) && name != labels.BucketLabel {
					found[name] = true
				}
			}
			return nil
		})
	}
	out := []string{"instance"}
	for name := range found {
		out = append(out, name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// constants are the numbers of expressions, and what lies just beside and far off each.
func constants(exprs []parser.Expr) []float64 {
	out := []float64{0, 1, 2}
	for _, e := range exprs {
		parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
			if l, ok := n.(*parser.NumberLiteral); ok && !math.IsInf(l.Val, 0) && !math.IsNaN(l.Val) {
				out = append(out, l.Val, l.Val*0.9, l.Val*1.1+1, l.Val*3, l.Val/3)
			}
			return nil
		})
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// relate finds which counters count a part of what others count: the same metric with more matchers, buckets of a histogram's count.
func (g *generator) relate() {
	for i := range g.templates {
		t := &g.templates[i]
		if t.kind != counter {
			continue
		}
		name := t.labels[labels.MetricName]
		base, bucket := strings.CutSuffix(name, "_bucket")
		for j, o := range g.templates {
			if j == i || o.kind != counter {
				continue
			}
			whole := o.labels[labels.MetricName]
			switch {
			case bucket && whole == base+"_count" && g.within(t, o):
				t.part, t.bucket = j, true
			case whole == name && len(o.matchers) < len(t.matchers) && g.within(t, o):
				t.part = j
			}
		}
	}
}

// within reports whether a series of one template would be counted by the selector of another, names aside.
func (g *generator) within(t *template, o template) bool {
	for _, m := range o.matchers {
		if m.Name != labels.MetricName && !m.Matches(t.labels[m.Name]) {
			return false
		}
	}
	return true
}
