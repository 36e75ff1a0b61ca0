package promtest_test

import (
	"flag"
	"slices"
	"strings"
	"testing"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/rules"
	"treadmill/rules/compile"
	"treadmill/rules/compile/promtest"
	"treadmill/rules/unittest"
	"treadmill/slo/spec"
)

var every = flag.Bool("every", false, "run the generated tests of every shape, some minutes")

// shape is a form of query in a dialect: {O} stands for the objective in percent, {F} for it as a fraction, {S} for a grouping of a sum,
// {G} for one as a list.
type shape struct{ name, spec string }

const openSLO = "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: a}\nspec:\n  service: s\n" +
	"  timeWindow: [{duration: 30d, isRolling: true}]\n  budgetingMethod: Occurrences\n  objectives: [{target: {F}}]\n  indicator:\n" +
	"    metadata: {name: i}\n    spec: "

func prom(query string) string {
	return "{metricSource: {type: Prometheus, spec: {query: '" + query + "'}}}"
}

func slothOf(sli string) string {
	return "version: prometheus/v1\nservice: s\nslos:\n  - name: a\n    objective: {O}\n    sli: " + sli + "\n    alerting: {name: A}\n"
}

func events(bad, total string) string {
	return slothOf("{events: {error_query: '" + bad + "', total_query: '" + total + "'}}")
}

func pyrraOf(indicator string) string {
	return "apiVersion: pyrra.dev/v1alpha1\nkind: ServiceLevelObjective\nmetadata: {name: a}\nspec:\n  target: '{O}'\n  window: 28d\n" +
		"  performanceOverAccuracy: true\n  indicator: " + indicator + "\n"
}

