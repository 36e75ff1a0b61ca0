package lint_test

import (
	"math"
	"testing"
	"time"

	"treadmill/rules"
	"treadmill/rules/lint"
)

func TestReads(t *testing.T) {
	pace := lint.Pace{Scrape: 30 * time.Second, Every: time.Minute}
	for expr, want := range map[string][]lint.Read{
		`up == 0`:                            {{`up`, 1}},
		`rate(a[5m]) / on(job) b offset 1d`:  {{`a`, 10}, {`b`, 1}},
		`max_over_time(rate(a[5m])[1h:])`:    {{`a`, 600}},
		`max_over_time(rate(a[5m])[1h:10m])`: {{`a`, 60}},
		`rate(a[10s])`:                       {{`a`, 1}},
		`vector(1)`:                          nil,
		`sum(`:                               nil,
	} {
		got := lint.Reads(expr, pace)
		if len(got) != len(want) {
			t.Errorf("%s: %v, want %v", expr, got, want)
			continue
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%s: %v, want %v", expr, got, want)
			}
		}
	}
}

func TestCostOf(t *testing.T) {
	files, findings := rules.Read("r.yaml", []byte(`groups:
- name: fast
  interval: 30s
  rules:
  - {record: "job:a:rate5m", expr: 'sum by (job) (rate(a[5m]))'}
  - {alert: Down, expr: up == 0}
- name: default
  rules:
  - {alert: High, expr: 'job:a:rate5m > 1'}
`))
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	c := lint.CostOf(files, lint.Pace{Scrape: 30 * time.Second, Every: time.Minute}, map[string]float64{"a": 100, "up": 20, "job:a:rate5m": 4})
	// Every 30 s ten samples of a and one of up, every minute one of the recording.
	if want := 10.0/30 + 1.0/30 + 1.0/60; c.Alerts != 2 || c.Recordings != 1 || c.Evaluations != 5 || math.Abs(c.PerSeries-want) > 1e-9 {
		t.Errorf("%+v, want %v a series", c, want)
	}
	if want := 1000.0/30 + 20.0/30 + 4.0/60; c.Samples == nil || math.Abs(*c.Samples-want) > 1e-9 {
		t.Errorf("%v, want %v", *c.Samples, want)
	}
}
