package compile_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"treadmill/rules/compile"
	"treadmill/slo"
)

// TestBudgetIsTrue compares the recorded budget with what truly happened, in courses of events under which averaged
// ratios are wrong by up to a factor of thirty.
func TestBudgetIsTrue(t *testing.T) {
	if testing.Short() {
		t.Skip("lets four days pass")
	}
	const period = 4 * 24 * time.Hour
	within := func(at, from, to time.Duration) bool { return at%(24*time.Hour) >= from && at%(24*time.Hour) < to }
	day := func(at time.Duration) float64 { // a hundred times as much by day as by night
		return 0.1 + when(within(at, 8*time.Hour, 20*time.Hour), 9.9)
	}
	never := func(time.Duration) bool { return false }
	courses := map[string]struct {
		rate, share func(time.Duration) float64
		born        time.Duration
		away        func(time.Duration) bool
		reset       time.Duration
	}{
		"outages by night": {
			rate:  day,
			share: func(at time.Duration) float64 { return when(within(at, 2*time.Hour, 3*time.Hour), 0.5) },
			away:  never,
		},
		"outages at noon": {rate: day, share: func(at time.Duration) float64 {
			return when(within(at, 12*time.Hour, 12*time.Hour+10*time.Minute), 0.2)
		}, away: never},
		"errors born on the last day": {rate: day, born: 3 * 24 * time.Hour, away: never,
			share: func(at time.Duration) float64 { return when(at >= 3*24*time.Hour, 0.01) }},
		"an idle gap": {rate: func(at time.Duration) float64 {
			return when(at < 50*time.Hour || at > 51*time.Hour, 5)
		}, share: func(time.Duration) float64 { return 0.001 }, away: never},
		"resets every six hours": {rate: day, share: func(time.Duration) float64 { return 0.002 }, reset: 6 * time.Hour, away: never},
	}
	s := availability(t, "99.9")
	s.Period.Length = slo.Window(period)
	s.Indicator.Bad.Text = `sum by (course) (rate(requests_total{code="500"}[5m]))`
	s.Indicator.Total.Text = `sum by (course) (rate(requests_total[5m]))`
	r := compiled(t, s, slowly)
	var raw []series
	bad, total := map[string]float64{}, map[string]float64{}
	for name, c := range courses {
		failing := func(at time.Duration) float64 { return c.rate(at) * c.share(at) }
		good := func(at time.Duration) float64 { return c.rate(at) - failing(at) }
		for code, rate := range map[string]func(time.Duration) float64{"200": good, "500": failing} {
			count := counter(rate, time.Minute)
			base := 0.0
			raw = append(raw, series{metric("requests_total", "course", name, "code", code), func(at time.Duration) float64 {
				v := count(at)
				if code == "500" && at < c.born {
					return math.NaN()
				}
				if c.reset > 0 && at%c.reset == 0 {
					base = v
				}
				return v - base
			}})
		}
		for at := time.Duration(0); at < period; at += time.Minute {
			bad[name] += failing(at) * 60
			total[name] += c.rate(at) * 60
		}
	}
	w := newWorld(t, time.Minute, raw...)
	w.load(r.Groups)
	w.run(period, nil)
	for name := range courses {
		got := w.value(`slo:events_bad:increase4d{course="` + name + `"} / slo:events_total:increase4d`)
		want := bad[name] / total[name]
		t.Logf("%s: share of bad events %.6f, truly %.6f (%+.2f %%)", name, got, want, 100*(got/want-1))
		if !nearly(got, want, 0.002) {
			t.Errorf("%s: the share is %v, truly %v", name, got, want)
		}
	}
}

// TestFewEvents simulates services with few requests, which arrive and fail by chance at half of what the budget allows:
// it must be rare that they page, and an outage must be found soon all the same.
func TestFewEvents(t *testing.T) {
	const perDay, days = 24 * 60, 720
	for _, c := range []struct {
		perMinute float64
		detect    int // minutes
	}{{0.1, 30}, {0.5, 6}, {1, 6}, {5, 3}} {
		pages := compiled(t, availability(t, "99.9"), compile.Options{}).Burns[:2]
		random := rand.New(rand.NewPCG(7, uint64(10*c.perMinute)))
		quiet := simulate(random, pages, days*perDay, func(int) float64 { return 0.0005 }, c.perMinute)
		perMonth := 30 * float64(len(quiet)) / days
		var found []int
		for range 200 {
			const begin = 7 * 60
			at := begin + 600
			for _, first := range simulate(random, pages, begin+600, func(m int) float64 { return when(m >= begin, 1) }, c.perMinute) {
				at = min(at, max(first, begin))
			}
			found = append(found, at-begin+1)
		}
		slices.Sort(found)
		median := found[len(found)/2]
		t.Logf("%v requests a minute: %.3f false pages in 30 days, an outage is found after %d minutes (median)", c.perMinute, perMonth, median)
		if c.perMinute >= 0.5 && perMonth > 0.1 || median > c.detect {
			t.Errorf("%v requests a minute: %.3f false pages in 30 days, an outage is found after %d minutes", c.perMinute, perMonth, median)
		}
	}
}

// simulate gives the minutes at which an episode of paging begins. Windows hold counts scaled up as increase() scales
// what ten scrapes saw of five minutes.
func simulate(random *rand.Rand, pages []slo.Burn, minutes int, share func(minute int) float64, perMinute float64) []int {
	bad, total := make([]float64, minutes+1), make([]float64, minutes+1) // running sums
	var begins []int
	silent := 1 << 30
	for m := range minutes {
		n, b := poisson(random, perMinute), 0.0
		for range n {
			b += when(random.Float64() < share(m), 1/0.9)
		}
		bad[m+1], total[m+1] = bad[m]+b, total[m]+float64(n)/0.9
		silent++
		for _, p := range pages {
			window := func(w slo.Window, sums []float64) float64 { return sums[m+1] - sums[max(0, m+1-int(w/slo.Minute))] }
			lb, lt, sb, st := window(p.Long, bad), window(p.Long, total), window(p.Short, bad), window(p.Short, total)
			rate, q := p.Rate.Float()*0.001, p.Threshold.Float()
			enough := lt > math.Floor(25/q) || lb > 1.5 && lb > q*lt+2.33*math.Sqrt(q*(1-q)*lt)
			if lb/lt > rate && sb/st > rate && enough {
				if silent > 30 {
					begins = append(begins, m)
				}
				silent = 0
			}
		}
	}
	return begins
}

// poisson draws the number of events of one minute (D. Knuth, The Art of Computer Programming, vol. 2, 3.4.1).
func poisson(random *rand.Rand, mean float64) int {
	limit, product, n := math.Exp(-mean), random.Float64(), 0
	for product > limit {
		product *= random.Float64()
		n++
	}
	return n
}
