package compile_test

import (
	"strings"
	"testing"

	"treadmill/rules/compile"
)

// TestLabelsOfTheGrouping: alerts that have one text for a label of the grouping do not say of which group they are, and where no label is
// left, Prometheus refuses two of them.
func TestLabelsOfTheGrouping(t *testing.T) {
	for name, c := range map[string]struct {
		by     string
		labels map[string]string
		want   string
	}{
		"another label":              {"zone", map[string]string{"team": "a"}, ""},
		"a template of the group":    {"zone", map[string]string{"zone": "{{ $labels.zone }}"}, ""},
		"one of two":                 {"zone, pod", map[string]string{"zone": "all"}, `warning slo/label: the queries are grouped by "zone", and alerts have one text`},
		"the only one":               {"zone", map[string]string{"zone": "all"}, `error slo/label: the queries are grouped by "zone" alone`},
		"what rules set, the only":   {"severity", nil, `error slo/label: the queries are grouped by "severity" alone`},
		"what rules set, one of two": {"severity, zone", nil, `warning slo/label: the queries are grouped by "severity"`},
	} {
		s := availability(t, "99.9")
		s.Indicator.Bad.Text = `sum by (` + c.by + `) (rate(requests_total{code="500"}[5m]))`
		s.Indicator.Total.Text = `sum by (` + c.by + `) (rate(requests_total[5m]))`
		s.Alerting.Labels = c.labels
		r := compile.Compile(s, compile.Options{})
		var said []string
		for _, f := range r.Findings {
			if f.ID == "slo/label" {
				said = append(said, f.Severity.String()+" "+f.ID+": "+f.Message)
			}
		}
		if got := strings.Join(said, "\n"); !strings.HasPrefix(got, c.want) || (c.want == "") != (got == "") || len(said) > 1 {
			t.Errorf("%s: %q", name, got)
		}
	}
}
