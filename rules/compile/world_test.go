package compile_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"treadmill/rules/compile"
	"treadmill/slo"
)

// slowly are options for tests that let days pass.
var slowly = compile.Options{Evaluation: slo.Tile}

// pairs are the pairs of windows in a result's alerts whose conditions hold now, as "page 1h".
func (w *world) pairs(r compile.Result) []string {
	w.t.Helper()
	var out []string
	for _, rule := range r.Groups[0].Rules {
		if rule.Alert == "" {
			continue
		}
		for i, expr := range strings.Split(rule.Expr, "\nor\n") {
			if !math.IsNaN(w.value(expr)) {
				out = append(out, rule.Labels["slo_severity"]+" "+pairNames[rule.Labels["slo_severity"]][i])
			}
		}
	}
	return out
}

var pairNames = map[string][]string{"page": {"1h", "6h"}, "ticket": {"1d", "3d"}}

// TestOnePairAlone finds for each pair a course of events in which it alone holds.
func TestOnePairAlone(t *testing.T) {
	hours := func(at time.Duration) float64 { return at.Hours() }
	for _, c := range []struct {
		name        string
		want        []string
		run         time.Duration
		rate, share func(hour float64) float64 // requests a second, and the share of them that fails
		options     compile.Options
		scrape      time.Duration
	}{
		{name: "a short full outage", want: []string{"page 1h"}, run: 2*time.Minute + 2*time.Hour, scrape: 30 * time.Second,
			rate:  func(float64) float64 { return 100 },
			share: func(h float64) float64 { return when(h >= 2, 0.8) }},
		{name: "burning ten times too fast for four hours", want: []string{"page 6h"}, run: 4 * time.Hour, options: slowly, scrape: time.Minute,
			rate:  func(float64) float64 { return 100 },
			share: func(float64) float64 { return 0.01 }},
		{name: "a bad day, then much good traffic, then a trickle of bad", want: []string{"ticket 1d"}, run: 20 * time.Hour,
			options: slowly, scrape: time.Minute,
			rate:  func(h float64) float64 { return 100*when(h < 18, 1) + 5 },
			share: func(h float64) float64 { return 0.012 * (when(h < 12, 1) + when(h >= 18, 0.4)) }},
		{name: "burning twice too fast for two days", want: []string{"ticket 3d"}, run: 40 * time.Hour, options: slowly, scrape: time.Minute,
			rate:  func(float64) float64 { return 100 },
			share: func(float64) float64 { return 0.002 }},
		{name: "burning just within the budget", run: 30 * time.Hour, options: slowly, scrape: time.Minute,
			rate:  func(float64) float64 { return 100 },
			share: func(float64) float64 { return 0.00099 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := compiled(t, availability(t, "99.9"), c.options)
			bad := func(at time.Duration) float64 { return c.rate(hours(at)) * c.share(hours(at)) }
			w := newWorld(t, c.scrape, requests(func(at time.Duration) float64 { return c.rate(hours(at)) - bad(at) }, bad, c.scrape)...)
			w.load(r.Groups)
			w.run(c.run, nil)
			if got := w.pairs(r); !slices.Equal(got, c.want) {
				t.Errorf("pairs that hold: %v, want %v", got, c.want)
			}
		})
	}
}

func when(b bool, v float64) float64 {
	if b {
		return v
	}
	return 0
}

// TestNothingFires lets services live through what must not page anybody.
func TestNothingFires(t *testing.T) {
	reset := func(every time.Duration, f func(time.Duration) float64) func(time.Duration) float64 {
		return func(at time.Duration) float64 { return f(at) - f(at/every*every) }
	}
	linear := func(perSecond float64) func(time.Duration) float64 {
		return func(at time.Duration) float64 { return perSecond * at.Seconds() }
	}
	gone := func(from, to time.Duration, f func(time.Duration) float64) func(time.Duration) float64 {
		return func(at time.Duration) float64 {
			if at >= from && at < to {
				return math.NaN()
			}
			return f(at)
		}
	}
	for _, c := range []struct {
		name      string
		good, bad func(time.Duration) float64
		budget    float64 // what must be left of it
	}{
		{"idle", steady(5), steady(7), 1},
		{"no bad series at all", linear(10), steady(math.NaN()), 1},
		{"no series at all", steady(math.NaN()), steady(math.NaN()), math.NaN()},
		{"counters start again every three hours", reset(3*time.Hour, linear(10)), reset(3*time.Hour, linear(0.005)), 0.85},
		{"targets are away for twenty minutes", gone(5*time.Hour, 5*time.Hour+20*time.Minute, linear(10)),
			gone(5*time.Hour, 5*time.Hour+20*time.Minute, linear(0.005)), 0.85},
		{"traffic ends for good", gone(4*time.Hour, 99*time.Hour, linear(10)), steady(math.NaN()), 1},
		{"the bad series are born late", linear(10), gone(0, 5*time.Hour, steady(3)), 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := availability(t, "99.9")
			s.Period.Length = slo.Day
			r := compiled(t, s, slowly)
			w := newWorld(
				t,
				time.Minute,
				series{metric("requests_total", "code", "200"), c.good},
				series{metric("requests_total", "code", "500"), c.bad},
			)
			w.load(r.Groups)
			w.run(7*time.Hour, func(at time.Duration) bool {
				f := slices.DeleteFunc(w.firing("slo_severity"), func(s string) bool { return s == "no-data" })
				if len(f) > 0 {
					t.Errorf("%v fire after %s", f, at)
					return false
				}
				return true
			})
			if got := w.value(`slo:error_budget:remaining`); math.Abs(got-c.budget) > 0.01 || math.IsNaN(got) != math.IsNaN(c.budget) {
				t.Errorf("budget left %v, want %v", got, c.budget)
			}
			all, numbers := w.value(`count({__name__=~"slo:.*"})`), w.value(`count({__name__=~"slo:.*"} >= -Inf)`)
			if all != numbers {
				t.Errorf("of %v series %v are numbers", all, numbers)
			}
			if len(w.warns) > 0 {
				t.Errorf("warnings: %v", w.warns)
			}
		})
	}
}

