package defaults

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// installed are the labels that a chart fills in for each installation: what a rule watches is the same without them.
var installed = []string{"job", "namespace", "cluster"}

// Fingerprint is a short name for the meaning of an expression: the first 12 hexadecimal digits of the SHA-256 of its
// canonical text without matchers on job and namespace and without the label cluster. Comments, layout and the release
// name that a chart writes into selectors do not change it; a threshold does. The expression itself is changed.
func Fingerprint(expr parser.Expr) string {
	parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
		switch n := n.(type) {
		case *parser.VectorSelector:
			n.LabelMatchers = slices.DeleteFunc(slices.Clone(n.LabelMatchers),
				func(m *labels.Matcher) bool { return slices.Contains(installed, m.Name) })
			slices.SortFunc(n.LabelMatchers, func(a, b *labels.Matcher) int { return compareMatchers(a, b) })
		case *parser.AggregateExpr:
			n.Grouping = withoutInstalled(n.Grouping)
		case *parser.BinaryExpr:
			if n.VectorMatching != nil {
				n.VectorMatching.MatchingLabels = withoutInstalled(n.VectorMatching.MatchingLabels)
			}
		}
		return nil
	})
	sum := sha256.Sum256([]byte(expr.String()))
	return hex.EncodeToString(sum[:6])
}

func compareMatchers(a, b *labels.Matcher) int {
	switch x, y := a.String(), b.String(); {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

func withoutInstalled(names []string) []string {
	out := slices.DeleteFunc(slices.Clone(names), func(l string) bool { return slices.Contains(installed, l) })
	slices.Sort(out)
	return out
}
