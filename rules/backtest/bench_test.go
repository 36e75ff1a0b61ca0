package backtest_test

import (
	"runtime"
	"testing"
	"time"

	"treadmill/rules/backtest"
	"treadmill/rules/compile"
	"treadmill/rules/eval"
	"treadmill/slo"
)

// made is the answers to the queries of an SLO, as a server would give them: traffic by day and night, some errors, and an outage of
// half an hour each week.
func made(seed int, grid slo.Grid) backtest.Counts {
	t, p := slo.NewSeries(map[string]string{"g": "a"}, grid.N), slo.NewSeries(map[string]string{"g": "a"}, grid.N)
	week := int(7 * slo.Day / grid.Step)
	for i := range grid.N {
		t.Values[i] = float64(1000 + (i*7+seed*131)%977)
		p.Values[i] = float64((i + seed) % 2)
		if (i+seed*977)%week < int(30*slo.Minute/grid.Step) {
			p.Values[i] = t.Values[i] / 3
		}
	}
	return backtest.Counts{Total: []slo.Series{t}, Part: []slo.Series{p}}
}

// BenchmarkBacktest replays 100 SLOs over 30 days at 30 s, after fetch: the goal is less than 2 s.
func BenchmarkBacktest(b *testing.B) { replayed(b, 100, 30) }

// BenchmarkBacktestMemory replays 1,000 SLOs over 90 days, one after the other: the goal is less than 500 MB at any time.
func BenchmarkBacktestMemory(b *testing.B) { replayed(b, 1000, 90) }

func replayed(b *testing.B, slos, days int) {
	s := spec(b, "99.9", 30*slo.Day, false, nil)
	replay := compile.ReplayOf(s, compile.Options{})
	since := start.AddDate(0, 0, 3)
	grid := slo.NewGrid(since.Add(-time.Duration(backtest.Warmup(&replay))), since.AddDate(0, 0, days), replay.Every)
	var peak uint64
	var m runtime.MemStats
	for b.Loop() {
		var alerts []backtest.Alert
		for i := range slos {
			b.StopTimer()
			past := backtest.Past{SLO: s, Replay: replay, Grid: grid, Since: since, Parts: []backtest.Counts{made(i, grid)}}
			b.StartTimer()
			out := past.Run(0.02)
			alerts = append(alerts, out.Alerts...)
			if i%20 == 0 {
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapInuse)
			}
		}
		if score := backtest.ScoreOf(alerts[:2], nil, time.Hour); score.Pages == 0 {
			b.Fatal("nothing fired")
		}
	}
	b.ReportMetric(float64(peak)/(1<<20), "peak-MB")
}

// BenchmarkFastBesideEngine replays the same rules over the same 6 hours both ways and says how many times faster the fast path
// is: the goal is 100. That both say the same is what TestFastAgreesWithEngine holds.
func BenchmarkFastBesideEngine(b *testing.B) {
	s := spec(b, "99.9", 30*slo.Day, false, nil)
	groups := compile.Compile(s, compile.Options{}).Groups
	replay := compile.ReplayOf(s, compile.Options{})
	grid := slo.NewGrid(start, start.Add(6*time.Hour), replay.Every)
	tr := trace{}
	for i := range 6 * 60 {
		tr.total, tr.part = append(tr.total, 1000+i%77), append(tr.part, i%5)
	}
	group := backtest.Groups([]backtest.Counts{made(1, grid)}, nil, grid.N)[0]
	var slow, fast time.Duration
	const times = 100
	for b.Loop() {
		store := eval.NewStore()
		tr.load(b, store, "a")
		at := time.Now()
		engine(b, groups, store, grid)
		slow += time.Since(at)
		at = time.Now()
		for range times {
			backtest.Fast(&replay, grid, group)
		}
		fast += time.Since(at)
	}
	b.ReportMetric(times*float64(slow)/float64(fast), "times-faster")
}
