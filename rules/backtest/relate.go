package backtest

import (
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/rules"
	"treadmill/rules/compile"
	"treadmill/slo"
)

// Relate says of alerts of other rules that they are about an SLO: when they carry its name in the label slo, or when their
// expression reads series that the SLO counts, by the name of the metric and by what both select of it. What recording rules of the same
// files read counts too.
func Relate(alerts []Alert, s slo.SLO) {
	var counted []*parser.VectorSelector
	replay := compile.ReplayOf(s, compile.Options{})
	for _, p := range replay.Parts {
		for _, text := range []string{p.Total, p.Bad + p.Good} {
			if expr, err := rules.ParseExpr(text); err == nil {
				counted = append(counted, selectors(expr)...)
			}
		}
	}
	for i := range alerts {
		a := &alerts[i]
		if a.Labels["slo"] == s.ID || slices.ContainsFunc(a.reads, func(r *parser.VectorSelector) bool {
			return slices.ContainsFunc(counted, func(c *parser.VectorSelector) bool { return meet(r, c) })
		}) {
			a.SLOs = append(a.SLOs, s.ID)
		}
	}
}

// meet reports whether two selectors may select a series both: they are of one metric, and ask no label for two values.
func meet(a, b *parser.VectorSelector) bool {
	if a.Name == "" || a.Name != b.Name {
		return false
	}
	for _, m := range a.LabelMatchers {
		for _, n := range b.LabelMatchers {
			apart := m.Name == n.Name && (n.Type == labels.MatchEqual && !m.Matches(n.Value) || m.Type == labels.MatchEqual && !n.Matches(m.Value))
			if apart {
				return false
			}
		}
	}
	return true
}

// reads are the selectors of raw series that an expression reads, by itself and through recording rules of the same files.
func (m *maker) reads(text string, within ...string) []*parser.VectorSelector {
	expr, err := rules.ParseExpr(text)
	if err != nil {
		return nil
	}
	var out []*parser.VectorSelector
	for _, v := range selectors(expr) {
		if m.rules[v.Name] == nil || slices.Contains(within, v.Name) {
			out = append(out, v)
			continue
		}
		for _, r := range m.rules[v.Name] {
			out = append(out, m.reads(r.Rule.Expr, append(slices.Clone(within), v.Name)...)...)
		}
	}
	return out
}

// Concerned reports whether an alert among rules is about an SLO: by the series that it reads, or by a label that names the SLO, as Sloth
// and Pyrra give them, on the alert or in its expression.
func Concerned(groups []rules.Group, s slo.SLO) bool {
	m := newMaker(nil, nil, groups, time.Time{})
	named := func(name, value string) bool {
		return name == "sloth_id" && value == s.Local() || name == "slo" && (value == s.ID || value == s.Name)
	}
	var alerts []Alert
	for _, g := range groups {
		for _, r := range g.Rules {
			if r.Alert != "" {
				alerts = append(alerts, Alert{Labels: r.Labels, reads: m.reads(r.Expr)})
			}
		}
	}
	Relate(alerts, s)
	return slices.ContainsFunc(alerts, func(a Alert) bool {
		return len(a.SLOs) > 0 || named("sloth_id", a.Labels["sloth_id"]) || named("slo", a.Labels["slo"]) ||
			slices.ContainsFunc(a.reads, func(v *parser.VectorSelector) bool {
				return slices.ContainsFunc(v.LabelMatchers, func(l *labels.Matcher) bool { return l.Type == labels.MatchEqual && named(l.Name, l.Value) })
			})
	})
}
