package eval

import (
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// graph says which rules can give something else when a series or another rule does.
type graph struct {
	reads  []reads
	writes []writes
	next   [][]int // the rules that must be evaluated again when one is
	from   [][]int // the rules whose series one reads, or records as well
	peeks  bool    // a rule looks at times that have not come, so nothing that was written later may be in its sight
}

// reads is what the expression of a rule, and the templates of its labels, look at.
type reads struct {
	all       bool // may be anything
	selectors [][]*labels.Matcher
}

// writes is what can be said of the series that a rule writes: their name is one of a few, and these labels are fixed.
type writes struct {
	names []string
	fixed map[string]string
}

func newGraph(rules []*rule) *graph {
	g := &graph{next: make([][]int, len(rules)), from: make([][]int, len(rules))}
	byName := map[string][]int{}
	everyone := g.everyone()
	for i, r := range rules {
		read, peeks := r.reads()
		g.reads, g.writes, g.peeks = append(g.reads, read), append(g.writes, r.writes()), g.peeks || peeks
		for _, name := range g.writes[i].names {
			byName[name] = append(byName[name], i)
		}
	}
	for i := range rules {
		for _, name := range g.writes[i].names {
			for _, j := range byName[name] {
				if i != j && g.writes[i].overlap(g.writes[j]) {
					g.next[i] = append(g.next[i], j)
					if rules[i].Record != "" {
						g.from[i] = append(g.from[i], j)
					}
				}
			}
		}
		if g.reads[i].all {
			g.link(rules, i, everyone, nil)
		}
		for _, ms := range g.reads[i].selectors {
			some := everyone
			if at := slices.IndexFunc(ms, named); at >= 0 {
				some = byName[ms[at].Value]
			}
			g.link(rules, i, some, ms)
		}
	}
	return g
}

// link notes that a rule reads what some of the writers write. A writer that comes later in the order, or writes into
// the past, is seen by the reader as it was one evaluation before: it must write again while the reader looks.
func (g *graph) link(rules []*rule, reader int, writers []int, ms []*labels.Matcher) {
	for _, w := range writers {
		if w == reader || !g.writes[w].matches(ms) {
			continue
		}
		g.next[w], g.from[reader] = append(g.next[w], reader), append(g.from[reader], w)
		if w > reader || rules[w].group.Offset() > 0 {
			g.next[reader] = append(g.next[reader], w)
		}
	}
}

// affected marks the rules that can notice when series change.
func (g *graph) affected(changed []labels.Labels) []bool {
	out := make([]bool, len(g.next))
	var visit func(i int)
	visit = func(i int) {
		if out[i] {
			return
		}
		out[i] = true
		for _, j := range g.next[i] {
			visit(j)
		}
	}
	for i := range g.next {
		if g.peeks || g.notices(i, changed) {
			visit(i)
		}
	}
	return out
}

func (g *graph) notices(i int, changed []labels.Labels) bool {
	return slices.ContainsFunc(changed, func(ls labels.Labels) bool {
		return g.reads[i].all || g.writes[i].maybe(ls) ||
			slices.ContainsFunc(g.reads[i].selectors, func(ms []*labels.Matcher) bool { return Matches(ls, ms) })
	})
}

// sees reports whether the rule may read a series of a writer.
func (r reads) sees(w writes) bool { return r.all || slices.ContainsFunc(r.selectors, w.matches) }

// reads tells what a rule looks at, and whether that may lie in the future of its evaluation.
func (r *rule) reads() (out reads, peeks bool) {
	out.all = slices.ContainsFunc([]labels.Labels{r.labels, r.notes}, func(ls labels.Labels) bool {
		asks := false
		ls.Range(func(l labels.Label) {
			asks = asks || strings.Contains(l.Value, "{{") && strings.Contains(l.Value, "query")
		})
		return asks
	})
	if r.tree == nil {
		return reads{all: true}, false
	}
	parser.Inspect(r.tree, func(n parser.Node, _ []parser.Node) error {
		switch n := n.(type) {
		case *parser.VectorSelector:
			out.selectors = append(out.selectors, n.LabelMatchers)
			peeks = peeks || n.OriginalOffset < 0 || n.OriginalOffsetExpr != nil || n.Timestamp != nil
		case *parser.SubqueryExpr:
			peeks = peeks || n.OriginalOffset < 0 || n.OriginalOffsetExpr != nil || n.Timestamp != nil
		case *parser.Call:
			out.all = out.all || n.Func.Name == "info"
		}
		return nil
	})
	return out, peeks
}

func (r *rule) writes() writes {
	out := writes{names: []string{r.Record}, fixed: map[string]string{}}
	r.labels.Range(func(l labels.Label) {
		if r.Alert == "" || !strings.Contains(l.Value, "{{") {
			out.fixed[l.Name] = l.Value
		}
	})
	delete(out.fixed, labels.MetricName)
	if r.Alert != "" {
		out.names = []string{"ALERTS", "ALERTS_FOR_STATE"}
		delete(out.fixed, "alertstate")
		out.fixed[labels.AlertName] = r.Alert
	}
	return out
}

// matches reports whether a selector can match a series of the writer.
func (w writes) matches(ms []*labels.Matcher) bool {
	return !slices.ContainsFunc(ms, func(m *labels.Matcher) bool {
		if m.Name == labels.MetricName {
			return !slices.ContainsFunc(w.names, m.Matches)
		}
		value, fixed := w.fixed[m.Name]
		return fixed && !m.Matches(value)
	})
}

// maybe reports whether a series can be one of the writer's.
func (w writes) maybe(ls labels.Labels) bool {
	if !slices.Contains(w.names, ls.Get(labels.MetricName)) {
		return false
	}
	for name, value := range w.fixed {
		if ls.Get(name) != value {
			return false
		}
	}
	return true
}

// overlap reports whether two writers, which share a name, can write the same series.
func (w writes) overlap(o writes) bool {
	for name, value := range w.fixed {
		if other, fixed := o.fixed[name]; fixed && other != value {
			return false
		}
	}
	return true
}
