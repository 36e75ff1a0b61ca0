package query_test

import (
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/rules/compile/query"
	"treadmill/slo"
)

// TestWordsOfLabels: words of PromQL in the values of labels are text, in what rules record and in what histories are asked.
func TestWordsOfLabels(t *testing.T) {
	const label = `page="this or that unless sum by (x) (y)[5m] offset 1h"`
	for _, w := range []slo.Window{slo.Minute, slo.Tile} {
		e := query.Count(slo.Indicator{
			Total: slo.Query{Text: `sum(rate(views_total{` + label + `}[{{.window}}])) + sum(rate(clicks_total{` + label + `}[{{.window}}] offset 1m))`},
			Good:  slo.Query{Text: `sum(rate(views_total{` + label + `,code="200"}[{{.window}}]))`},
		}, w)
		if len(e.Findings) > 0 {
			t.Fatal(e.Findings)
		}
		total, part := e.History()
		for _, text := range []string{total, part, e.RuleTotal, e.RulePart} {
			if _, err := parser.NewParser(parser.Options{}).ParseExpr(text); err != nil {
				t.Errorf("%v\n%s", err, text)
			}
			if strings.Count(text, `page=`) == 0 || strings.Count(text, `page=`) != strings.Count(text, label) {
				t.Errorf("the label is not what it was in\n%s", text)
			}
		}
	}
}