func shapes() []shape {
	w := "[{{.window}}]"
	return []shape{
		{"bad of all", openSLO + `{ratioMetric: {counter: true, bad: ` + prom(`sum{S}(rate(r_total{code=~"5.."}[5m]))`) + `, total: ` +
			prom(`sum{S}(rate(r_total[5m]))`) + `}}`},
		{"good of all", openSLO + `{ratioMetric: {counter: true, good: ` + prom(`sum{S}(rate(r_total{code!~"5.."}[5m]))`) + `, total: ` +
			prom(`sum{S}(rate(r_total[5m]))`) + `}}`},
		{"bare selectors",
			openSLO + `{ratioMetric: {counter: true, good: ` + prom(`r_total{code="200"}`) + `, total: ` + prom(`r_total`) + `}}`},
		{"counters of their own", openSLO + `{ratioMetric: {counter: true, bad: ` + prom(`sum{S}(rate(failed_total[5m]))`) + `, total: ` +
			prom(`sum{S}(rate(done_total[5m]))`) + `}}`},
		{"raw ratio", openSLO + `{ratioMetric: {rawType: success, raw: ` +
			prom(`1 - sum{S}(rate(e_total[5m])) / sum{S}(rate(r_total[5m]))`) + `}}`},
		{"raw gauge", openSLO + `{ratioMetric: {rawType: failure, raw: ` + prom(`avg{S}(error_share)`) + `}}`},
		{"gauge under a bound", strings.Replace(openSLO, "{target: {F}}", "{target: {F}, op: lt, value: 0.5}", 1) + `{thresholdMetric: ` +
			prom(`max{S}(lag_seconds)`) + `}`},
		{"slices of events", strings.NewReplacer("Occurrences", "Timeslices", "{target: {F}}",
			"{target: {F}, timeSliceTarget: 0.95, timeSliceWindow: 5m}").Replace(openSLO) + `{ratioMetric: {counter: true, bad: ` +
			prom(`sum{S}(rate(r_total{code="500"}[5m]))`) + `, total: ` + prom(`sum{S}(rate(r_total[5m]))`) + `}}`},
		{"shares of slices", strings.NewReplacer("Occurrences", "RatioTimeslices", "{target: {F}}", "{target: {F}, timeSliceWindow: 5m}").
			Replace(openSLO) + `{ratioMetric: {counter: true, bad: ` +
			prom(`sum{S}(rate(r_total{code="500"}[5m]))`) + `, total: ` + prom(`sum{S}(rate(r_total[5m]))`) + `}}`},
		{"a calendar's month", strings.Replace(openSLO, "{duration: 30d, isRolling: true}",
			"{duration: 1M, isRolling: false, calendar: {startTime: 2026-01-01 00:00:00, timeZone: Europe/Berlin}}", 1) +
			`{ratioMetric: {counter: true, bad: ` + prom(`sum{S}(rate(r_total{code="500"}[5m]))`) + `, total: ` +
			prom(`sum{S}(rate(r_total[5m]))`) + `}}`},
		{"a composite", "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: a}\nspec:\n  service: s\n  budgetingMethod: Occurrences\n" +
			"  timeWindow: [{duration: 30d, isRolling: true}]\n  objectives:\n" +
			"    - {displayName: find, target: {F}, indicator: {metadata: {name: x}, spec: {ratioMetric: {counter: true, bad: " +
			prom(`sum(rate(f_total{code="500"}[5m]))`) + ", total: " + prom(`sum(rate(f_total[5m]))`) + "}}}}\n" +
			"    - {displayName: buy, target: {F}, compositeWeight: 2, indicator: {metadata: {name: y}, spec: {ratioMetric: {counter: true, good: " +
			prom(`sum(rate(b_total{ok="1"}[5m]))`) + ", total: " + prom(`sum(rate(b_total[5m]))`) + "}}}}\n"},
		{"events", events(`sum{S}(rate(r_total{code=~"(5..|429)"}`+w+`))`, `sum{S}(rate(r_total`+w+`))`)},
		{"a clamped difference", events(`clamp_min(sum{S}(rate(d_count`+w+`)) - sum{S}(rate(d_bucket{le="0.5"}`+w+`)), 0)`,
			`sum{S}(rate(d_count`+w+`))`)},
		{"a difference", events(`sum{S}(rate(d_count`+w+`)) - sum{S}(rate(d_bucket{le="0.5"}`+w+`))`, `sum{S}(rate(d_count`+w+`))`)},
		{"probes that fail", events(`sum{S}(count_over_time(up`+w+`) - sum_over_time(up`+w+`))`, `sum{S}(count_over_time(up`+w+`))`)},
		{"probes of a subtraction", events(`sum{S}(count_over_time(up`+w+`)) - sum{S}(sum_over_time(up`+w+`))`,
			`sum{S}(count_over_time(up`+w+`))`)},
		{"two counters", events(`sum{S}(rate(e_total`+w+`)) + sum{S}(rate(f_total`+w+`))`, `sum{S}(rate(t_total`+w+`))`)},
		{"a counter or none", events(`sum{S}(rate(e_total`+w+`)) or 0 * sum{S}(rate(t_total`+w+`))`, `sum{S}(rate(t_total`+w+`))`)},
		{"raw of events", slothOf(`{raw: {error_ratio_query: 'sum{S}(rate(e_total` + w + `)) / sum{S}(rate(t_total` + w + `))'}}`)},
		{"raw of good events",
			slothOf(`{raw: {error_ratio_query: '1 - (sum{S}(rate(g_total` + w + `)) / sum{S}(rate(t_total` + w + `)))'}}`)},
		{"raw of a gauge", slothOf(`{raw: {error_ratio_query: 'avg{S}(avg_over_time(broken` + w + `))'}}`)},
		{"raw of a gauge less one", slothOf(`{raw: {error_ratio_query: '1 - avg{S}(avg_over_time(up` + w + `))'}}`)},
		{"raw of a maximum", slothOf(`{raw: {error_ratio_query: '1 - max{S}(avg_over_time(up` + w + `))'}}`)},
		{"errors and total", pyrraOf(`{ratio: {errors: {metric: 'r_total{code=~"5.."}'}, total: {metric: r_total}, grouping: [{G}]}}`)},
		{"a bucket", pyrraOf(`{latency: {success: {metric: 'd_bucket{le="1"}'}, total: {metric: d_count}, grouping: [{G}]}}`)},
		{"a native histogram", pyrraOf(`{latencyNative: {latency: 250ms, total: {metric: 'd{job="x"}'}, grouping: [{G}]}}`)},
		{"a gauge of 0 and 1", pyrraOf(`{bool_gauge: {metric: 'probe_success{job="x"}', grouping: [{G}]}}`)},
		{"good and bad of slo-generator",
			"apiVersion: sre.google.com/v2\nkind: ServiceLevelObjective\nmetadata: {name: a, labels: {service_name: s}}\n" +
				"spec:\n  description: d\n  backend: prometheus\n  method: good_bad_ratio\n  goal: {F}\n  service_level_indicator:\n" +
				"    filter_good: 'r_total{code=\"200\"}[window]'\n    filter_bad: 'r_total{code=\"500\"}[window]'\n"},
		{"a cut of slo-generator", "apiVersion: sre.google.com/v2\nkind: ServiceLevelObjective\nmetadata: {name: a}\n" +
			"spec:\n  description: d\n  backend: prometheus\n  method: distribution_cut\n  goal: {F}\n  service_level_indicator:\n" +
			"    expression: 'd_bucket{job=\"x\"}'\n    threshold_bucket: 0.5\n"},
	}
}

