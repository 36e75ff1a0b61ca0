package compile_test

import (
	"log/slog"
	"slices"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/rules"
	"treadmill/rules/compile"
	"treadmill/rules/compile/promtest"
	"treadmill/rules/unittest"
	"treadmill/slo/spec"
)

// hostileTexts are texts that mean something to one of the languages that a spec's text goes through.
var hostileTexts = []string{
	"", " ", "a", "Web API", "{{", "}}", "{{ $value }}", "{{ $labels.zone }}", "{{ end }}", "{{ .Labels.a | humanize }}",
	"{{ query `up` | first }}",
	"{{`{{`}}", "{{/* a */}}", "{{ template \"x\" }}", `"`, `'`, "`", `\`, `\n`, "\n", "a\nb\n", "\t", "\u0000", "\u2028", "\ufeff",
	"é", "日本", "🔥", "# no comment",
	"a: b", "- a", "~", "null", "yes", "0x1F", "1e3", ".inf", "2026-01-01", "%s %d", "$1", "${HOME}", "<script>",
	"../../etc/passwd", "a/b", "A", "..", "con",
	"slo", "le", "__name__", "severity", "slo_severity", "slo_counter", "job", "alertname", "component", "1a", "a-b", "a.b", "by (",
	") or vector(1",
	`x"} or up{a="`, "on", "offset", "group_left",
}

// hostileQueries are queries, or nearly, that count something, or not.
var hostileQueries = []string{
	`sum(rate(e[{{.window}}]))`, `sum by (zone) (rate(e{code=~"5.."}[{{.window}}]))`, `sum(rate(t[{{.window}}]))`,
	`sum by (zone) (rate(t[{{.window}}]))`,
	`sum(rate(e{a="{{"}[{{.window}}]))`, `sum(rate({__name__="e",le="1"}[{{.window}}]))`, `sum(rate({"my.metric"}[{{.window}}]))`,
	`sum without (pod) (rate(e[{{.window}}]))`, `sum by ("my.label") (rate(e[{{.window}}]))`, `rate(e[{{.window}}])`, `e`, `1`,
	`vector(1)`, `"text"`,
	`sum(increase(e[5m]))`, `sum(rate(e[5m] offset 1h))`, `sum(rate(e[5m] @ 100))`, `sum(rate(e[5m:1m]))`, `sum(e) or vector(0)`,
	`absent(e)`,
	`avg(avg_over_time(up[{{.window}}]))`, `1 - avg by (zone) (up)`, `clamp_max(sum(rate(e[{{.window}}])), 1)`, `quantile(0.9, e)`,
	`topk(3, e)`, `e / ignoring (a) t`,
	`label_replace(e, "slo", "$1", "x", "(.*)")`, `count_values("slo", e)`,
	`histogram_quantile(0.9, sum by (le) (rate(h_bucket[{{.window}}])))`,
	`sum(rate(e[{{.window}}])) / sum(rate(t[{{.window}}]))`, `sum by (le, slo, __name__) (rate(e[{{.window}}]))`,
	`sum(rate(e{a=~"("}[1m]))`, `sum(`, ``, `{}`, `{a=~".*"}`,
	"sum(\n  rate(e[{{.window}}]) # {{ ' \"\n)", `sum(rate(e[{{.window}}])) * time()`, `sum(rate(e{a="` + "\n" + `"}[5m]))`,
	`sum(rate(e[{{ .window }}]))`, `sum(rate(e[$window]))`,
}

var hostileNumbers = []any{
	99.9, 99, 50, "99.9", 0, 100, 101, -1, 1e-9, 99.9999999999, 0.999, 0.5, "1e309", "NaN", ".5", "99%",
	33.333333333333336,
}

var hostileWindows = []string{
	"30d", "28d", "7d", "4w", "1h", "1d", "90d", "1M", "1Q", "1Y", "2w", "5m", "400d", "0s", "-1d",
	"1.5d", "30d12h", "x", "",
}

// hostile draws parts of specs.
type hostile struct{ *rapid.T }

func (h hostile) text() string {
	return rapid.OneOf(rapid.SampledFrom(hostileTexts), rapid.String(), rapid.Map(rapid.SliceOfN(rapid.SampledFrom(hostileTexts), 2, 3),
		func(s []string) string { return s[0] + s[1] })).Draw(h.T, "text")
}

// name is a name that is seldom refused.
func (h hostile) name() string {
	if rapid.IntRange(0, 9).Draw(h.T, "hostile") == 0 {
		return h.text()
	}
	return rapid.SampledFrom([]string{"a", "web-api", "checkout", "web.api", "a1"}).Draw(h.T, "name")
}

func (h hostile) query() string  { return rapid.SampledFrom(hostileQueries).Draw(h.T, "query") }
func (h hostile) number() any    { return rapid.SampledFrom(hostileNumbers).Draw(h.T, "number") }
func (h hostile) window() string { return rapid.SampledFrom(hostileWindows).Draw(h.T, "window") }

// pair is a query for bad events and one for all of them, which often fit.
func (h hostile) pair() (bad, total string) {
	if rapid.IntRange(0, 2).Draw(h.T, "fit") == 0 {
		return h.query(), h.query()
	}
	return `sum by (zone) (rate(e{code=~"5.."}[{{.window}}]))`, `sum by (zone) (rate(e[{{.window}}]))`
}

// words is a mapping of texts; most of its keys are names of labels.
func (h hostile) words() map[string]any {
	out := map[string]any{}
	for range rapid.IntRange(0, 3).Draw(h.T, "words") {
		key := rapid.SampledFrom([]string{"team", "tier", "zone", "severity", "slo", "slo_severity", "summary", "a_b",
			"alertname"}).Draw(h.T, "key")
		if rapid.IntRange(0, 9).Draw(h.T, "hostile key") == 0 {
			key = h.text()
		}
		out[key] = h.text()
	}
	return out
}

func (h hostile) sloth() map[string]any {
	var slos []any
	for range rapid.IntRange(1, 3).Draw(h.T, "SLOs") {
		bad, total := h.pair()
		sli := map[string]any{"events": map[string]any{"error_query": bad, "total_query": total}}
		if rapid.IntRange(0, 3).Draw(h.T, "raw") == 0 {
			sli = map[string]any{"raw": map[string]any{"error_ratio_query": h.query()}}
		}
		slos = append(slos, map[string]any{"name": h.name(), "objective": h.number(), "description": h.text(), "labels": h.words(),
			"sli": sli,
			"alerting": map[string]any{"name": h.name(), "labels": h.words(), "annotations": h.words(),
				"page_alert": map[string]any{"labels": h.words(), "annotations": h.words()}, "ticket_alert": map[string]any{"labels": h.words()}}})
	}
	return map[string]any{"version": "prometheus/v1", "service": h.name(), "labels": h.words(), "slos": slos}
}

func (h hostile) pyrra() map[string]any {
	indicator := rapid.SampledFrom([]map[string]any{
		{"ratio": map[string]any{"errors": map[string]any{"metric": `e{code="5"}`}, "total": map[string]any{"metric": "e"}}},
		{"latency": map[string]any{"success": map[string]any{"metric": `h_bucket{le="1"}`}, "total": map[string]any{"metric": "h_count"}}},
		{"latencyNative": map[string]any{"latency": "200ms", "total": map[string]any{"metric": `h{a="b"}`}}},
		{"bool_gauge": map[string]any{"metric": "up"}},
	}).Draw(h.T, "indicator")
	grouping := []string{}
	for range rapid.IntRange(0, 2).Draw(h.T, "grouping") {
		grouping = append(grouping, rapid.SampledFrom([]string{"zone", "path", "le", "slo", "my.label", "__name__", "a b", "severity",
			"zone"}).Draw(h.T, "by"))
	}
	copied := map[string]any{}
	for kind, of := range indicator {
		inner := map[string]any{"grouping": grouping}
		for k, v := range of.(map[string]any) {
			inner[k] = v
		}
		copied[kind] = inner
	}
	return map[string]any{"apiVersion": "pyrra.dev/v1alpha1", "kind": "ServiceLevelObjective",
		"metadata": map[string]any{"name": h.name(), "namespace": h.name(), "labels": map[string]any{"pyrra.dev/team": h.text(),
			"a": h.text()},
			"annotations": map[string]any{"pyrra.dev/summary": h.text()}},
		"spec": map[string]any{"target": h.number(), "window": h.window(), "description": h.text(), "indicator": copied,
			"alerting": map[string]any{"name": h.name(), "severities": map[string]any{"fastBurn": h.text()}}}}
}

func (h hostile) openSLO() map[string]any {
	query := func(text string) map[string]any {
		return map[string]any{"metricSource": map[string]any{"type": "Prometheus", "spec": map[string]any{"query": text}}}
	}
	bad, total := h.pair()
	sli := map[string]any{"ratioMetric": map[string]any{"counter": true, "bad": query(bad), "total": query(total)}}
	objective := map[string]any{"displayName": h.text(), "targetPercent": h.number()}
	method := rapid.SampledFrom([]string{"Occurrences", "Timeslices", "RatioTimeslices"}).Draw(h.T, "method")
	if method != "Occurrences" {
		objective["timeSliceWindow"] = rapid.SampledFrom([]string{"1m", "5m", "15m", "1h", "7m", "0s"}).Draw(h.T, "slice")
	}
	if method == "Timeslices" {
		objective["timeSliceTarget"] = rapid.SampledFrom([]any{0.9, 1, 0, 0.999, 2}).Draw(h.T, "slice target")
	}
	switch rapid.IntRange(0, 5).Draw(h.T, "metric") {
	case 0:
		sli = map[string]any{"thresholdMetric": query(h.query())}
		objective["op"], objective["value"] = rapid.SampledFrom([]string{"lt", "gte", "eq", ""}).Draw(h.T, "op"), h.number()
	case 1:
		sli = map[string]any{"ratioMetric": map[string]any{"rawType": "failure", "raw": query(h.query())}}
	}
	window := map[string]any{"duration": h.window(), "isRolling": true}
	if rapid.IntRange(0, 3).Draw(h.T, "calendar") == 0 {
		window["isRolling"] = false
		window["calendar"] = map[string]any{"startTime": "2026-01-01 00:00:00", "timeZone": rapid.SampledFrom([]string{"UTC",
			"Europe/Berlin", "x"}).Draw(h.T, "zone")}
	}
	return map[string]any{"apiVersion": "openslo/v1", "kind": "SLO",
		"metadata": map[string]any{"name": h.name(), "displayName": h.text(), "labels": h.words(), "annotations": h.words()},
		"spec": map[string]any{"description": h.text(), "service": h.name(), "budgetingMethod": method, "timeWindow": []any{window},
			"objectives": []any{objective},
			"indicator":  map[string]any{"metadata": map[string]any{"name": "i"}, "spec": sli}}}
}

// TestHostileSpecs draws specs with texts that mean something to YAML, PromQL, templates and file systems in every field: what is not
// refused loads as Prometheus loads it, and so do its unit tests. -rapid.checks=100000 draws as many.
func TestHostileSpecs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := hostile{t}
		var drawn map[string]any
		switch rapid.IntRange(0, 2).Draw(t, "dialect") {
		case 0:
			drawn = h.sloth()
		case 1:
			drawn = h.pyrra()
		default:
			drawn = h.openSLO()
		}
		text, err := yaml.Marshal(drawn)
		if err != nil {
			t.Fatal(err)
		}
		docs, findings := yamlx.Documents("f", text)
		slos, problems := spec.Read(slices.Values(docs))
		findings = append(findings, problems...)
		options := compile.Options{SlothNames: rapid.Bool().Draw(t, "Sloth's names")}
		results := compile.All(slos, options)
		var groups []rules.Group
		for _, r := range results {
			findings = append(findings, r.Findings...)
			groups = append(groups, r.Groups...)
		}
		if diag.Any(findings, diag.Error) {
			return
		}
		if len(groups) == 0 {
			t.Fatalf("no rules, and nothing is said\n%s", text)
		}
		set := rules.Set{Name: "f", Groups: groups}
		loads(t, rules.Prometheus.Append(nil, set), text)
		if rapid.IntRange(0, 9).Draw(t, "tests") > 0 {
			return
		}
		for _, r := range results {
			for name, file := range promtest.Of(r, options).Files {
				if !unittest.IsSuite(name, file) {
					loads(t, file, text)
				} else if _, findings := unittest.Read(name, file); len(findings) > 0 {
					t.Fatalf("%s: %v\n%s", name, findings, text)
				}
			}
		}
	})
}

// loads reads a file of rules as Prometheus does.
func loads(t *rapid.T, file, from []byte) {
	t.Helper()
	if _, errs := rulefmt.Parse(file, false, model.UTF8Validation, parser.NewParser(parser.Options{}),
		slog.New(slog.DiscardHandler)); len(errs) > 0 {
		t.Fatalf("%v\nof\n%s", errs, from)
	}
}
