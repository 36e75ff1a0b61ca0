package rules_test

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"treadmill/internal/diag"
	"treadmill/rules"
)

func TestEveryFormatIsReadBack(t *testing.T) {
	set := rules.Set{Name: "Web_A", Labels: map[string]string{"role": "alert-rules"}, Groups: []rules.Group{{
		Name: "slo-web", Interval: 30e9, Rules: []rules.Rule{
			{Record: "a:b", Expr: `sum(rate(x{a="b"}[5m])) or on () 0 * y`, Labels: map[string]string{"slo": "true"}},
			{
				Alert:         "A",
				Expr:          "(\n  a > 1\n)\nor\nb",
				For:           60e9,
				KeepFiringFor: 120e9,
				Annotations:   map[string]string{"summary": "it's: {{ $value }} # not a comment"},
			},
		}}}}
	for _, f := range rules.Formats() {
		text := f.Append(nil, set, rules.Set{Name: "b", Groups: []rules.Group{{Name: "b", Rules: []rules.Rule{{Record: "r", Expr: "1"}}}}})
		if f == rules.VMRule { // the same object under another name
			text = []byte(
				strings.NewReplacer("operator.victoriametrics.com/v1beta1", "monitoring.coreos.com/v1", "VMRule", "PrometheusRule").
					Replace(string(text)),
			)
		}
		files, findings := rules.Read("out.yaml", text)
		if diag.Any(findings, diag.Info) {
			t.Errorf("%s: %v\n%s", f, findings, text)
		}
		var groups []rules.Group
		for _, file := range files {
			groups = append(groups, file.Groups...)
		}
		if len(groups) != 2 || len(groups[0].Rules) != 2 || groups[0].Rules[1].Expr != set.Groups[0].Rules[1].Expr ||
			groups[0].Rules[0].Labels["slo"] != "true" {
			t.Errorf("%s: read back %+v\n%s", f, groups, text)
		}
	}
}

func TestAnyTextIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-zA-Z0-9 :#'"{}\n\t(.-]*`)).Draw(t, "text")
		b := rules.Prometheus.Append(
			nil,
			rules.Set{Groups: []rules.Group{{Name: "g", Rules: []rules.Rule{{Record: "r", Expr: text, Labels: map[string]string{"l": text}}}}}},
		)
		var got struct {
			Groups []struct {
				Rules []struct {
					Expr   string
					Labels map[string]string
				}
			}
		}
		if err := yaml.Unmarshal(b, &got); err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
		if r := got.Groups[0].Rules[0]; r.Expr != text || r.Labels["l"] != text {
			t.Fatalf("wrote %q, read %q and %q\n%s", text, r.Expr, r.Labels["l"], b)
		}
	})
}