// TestEveryShapePassesItsTests makes rules and unit tests of every form of query that specs have, with objectives from 25 % to 99.9 %
// and with and without groups: none is refused, and the rules pass. The tests of one form are run; with -every those of all, each at one
// objective and grouping, which takes some minutes.
func TestEveryShapePassesItsTests(t *testing.T) {
	objectives := [][2]string{{"50", "0.5"}, {"99.9", "0.999"}, {"90", "0.9"}, {"75", "0.75"}, {"25", "0.25"}}
	groups := [][2]string{{" by (zone, path)", "zone, path"}, {"", ""}, {" by (zone)", "zone"}}
	for i, s := range shapes() {
		for j, o := range objectives {
			for k, g := range groups {
				run := j == 0 && k == 1 && s.name == "a gauge of 0 and 1" || *every && j == i%2 && k == (i/2)%2
				t.Run(s.name+", "+o[0]+" %"+g[0], func(t *testing.T) {
					t.Parallel()
					passes(t, strings.NewReplacer("{O}", o[0], "{F}", o[1], "{S}", g[0], "{G}", g[1]).Replace(s.spec), run)
				})
			}
		}
	}
}

// passes writes the unit tests for a spec, which is not refused, and runs them where it is told so.
func passes(t *testing.T, text string, run bool) {
	t.Helper()
	docs, findings := yamlx.Documents("f", []byte(text))
	slos, problems := spec.Read(slices.Values(docs))
	results := compile.All(slos, compile.Options{})
	findings = append(findings, problems...)
	if len(results) != 1 || diag.Any(append(findings, results[0].Findings...), diag.Error) {
		t.Fatalf("%v\n%v\n%s", findings, results, text)
	}
	tests := promtest.Of(results[0], compile.Options{})
	for name, suiteText := range tests.Files {
		if !run || !strings.HasSuffix(name, "_test.yaml") {
			continue
		}
		suite, findings := unittest.Read(name, suiteText)
		if len(findings) > 0 {
			t.Fatal(findings)
		}
		var files []rules.File
		for _, path := range suite.RuleFiles {
			file, findings := rules.Read(path.V, tests.Files[path.V])
			if len(findings) > 0 {
				t.Fatal(findings)
			}
			files = append(files, file...)
		}
		for _, r := range unittest.Run(t.Context(), suite, files).Tests {
			if r.Outcome != unittest.Passed {
				t.Errorf("%s: %s: %s %v\n%s", name, r.Name, r.Outcome, r.Failures, text)
			}
		}
	}
}
