package compile_test

import (
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"

	"treadmill/rules/compile"
)

func TestInhibit(t *testing.T) {
	text := compile.Inhibit(
		[]*compile.Draft{{Result: compile.Result{By: []string{"region"}}}, {Result: compile.Result{By: []string{"handler", "region"}}}},
	)
	var c struct {
		Rules []struct {
			Source []string `yaml:"source_matchers"`
			Target []string `yaml:"target_matchers"`
			Equal  []string `yaml:"equal"`
		} `yaml:"inhibit_rules"`
	}
	if err := yaml.Unmarshal(text, &c); err != nil || len(c.Rules) != 1 {
		t.Fatalf("%v\n%s", err, text)
	}
	r := c.Rules[0]
	if !slices.Equal(r.Source, []string{`slo_severity="page"`}) || !slices.Equal(r.Target, []string{`slo_severity="ticket"`}) ||
		!slices.Equal(r.Equal, []string{"slo", "cluster", "handler", "region"}) {
		t.Errorf("%+v", r)
	}
}
