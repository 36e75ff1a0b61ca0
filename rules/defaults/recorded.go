package defaults

import (
	"slices"

	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/rules"
)

// unrecorded finds the alerts after a change that read what rules recorded before it and none does any more: they are blind, whatever
// happens.
func (d *Difference) unrecorded(before, after []rules.File, alerts []side) {
	gone := rules.Recorded(before)
	for name := range rules.Recorded(after) {
		delete(gone, name)
	}
	if len(gone) == 0 {
		return
	}
	for _, s := range alerts {
		for _, name := range readNames(s.rule.Expr) {
			if gone[name] {
				d.find(Blind, weight(s), s, "%s (%s) reads %s, which is recorded no more", s.Name, severity(s.Severity), name)
			}
		}
	}
}

// readNames are the names of the series that an expression reads, each once and in order.
func readNames(text string) []string {
	expr, err := rules.ParseExpr(text)
	if err != nil {
		return nil
	}
	var out []string
	parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
		if s, ok := n.(*parser.VectorSelector); ok && s.Name != "" {
			out = append(out, s.Name)
		}
		return nil
	})
	slices.Sort(out)
	return slices.Compact(out)
}
