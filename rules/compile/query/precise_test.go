package query_test

import (
	"math"
	"testing"
	"time"

	"treadmill/rules/compile/query"
	"treadmill/slo"
)

func TestPreciseMeasures(t *testing.T) {
	const x = `(x - x offset 5m >= 0 unless resets(x[6m]) > 0 or increase(x[6m]) * 300 / 360 and x offset 5m or increase(x[5m]))`
	for _, c := range []struct{ name, query, want, probe string }{
		{"a counter", `sum(rate(x[{{.window}}]))`, `sum(` + x + `)`, `quantile(0.5, count_over_time(x[30m]) or count_over_time(y[30m]))`},
		{"two counters", `sum(rate(x[{{.window}}])) - sum(rate(x[{{.window}}]))`, `(sum(` + x + `) - sum(` + x + `))`, ``},
		{"an offset", `sum(rate(z[{{.window}}] offset 1m))`,
			`sum((z offset 1m - z offset 6m >= 0 unless resets(z[6m] offset 1m) > 0 or increase(z[6m] offset 1m) * 300 / 360 and z offset 6m or increase(z[5m] offset 1m)))`, ``},
		{"a subquery", `sum_over_time(sum(rate(x[1m]))[{{.window}}:1m])`, `sum_over_time(sum(rate(x[1m]))[5m:1m])`, `quantile(0.5, count_over_time(y[30m]))`},
		{"a native histogram", `histogram_count(sum(rate(x[{{.window}}])))`, `histogram_count(sum(increase(x[5m])))`, ``},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := availability(t, "99")
			s.Indicator = slo.Indicator{Total: slo.Query{Text: c.query}, Bad: slo.Query{Text: "sum(rate(y[{{.window}}]))"}}
			m, findings := query.MeasureOf(s)
			if len(findings) > 0 {
				t.Fatal(findings)
			}
			if got := m.Precise(0).Total; got != c.want {
				t.Errorf("gives %s\nwant  %s", got, c.want)
			}
			if c.probe != "" && m.Probe() != c.probe {
				t.Errorf("probes by %s\nwant     %s", m.Probe(), c.probe)
			}
		})
	}
}

// availability is an SLO of two counters.
func availability(t testing.TB, percent string) slo.SLO {
	t.Helper()
	o, err := slo.ParsePercent(percent)
	if err != nil {
		t.Fatal(err)
	}
	return slo.SLO{ID: "web", Name: "web", Objective: o, Period: slo.Period{Length: 30 * slo.Day}, Indicator: slo.Indicator{
		Bad: slo.Query{Text: `sum(rate(requests_total{code=~"5.."}[{{.window}}]))`}, Total: slo.Query{Text: `sum(rate(requests_total[{{.window}}]))`}}}
}

func TestSlicesStayAsTheRulesHaveThem(t *testing.T) {
	s := availability(t, "99")
	s.Indicator.Slice = slo.Slice{Window: slo.Minute}
	m, _ := query.MeasureOf(s)
	if got := m.Precise(0); got.Total != m.Total || got.Bad != m.Bad || m.Probe() != "" {
		t.Errorf("%+v\nwant %+v, and no probe", got, m)
	}
}

func TestSpacing(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		counts []float64
		want   time.Duration
	}{
		{nil, 0},
		{[]float64{nan, 0}, 0},
		{[]float64{120, 119, 120}, 15 * time.Second},
		{[]float64{119}, 15 * time.Second},
		{[]float64{29, 30, 12, nan}, time.Minute},
		{[]float64{40}, 45 * time.Second},
		{[]float64{360}, 5 * time.Second},
		{[]float64{1e9}, time.Second},
		{[]float64{1}, 30 * time.Minute},
	} {
		if got := query.Spacing(c.counts); got != slo.Window(c.want) {
			t.Errorf("%v: %s, want %s", c.counts, got, c.want)
		}
	}
}
