package compile_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/rules"
	"treadmill/rules/compile"
	"treadmill/slo/spec"
)

// fuzzDialect lets any text stand under the head of a dialect: it becomes rules that are PromQL, or problems that have a place.
func fuzzDialect(f *testing.F, head string, files []string, seeds ...string) {
	for _, file := range files {
		text, err := os.ReadFile("../../testdata/" + file)
		if err != nil {
			f.Fatal(err)
		}
		for _, doc := range strings.Split(string(text), "\n---\n") {
			if _, body, ok := strings.Cut(doc, head); ok {
				f.Add(body)
			}
		}
	}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		docs, findings := yamlx.Documents("f", []byte(head+body))
		slos, problems := spec.Read(slices.Values(docs))
		results := compile.All(slos, compile.Options{})
		findings = append(findings, problems...)
		for _, r := range results {
			findings = append(findings, r.Findings...)
			if !diag.Any(r.Findings, diag.Error) && len(r.Groups) == 0 {
				t.Errorf("nothing is made of %s, and nothing is said", r.SLO.ID)
			}
			for _, g := range r.Groups {
				for _, rule := range g.Rules {
					if _, err := rules.ParseExpr(rule.Expr); err != nil {
						t.Errorf("%s\n%v", rule.Expr, err)
					}
				}
			}
		}
		for _, f := range findings {
			if f.Severity == diag.Error && (f.Position.File != "f" || f.Position.Line == 0) {
				t.Errorf("%+v has no place", f)
			}
		}
	})
}

func FuzzOpenSLO(f *testing.F) {
	fuzzDialect(
		f,
		"apiVersion: openslo/v1\n",
		[]string{"slos/checkout-journey.yaml", "slos/kinds.yaml", "example/slos/payments-availability.yaml"},
		"kind: SLO\nmetadata: {name: a}\nspec: {indicator: {spec: {thresholdMetric: {metricSource: }}}, objectives: [{target: 0.9, op: lt, value: 1}], alertPolicies: [{spec: {conditions: [{}]}}]}",
	)
}

func FuzzSloth(f *testing.F) {
	fuzzDialect(
		f,
		"version: prometheus/v1\n",
		nil,
		"service: web\nslos:\n  - name: a\n    objective: 99.9\n    sli: {events: {error_query: 'sum(rate(e[{{.window}}]))', total_query: 'sum(rate(t[{{.window}}]))'}}\n    alerting: {name: A, labels: {a: b}, page_alert: {disable: true}}",
		"service: web\nslos: [{name: a, objective: 5, sli: {raw: {error_ratio_query: 'sum(rate(e[{{.window}}])) / sum(rate(t[{{.window}}]))'}}}, {name: b, objective: 1e9, sli: {plugin: {id: x}}}]",
		"service: a\n---\napiVersion: sloth.slok.dev/v1\nkind: AlertWindows\nspec: {sloPeriod: 7d, page: {quick: {errorBudgetPercent: 8, shortWindow: 5m, longWindow: 1h}}}",
	)
}

func FuzzPyrra(f *testing.F) {
	fuzzDialect(
		f,
		"apiVersion: pyrra.dev/v1alpha1\n",
		[]string{"slos/kinds.yaml"},
		"kind: ServiceLevelObjective\nmetadata: {name: a, labels: {pyrra.dev/team: b}}\nspec: {target: '99', window: 2w, indicator: {latency: {success: {metric: 'h_bucket{le=\"1\"}'}, total: {metric: 'h_count'}, grouping: [a]}}, alerting: {absent: false, severities: {fastBurn: x}}}",
		"kind: ServiceLevelObjective\nmetadata: {name: a}\nspec: {target: 99.5, window: 4w, indicator: {latencyNative: {total: {metric: h}, latency: 200ms}}}",
		"kind: ServiceLevelObjective\nmetadata: {name: a}\nspec: {target: 99, window: 4w, indicator: {bool_gauge: {metric: 'up{job=\"x\"}'}}}",
	)
}
