package slogen_test

import (
	"fmt"
	"strings"
	"testing"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/slo"
	"treadmill/slo/slogen"
)

// decode reads a spec with what follows `spec:` filled in.
func decode(t *testing.T, spec string) (slo.SLO, bool, string) {
	t.Helper()
	text := "apiVersion: sre.google.com/v2\nkind: ServiceLevelObjective\nmetadata: {name: shop-orders, labels: {service_name: shop, feature_name: orders, slo_name: availability}}\nspec:\n" + spec
	docs, findings := yamlx.Documents("spec.yaml", []byte(text))
	if len(findings) > 0 || len(docs) != 1 {
		t.Fatal(findings)
	}
	s, ok, findings := slogen.Decode(docs[0])
	var said []string
	for _, f := range diag.Sort(findings) {
		said = append(said, fmt.Sprintf("%d:%d %s %s: %s", f.Line, f.Column, f.Severity, f.ID, f.Message))
	}
	return s, ok, strings.Join(said, "\n")
}

const noPeriod = "3:11 info spec/period: specs of slo-generator have no period; 28d are taken"

// Queries are those that the backend sends: backends/prometheus.py, _fmt_query.
func TestMethods(t *testing.T) {
	for _, c := range []struct{ spec, good, bad, total, ratio string }{
		{spec: `{backend: prometheus, method: good_bad_ratio, goal: 0.999, service_level_indicator: {filter_good: 'ok{a="b"}', filter_valid: 'all{a="b"}'}}`,
			good: `sum(increase(ok{a="b"}[{{.window}}]))`, total: `sum(increase(all{a="b"}[{{.window}}]))`},
		{spec: `{backend: prometheus/eu, method: good_bad_ratio, goal: 0.999, service_level_indicator: {filter_good: 'ok[window]', filter_bad: 'bad[window]'}}`,
			bad:   `sum(increase(bad[{{.window}}]))`,
			total: `((sum(increase(ok[{{.window}}]))) + (sum(increase(bad[{{.window}}])))) or (sum(increase(ok[{{.window}}]))) or (sum(increase(bad[{{.window}}])))`},
		{spec: `{backend: prometheus, method: good_bad_ratio, goal: 0.999, service_level_indicator: {filter_good: ok, filter_valid: all, operators: [rate, max]}}`,
			good: `max(rate(ok[{{.window}}]))`, total: `max(rate(all[{{.window}}]))`},
		{spec: `{backend: prometheus, method: query_sli, goal: 0.999, service_level_indicator: {expression: 'sum(rate(ok[window])) / sum(rate(all[window]))'}}`,
			ratio: `sum(rate(ok[{{.window}}])) / sum(rate(all[{{.window}}]))`},
		{spec: `{backend: prometheus, method: distribution_cut, goal: 0.999, service_level_indicator: {expression: 'd_bucket{a="b"}', threshold_bucket: 0.25}}`,
			good: `sum(increase(d_bucket{a="b", le="0.25"}[{{.window}}]))`, total: `sum(increase(d_count{a="b"}[{{.window}}]))`},
		{spec: `{backend: prometheus, method: distribution_cut, goal: 0.999, service_level_indicator: {expression: 'd_bucket[window]', threshold_bucket: "1"}}`,
			good: `sum(increase(d_bucket{le="1"}[{{.window}}]))`, total: `sum(increase(d_count[{{.window}}]))`},
		{spec: `{backend: prometheus, method: distribution_cut, goal: 0.999, service_level_indicator: {expression: 'd_bucket{}', threshold_bucket: 1}}`,
			good: `sum(increase(d_bucket{le="1"}[{{.window}}]))`, total: `sum(increase(d_count{}[{{.window}}]))`},
	} {
		s, ok, said := decode(t, "  "+c.spec)
		if !ok || said != noPeriod {
			t.Fatalf("%s\n%s", c.spec, said)
		}
		in := s.Indicator
		if in.Good.Text != c.good || in.Bad.Text != c.bad || in.Total.Text != c.total || in.Ratio.Text != c.ratio ||
			in.RatioOfGood != (c.ratio != "") {
			t.Errorf("%s\ngives %+v", c.spec, in)
		}
		if s.ID != "shop-orders" || s.Service != "shop" || s.Labels["feature_name"] != "orders" || len(s.Labels) != 1 ||
			s.Objective.Percent() != "99.9%" ||
			s.Period.Length != 28*slo.Day {
			t.Errorf("%+v", s)
		}
	}
}

func TestSpecsThatAreRefused(t *testing.T) {
	for spec, want := range map[string]string{
		`{backend: datadog, method: query_sli, goal: 0.9, service_level_indicator: {expression: x, query: y}}`:                                    `5:13 error spec/source: the backend "datadog" cannot become Prometheus rules`,
		`{backend: prometheus, method: sli, goal: 0.9, service_level_indicator: {expression: x}}`:                                                 `5:33 error spec/method: the backend prometheus has no method "sli"`,
		`{backend: prometheus, method: query_sli, goal: 1, service_level_indicator: {expression: x}}`:                                             `5:50 error spec/objective`,
		`{backend: prometheus, method: query_sli, goal: 0.9, service_level_indicator: {filter_good: x}}`:                                          `error spec/indicator: the method query_sli does not read this field`,
		`{backend: prometheus, method: query_sli, goal: 0.9, service_level_indicator: {}}`:                                                        `error spec/query: the method query_sli needs expression`,
		`{backend: prometheus, method: good_bad_ratio, goal: 0.9, service_level_indicator: {filter_good: x}}`:                                     `error spec/query: the method good_bad_ratio needs filter_valid or filter_bad`,
		`{backend: prometheus, method: good_bad_ratio, goal: 0.9, service_level_indicator: {filter_good: x, filter_bad: y, operators: ["sum("]}}`: `error spec/query: "sum(" is no function of PromQL`,
		`{backend: prometheus, method: distribution_cut, goal: 0.9, service_level_indicator: {expression: x}}`:                                    `needs threshold_bucket`,
		`{backend: prometheus, method: query_sli, goal: 0.9, service_level_indicator: {expresion: x}}`:                                            `did you mean "expression"`,
		`{backend: prometheus, method: query_sli, goals: 0.9, service_level_indicator: {expression: x}}`:                                          `did you mean "goal"`,
	} {
		if _, ok, said := decode(t, "  "+spec); ok || !strings.Contains(said, want) {
			t.Errorf("%s\n%s\nwant %s", spec, said, want)
		}
	}
	if _, ok, said := decode(t, `  {backend: prometheus, method: query_sli, goal: 0.9, error_budget_policy: strict, exporters: [x], service_level_indicator: {expression: x}}`); !ok ||
		!strings.Contains(said, "info spec/ignored: the error budget policy strict") {
		t.Error(said)
	}
}
