package defaults

import (
	"fmt"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/rules"
)

// tuning is a change that makes an alert worth keeping.
type tuning struct {
	hold    model.Duration // its "for"; 0 leaves it
	matcher string         // added to every selector that has no matcher on that label
	unless  string         // what takes series away, by the labels on
	on      []string
}

// readTune reads the tuning of a row: "for: 30m", "matcher: grpc_type=\"unary\"", or "unless: EXPR; on: LABELS". Other text is advice
// for people and changes nothing.
func readTune(text string) tuning {
	var t tuning
	for part := range strings.SplitSeq(text, "; ") {
		key, value, _ := strings.Cut(part, ": ")
		switch key {
		case "for":
			t.hold, _ = model.ParseDuration(value)
		case "matcher":
			t.matcher = value
		case "unless":
			t.unless = value
		case "on":
			t.on = strings.Split(value, ", ")
		}
	}
	return t
}

// tune applies the tuning of a row to a rule and says what it changed. What was tuned before stays as it is.
func tune(r rules.Rule, text string) (out rules.Rule, what []string) {
	t := readTune(text)
	if t.hold > 0 && t.hold != r.For {
		what = append(what, fmt.Sprintf("for %s → %s", r.For, t.hold))
		r.For = t.hold
	}
	expr := r.Expr
	if t.matcher != "" {
		expr = narrowed(expr, t.matcher)
	}
	if t.unless != "" && !strings.Contains(expr, "\nunless on (") {
		expr = "(\n" + strings.TrimSpace(expr) + "\n)\nunless on (" + strings.Join(t.on, ", ") + ")\n" + t.unless
	}
	if expr != r.Expr {
		what = append(what, "expression tuned: "+strings.TrimSpace(cutTune(text)))
		r.Expr = expr
	}
	return r, what
}

// cutTune is what a tuning does to the expression, in its own words.
func cutTune(text string) string {
	text, _, _ = strings.Cut(strings.TrimPrefix(text, "matcher: "), "; on: ")
	return text
}

// narrowed adds a matcher to the selectors of an expression that have none on its label.
func narrowed(text, matcher string) string {
	expr, err := rules.ParseExpr(text)
	if err != nil {
		return text
	}
	added, err := rules.NewParser().ParseMetricSelector("{" + matcher + "}")
	if err != nil {
		return text
	}
	changed := false
	parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
		if vs, ok := n.(*parser.VectorSelector); ok {
			for _, m := range added {
				if !matches(vs, m.Name) {
					vs.LabelMatchers, changed = append(slices.Clone(vs.LabelMatchers), m), true
				}
			}
		}
		return nil
	})
	if !changed {
		return text
	}
	return expr.String()
}