// TestNewSLO pages a full outage from the first minutes on, and does not take a few bad minutes for a bad hour.
func TestNewSLO(t *testing.T) {
	for _, c := range []struct {
		share float64
		want  int
	}{{1, 1}, {0.05, 0}} {
		r := compiled(t, availability(t, "99.9"), compile.Options{})
		w := newWorld(
			t,
			30*time.Second,
			requests(
				func(time.Duration) float64 { return 100 * (1 - c.share) },
				func(time.Duration) float64 { return 100 * c.share },
				30*time.Second,
			)...)
		w.load(r.Groups)
		w.run(10*time.Minute, nil)
		if got := w.firing("severity"); len(got) < c.want || c.want == 0 && len(got) > 0 {
			t.Errorf("share %v after ten minutes: %v fire", c.share, got)
		}
	}
}

// TestPrometheusWasDown keeps what was known before an outage of Prometheus itself.
func TestPrometheusWasDown(t *testing.T) {
	s := availability(t, "99.9")
	s.Period.Length = 2 * slo.Day
	r := compiled(t, s, slowly)
	bad := func(at time.Duration) float64 { return when(at < 6*time.Hour, 0.02) } // burn 2 for six hours of two days: a quarter
	w := newWorld(t, time.Minute, requests(func(at time.Duration) float64 { return 10 - bad(at) }, bad, time.Minute)...)
	w.load(r.Groups)
	w.run(20*time.Hour, nil)
	w.down(50 * time.Minute)
	lowest, highest := 1.0, 0.0
	w.run(20*time.Hour, func(time.Duration) bool {
		v := w.value(`slo:error_budget:remaining`)
		lowest, highest = min(lowest, v), max(highest, v)
		return true
	})
	if lowest < 0.74 || highest > 0.76 {
		t.Errorf("budget left goes from %v to %v, want 0.75 throughout", lowest, highest)
	}
}

// TestGroups keeps groups apart: each has its budget, and only the one that burns fires.
func TestGroups(t *testing.T) {
	s := availability(t, "99.9")
	s.Indicator = slo.Indicator{
		Good:  slo.Query{Text: `sum by (region) (rate(latency_bucket{le="1"}[5m]))`},
		Total: slo.Query{Text: `sum by (region) (rate(latency_count[5m]))`},
	}
	r := compiled(t, s, compile.Options{})
	grow := func(perSecond float64) func(time.Duration) float64 {
		return func(at time.Duration) float64 { return perSecond * at.Seconds() }
	}
	w := newWorld(t, 30*time.Second,
		series{metric("latency_count", "region", "eu"), grow(10)}, series{metric("latency_bucket", "region", "eu", "le", "1"), grow(10)},
		series{metric("latency_count", "region", "us"), grow(10)}, series{metric("latency_bucket", "region", "us", "le", "1.0"), grow(5)},
		series{metric("latency_count", "region", "asia"), grow(10)}) // no bucket at all: nothing was fast
	w.load(r.Groups)
	w.run(time.Hour, nil)
	if got := w.firing("region"); !slices.Equal(slices.Compact(got), []string{"asia", "us"}) {
		t.Errorf("regions that fire: %v", got)
	}
	if got := w.value(`slo:error_budget:remaining{region="eu"}`); got != 1 {
		t.Errorf("budget of the healthy region: %v", got)
	}
	if got := w.value(`count(slo:events_bad:increase30d)`); got != 3 {
		t.Errorf("%v groups have a budget, want 3", got)
	}
}

