package rules_test

import (
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/internal/diag"
	"treadmill/rules"
)

// ofRulers are the fields of groups that Mimir and Thanos know and Prometheus does not.
var ofRulers = []string{"source_tenants", "evaluation_delay", "align_evaluation_time_on_interval", "partial_response_strategy"}

// FuzzLoad holds what is read as a plain rule file, without an error, to what Prometheus loads with its own reader.
func FuzzLoad(f *testing.F) {
	const head, rule = "groups:\n- name: g\n  rules:\n", "  - alert: A\n    expr: up == 0\n"
	for _, text := range []string{
		head + rule, head + rule + rule, head + "  []\n", "groups: []\n", "groups:\n", head + rule + "- name: g\n  rules: []\n",
		head + rule + "    for: 5x\n", head + rule + "    for: 1d12h\n    keep_firing_for: 0s\n", head + rule + "    for: -5m\n",
		head + rule + "    labels: {a: 1, b: true, c: null}\n", head + rule + "    labels: {__name__: x}\n",
		head + rule + "    labels: {\"a b\": x}\n",
		head + rule + "    annotations: {summary: '{{ $value }}'}\n", head + rule + "    annotations: {\"a-b\": x}\n",
		head + rule + "    annotations: {a: '{{ if }}'}\n",
		head + "  - record: a:b\n    expr: up\n    for: 5m\n", head + "  - record: a b\n    expr: up\n", head + "  - record: 'a{'\n    expr: 1\n",
		head + "  - record: a\n    alert: b\n    expr: up\n", head + "  - {alert: A, expr: 1}\n", head + "  - {alert: A, expr: '1 ++'}\n",
		head + rule + "    more: x\n", "groups:\n- name: g\n  interval: 1m\n  query_offset: 30s\n  limit: 3\n  labels: {a: b}\n  rules:\n" + rule,
		"groups:\n- name: ''\n  rules: []\n", "groups:\n- rules: []\n", "groups:\n- name: g\n  limit: x\n  rules: []\n",
		"groups:\n- name: g\n  name: g\n",
		"groups:\n- name: g\n  source_tenants: [a]\n  partial_response_strategy: warn\n  rules:\n" + rule,
		"groups:\n- name: g\n  rules:\n  - {alert: A, expr: up, debug: true}\n",
		"x: 1\ngroups: []\n", "groups: {}\n", "- groups: []\n", "groups:\n- name: &n g\n  rules: []\n- name: *n\n  rules: []\n",
		head + "  - alert: A\n    expr: |\n      up\n        == 0\n", head + "  - !!map {alert: A, expr: up}\n", "\xef\xbb\xbf" + head + rule,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		files, findings := rules.Read("r.yaml", []byte(text))
		if diag.Any(findings, diag.Warning) || len(files) != 1 || files[0].Kind != "" || files[0].Namespace != "" {
			return // refused, or no file for Prometheus
		}
		theirs := slices.ContainsFunc(ofRulers, func(field string) bool { return strings.Contains(text, field) })
		if _, errs := rulefmt.Parse([]byte(text), theirs, model.UTF8Validation, parser.NewParser(parser.Options{}),
			slog.New(slog.DiscardHandler)); len(errs) > 0 {
			t.Errorf("Prometheus refuses it: %v\n%s", errs, text)
		}
	})
}
