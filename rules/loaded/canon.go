package loaded

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/rules"
)

// rule is a rule as Prometheus takes it.
type rule struct {
	alert             bool
	name, expr        string
	hold, keep        model.Duration
	labels            map[string]string // those of its group included
	annotations       map[string]string
	labelText, noteTx string
}

// part is one thing that rules may differ in.
type part struct{ name, want, have string }

// canons makes the form in which expressions are compared, each once.
type canons map[string]string

// expr is an expression without its layout, with matchers and lists of labels in order. One that does not parse is only without layout.
func (c canons) expr(text string) string {
	if out, ok := c[text]; ok {
		return out
	}
	out := strings.Join(strings.Fields(text), " ")
	if e, err := rules.ParseExpr(text); err == nil {
		out = ordered(e, nil)
	}
	c[text] = out
	return out
}

// ordered writes an expression with matchers and lists of labels in order; every selector gets the matchers of add that it does not have.
func ordered(e parser.Expr, add *labels.Matcher) string {
	parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
		switch n := n.(type) {
		case *parser.VectorSelector:
			if add != nil && !slices.ContainsFunc(n.LabelMatchers, func(m *labels.Matcher) bool { return m.Name == add.Name }) {
				n.LabelMatchers = append(n.LabelMatchers, add)
			}
			slices.SortFunc(n.LabelMatchers, func(a, b *labels.Matcher) int { return cmp.Compare(a.String(), b.String()) })
		case *parser.AggregateExpr:
			slices.Sort(n.Grouping)
		case *parser.BinaryExpr:
			if n.VectorMatching != nil {
				slices.Sort(n.VectorMatching.MatchingLabels)
				slices.Sort(n.VectorMatching.Include)
			}
		}
		return nil
	})
	return e.String()
}

// held is a group as an operator loads it that holds all rules to a label, such as the namespace of their object: every selector and every
// rule gets it (prometheus-operator's enforcedNamespaceLabel). It is the group itself where no label of all rules that are there is new.
func held(g rules.Group, have []*rule) rules.Group {
	if len(have) == 0 {
		return g
	}
	for _, name := range slices.Sorted(maps.Keys(have[0].labels)) {
		value := have[0].labels[name]
		all := !slices.ContainsFunc(have, func(r *rule) bool { return r.labels[name] != value })
		known := g.Labels[name] != "" || slices.ContainsFunc(g.Rules, func(r rules.Rule) bool { return r.Labels[name] != "" })
		if m, err := labels.NewMatcher(labels.MatchEqual, name, value); err == nil && all && !known && slices.ContainsFunc(have,
			func(r *rule) bool { return strings.Contains(r.expr, m.String()) }) {
			return holding(g, m)
		}
	}
	return g
}

func holding(g rules.Group, m *labels.Matcher) rules.Group {
	g.Rules = slices.Clone(g.Rules)
	for i := range g.Rules {
		r := &g.Rules[i]
		if e, err := rules.ParseExpr(r.Expr); err == nil {
			r.Expr = ordered(e, m)
		}
		with := map[string]string{m.Name: m.Value}
		maps.Copy(with, r.Labels)
		r.Labels = with
	}
	return g
}

func (c canons) rule(g rules.Group, r rules.Rule) rule {
	all := maps.Clone(g.Labels)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, r.Labels)
	return rule{
		alert:       r.Alert != "",
		name:        r.Name(),
		expr:        c.expr(r.Expr),
		hold:        r.For,
		keep:        r.KeepFiringFor,
		labels:      all,
		annotations: r.Annotations,
		labelText:   lines(all),
		noteTx:      lines(r.Annotations),
	}
}

func lines(m map[string]string) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, k+": "+m[k])
	}
	return strings.Join(out, "\n")
}

// apart are the parts in which a rule that a side has differs from the one that is wanted. Not every server says how long an alert is kept.
func apart(want, have rule, keepUnknown bool) []part {
	var out []part
	note := func(name, w, h string) {
		if w != h {
			out = append(out, part{name, w, h})
		}
	}
	note("expression", want.expr, have.expr)
	note("for", fmt.Sprint(want.hold), fmt.Sprint(have.hold))
	if !keepUnknown {
		note("keep_firing_for", fmt.Sprint(want.keep), fmt.Sprint(have.keep))
	}
	each(want.labels, have.labels, "label ", note)
	each(want.annotations, have.annotations, "annotation ", note)
	return out
}

func each(want, have map[string]string, what string, note func(name, w, h string)) {
	names := slices.Collect(maps.Keys(want))
	names = slices.AppendSeq(names, maps.Keys(have))
	slices.Sort(names)
	for _, n := range slices.Compact(names) {
		note(what+n, want[n], have[n])
	}
}

// text is a rule in lines, for a diff.
func (r rule) text() string {
	kind := "record: "
	if r.alert {
		kind = "alert: "
	}
	out := kind + r.name + "\nexpr: " + r.expr + "\n"
	if r.alert {
		out += fmt.Sprintf("for: %s\n", r.hold)
	}
	return out + r.labelText + "\n" + r.noteTx + "\n"
}