// TestNoDataSaysWhy takes a service through idleness, a target that is down and a metric that is renamed.
func TestNoDataSaysWhy(t *testing.T) {
	until := func(end time.Duration, v float64) func(time.Duration) float64 {
		return func(at time.Duration) float64 {
			if at >= end {
				return math.NaN()
			}
			return v
		}
	}
	for _, c := range []struct {
		name   string
		raw    []series
		reason string
	}{
		{"idle", []series{{metric("t", "job", "web"), steady(3)}, {metric("up", "job", "web"), steady(1)}}, ""},
		{"no bad series", []series{{metric("t", "job", "web"), counter(steady(9), time.Minute)}, {metric("up", "job", "web"), steady(1)}}, ""},
		{"down", []series{{metric("t", "job", "web"), until(time.Hour, 3)}, {metric("up", "job", "web"), steady(0)}}, "target down"},
		{"renamed", []series{{metric("t", "job", "web"), until(time.Hour, 3)}, {metric("up", "job", "web"), steady(1)}},
			"selector matches nothing"},
		{"never there", nil, "selector matches nothing"},
	} {
		s := availability(t, "99.9")
		s.Indicator = slo.Indicator{
			Bad:   slo.Query{Text: `sum(rate(t{job="web",code="500"}[5m]))`},
			Total: slo.Query{Text: `sum(rate(t{job="web"}[5m]))`},
		}
		r := compiled(t, s, slowly)
		w := newWorld(t, time.Minute, c.raw...)
		w.load(r.Groups)
		w.run(2*time.Hour, nil)
		if got := strings.Join(w.firing("reason"), ","); got != c.reason {
			t.Errorf("%s: %q fires, want %q", c.name, got, c.reason)
		}
	}
}

// TestSlothNames records what Sloth's dashboards read: ratios by window, burn rates and the budget, without our label.
func TestSlothNames(t *testing.T) {
	r := compiled(t, availability(t, "99.9"), compile.Options{SlothNames: true})
	w := newWorld(t, 30*time.Second, requests(steady(99), steady(1), 30*time.Second)...)
	w.load(r.Groups)
	w.run(30*time.Minute, nil)
	for query, want := range map[string]float64{
		`slo:sli_error:ratio_rate5m{sloth_id="web-availability",sloth_window="5m",slo=""}`: 0.01,
		`slo:current_burn_rate:ratio{sloth_slo="availability"}`:                            10,
		`slo:time_period:days{sloth_service="web"}`:                                        30,
		`count(slo:sli_error:ratio_rate30d)`:                                               1,
		`count(slo:period_error_budget_remaining:ratio)`:                                   1,
	} {
		if got := w.value(query); !nearly(got, want, 0.001) {
			t.Errorf("%s is %v, want %v", query, got, want)
		}
	}
}

// TestSlothNamesOfNamespaces gives two namespaces an object of one name: their series under Sloth's names differ.
func TestSlothNamesOfNamespaces(t *testing.T) {
	written := map[string]string{}
	for _, namespace := range []string{"", "team-a", "team-b"} {
		s := availability(t, "99.9")
		s.Object.Namespace = namespace
		s.ID = s.Object.In(s.ID)
		for _, g := range compiled(t, s, compile.Options{SlothNames: true}).Groups {
			for _, r := range g.Rules {
				if r.Record == "" {
					continue
				}
				series := fmt.Sprint(r.Record, r.Labels)
				if by, taken := written[series]; taken {
					t.Errorf("%q and %q both write %s", by, namespace, series)
				}
				written[series] = namespace
			}
		}
	}
}

// TestSlices counts slices of five minutes: those in which more than a tenth failed are bad, however many events they have.
func TestSlices(t *testing.T) {
	s := availability(t, "90")
	s.Period.Length = slo.Day
	s.Indicator.Slice = slo.Slice{Window: slo.Tile, Target: slo.NewNumber(9, 10)}
	r := compiled(t, s, slowly)
	hour := func(at time.Duration) bool { return at >= 2*time.Hour && at < 3*time.Hour }
	bad := func(at time.Duration) float64 { return when(hour(at), 0.5) }
	good := func(at time.Duration) float64 { return when(!hour(at), 99) + 0.5 } // a hundred times the traffic outside of the bad hour
	w := newWorld(t, time.Minute, requests(good, bad, time.Minute)...)
	w.load(r.Groups)
	w.run(6*time.Hour, nil)
	if got := w.value("slo:events_bad:increase6h"); got < 11 || got > 13 {
		t.Errorf("%v slices of the last six hours were bad, want 12", got)
	}
	if got := w.value("slo:events_total:increase6h"); !nearly(got, 72, 0.02) {
		t.Errorf("%v slices in six hours, want 72", got)
	}
}
