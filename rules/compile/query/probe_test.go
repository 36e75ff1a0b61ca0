package query_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"treadmill/rules/compile/query"
	"treadmill/slo"
)

// What is counted is the newest value at the end of a window less that at its beginning, of each counter by itself, whatever is made of it;
// native histograms and subqueries stay as they are written.
func TestCounters(t *testing.T) {
	grown := func(x, now, then string) string {
		return "last_over_time(" + x + "[5m]" + now + ") - last_over_time(" + x + "[1h] offset " + then + ") >= 0 unless resets(" + x + "[6m]" +
			now + ") > 0 or increase(" + x + "[6m]" + now + ") * 300 / 360 and " + x + " offset " + then + " or increase(" + x + "[5m]" + now + ")"
	}
	for _, c := range []struct{ name, query, want, probe string }{
		{"a counter", `sum(rate(x[{{.window}}]))`, `sum(` + grown("x", "", "5m") + `)`, `quantile(0.5, count_over_time(x[30m]) or count_over_time(y[30m]))`},
		{"two counters", `sum(rate(x[{{.window}}])) - sum(rate(z[{{.window}}]))`, `(sum(` + grown("x", "", "5m") + `) - sum(` + grown("z", "", "5m") + `))`, ``},
		{"clamped", `sum(clamp_max(increase(x[{{.window}}]), 3))`, `sum(clamp_max((` + grown("x", "", "5m") + `), 3))`, ``},
		{"an offset", `sum(rate(z[{{.window}}] offset 1m))`, `sum(` + grown("z", " offset 1m", "6m") + `)`, ``},
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
			if m.Total != c.want {
				t.Errorf("gives %s\nwant  %s", m.Total, c.want)
			}
			if c.probe != "" && m.Probe() != c.probe {
				t.Errorf("probes by %s\nwant     %s", m.Probe(), c.probe)
			}
		})
	}
}

// Counters that do not answer are kept once for what reads parts of them.
func TestWhatIsKept(t *testing.T) {
	for _, c := range []struct {
		total, bad string
		want       []string
	}{
		{`sum(rate(x[5m]))`, `sum(rate(x{code="500"}[5m]))`, []string{query.OfTotal + "/1"}},
		{`sum(rate(x{job="a"}[5m]))`, `sum(rate(x{code="500",job="a"}[5m]))`, []string{query.OfTotal + "/1"}},
		{`sum(rate(x{job="a"}[5m]))`, `sum(rate(x{code="500"}[5m]))`, []string{query.OfTotal + "/1", query.OfPart + "/2"}},
		{`sum(rate(y_count[5m]))`, `sum(rate(y_bucket{le="1"}[5m]))`, []string{query.OfTotal + "/1", query.OfPart + "/2"}},
		{`sum(rate(x[5m])) + sum(rate(y[5m]))`, `sum(rate(y{code="500"}[5m]))`, []string{query.OfTotal + "/1", query.OfTotal + "/2"}},
		{`sum(count_over_time(x[5m]))`, `sum(sum_over_time(x[5m]))`, nil},
	} {
		e := query.Count(slo.Indicator{Total: slo.Query{Text: c.total}, Bad: slo.Query{Text: c.bad}}, slo.Tile)
		var got []string
		for _, k := range e.Counters {
			got = append(got, k.Key)
		}
		if len(e.Findings) > 0 || !slices.Equal(got, c.want) {
			t.Errorf("%s of %s: %q, want %q %v", c.bad, c.total, got, c.want, e.Findings)
		}
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
		Bad: slo.Query{
			Text: `sum(rate(requests_total{code=~"5.."}[{{.window}}]))`,
		}, Total: slo.Query{Text: `sum(rate(requests_total[{{.window}}]))`}}}
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
