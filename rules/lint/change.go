package lint

import (
	"maps"
	"slices"

	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/rules"
	"treadmill/upgrade"
)

// Changes are the metrics that the releases after from, up to to, remove, hide, deprecate and bring. Releases that the catalogue does not
// reach are left out.
func (c *Catalogue) Changes(from, to upgrade.Minor) []upgrade.Change {
	var out []upgrade.Change
	for _, m := range upgrade.Hops(from, to) {
		if !c.Oldest.Less(m) || c.Last().Less(m) {
			continue
		}
		source := "declarations in the sources of Kubernetes " + m.String()
		if m == c.Preview {
			source = "declarations in the sources of the pre-release " + c.PreviewVersion
		}
		for _, name := range slices.Sorted(maps.Keys(c.metrics)) {
			if word, use := c.turn(name, m); word != "" {
				out = append(out, upgrade.Change{In: m, Kind: "metric", Name: name, Change: word, Use: use, Source: source})
			}
		}
	}
	return out
}

// turn says in a word what becomes of a metric with a release, and what takes over; "" where nothing that matters changes.
func (c *Catalogue) turn(name string, m upgrade.Minor) (word, use string) {
	before, had := c.at(c.metrics[name], m.Add(-1))
	after, has := c.at(c.metrics[name], m)
	switch {
	case had && !has:
		return "removed", before.Use
	case !had && has:
		return "added", ""
	case !has:
		return "", ""
	case after.Hidden() == m:
		return "hidden", after.Use
	case after.Deprecated == m:
		return "deprecated", after.Use
	}
	return "", ""
}

// Reads are the places at which queries read metrics of the catalogue, by the name of the metric.
func (c *Catalogue) Reads(queries []Query, recorded map[string]bool) map[string][]string {
	out := map[string][]string{}
	for _, q := range queries {
		expr, err := rules.ParseExpr(q.Expr)
		if err != nil {
			continue
		}
		parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
			s, ok := n.(*parser.VectorSelector)
			if !ok || recorded[nameOf(s)] {
				return nil
			}
			if name, _ := c.find(nameOf(s)); name != "" && !slices.Contains(out[name], q.Pos.String()) {
				out[name] = append(out[name], q.Pos.String())
			}
			return nil
		})
	}
	return out
}

// Rows is how many rows the catalogue has.
func (c *Catalogue) Rows() int {
	n := 0
	for _, runs := range c.metrics {
		n += len(runs)
	}
	return n
}
