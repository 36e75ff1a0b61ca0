package compile_test

import (
	"testing"
	"time"

	"treadmill/internal/diag"
	"treadmill/rules/compile"
	"treadmill/slo"
)

// availability is the plainest SLO: errors out of requests.
func availability(t testing.TB, percent string) slo.SLO {
	t.Helper()
	o, err := slo.ParsePercent(percent)
	if err != nil {
		t.Fatal(err)
	}
	return slo.SLO{ID: "web-availability", Name: "availability", Service: "web", Objective: o, Period: slo.Period{Length: 30 * slo.Day},
		Indicator: slo.Indicator{
			Bad:   slo.Query{Text: `sum(rate(requests_total{code=~"5.."}[{{.window}}]))`},
			Total: slo.Query{Text: `sum(rate(requests_total[{{.window}}]))`},
		}}
}

func compiled(t testing.TB, s slo.SLO, o compile.Options) compile.Result {
	t.Helper()
	r := compile.Compile(s, o)
	if diag.Any(r.Findings, diag.Error) {
		t.Fatal(r.Findings)
	}
	return r
}

// requests is the traffic of a service: good ones and bad ones, so many a second each.
func requests(good, bad func(time.Duration) float64, scrape time.Duration) []series {
	return []series{
		{metric("requests_total", "code", "200"), counter(good, scrape)},
		{metric("requests_total", "code", "500"), counter(bad, scrape)},
	}
}

func TestPagesAtThePromisedEvaluation(t *testing.T) {
	for _, c := range []struct {
		share string
		want  time.Duration
	}{{"1", 1 * time.Minute}, {"0.5", 2 * time.Minute}, {"0.1", 9 * time.Minute}, {"0.05", 18 * time.Minute}, {"0.02", 44 * time.Minute}} {
		t.Run(c.share, func(t *testing.T) {
			t.Parallel()
			share, _ := slo.ParseNumber(c.share)
			r := compiled(t, availability(t, "99.9"), compile.Options{})
			scrape := 30 * time.Second
			outage := func(at time.Duration) float64 {
				if at < 70*time.Minute {
					return 0
				}
				return 100 * share.Float()
			}
			w := newWorld(t, scrape, requests(func(at time.Duration) float64 { return 100 - outage(at) }, outage, scrape)...)
			w.load(r.Groups)
			var fired time.Duration
			w.run(2*time.Hour, func(at time.Duration) bool {
				if len(w.firing("severity")) > 0 {
					fired = at - 70*time.Minute
				}
				return fired == 0
			})
			promised, _ := r.Burns[0].Detection(share, slo.Evaluation)
			t.Logf("fired after %s, promised %s", fired, promised)
			if late := fired - time.Duration(promised); late < -30*time.Second || late > 30*time.Second {
				t.Errorf("fired after %s, promised %s", fired, promised)
			}
		})
	}
}
