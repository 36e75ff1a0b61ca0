package backtest_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"treadmill/internal/diag"
	"treadmill/rules/backtest"
	"treadmill/rules/compile"
	"treadmill/rules/eval"
	"treadmill/slo"
)

func TestPending(t *testing.T) {
	n := math.NaN()
	values := []float64{n, 1, 1, 1, n, 1, n, n, n, 1, 1, 1}
	tests := []struct {
		hold, keep int
		want       []int
	}{
		{0, 0, []int{1, 2, 3, 5, 9, 10, 11}},
		{2, 0, []int{3, 11}},
		{0, 1, []int{1, 2, 3, 4, 5, 6, 9, 10, 11}},
		{0, 2, []int{1, 2, 3, 4, 5, 6, 7, 9, 10, 11}},
	}
	for _, test := range tests {
		var got []int
		for i, f := range backtest.Pending(values, test.hold, test.keep) {
			if f {
				got = append(got, i)
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("hold %d, keep %d: %v, want %v", test.hold, test.keep, got, test.want)
		}
	}
}

func TestScore(t *testing.T) {
	at := func(minute int) time.Time { return start.Add(time.Duration(minute) * time.Minute) }
	in := []backtest.Incident{{SLO: "x", Labels: map[string]string{}, Start: at(100), End: at(160)}, {SLO: "x", Labels: map[string]string{}, Start: at(600), End: at(700)}}
	alert := func(severity, id string, from, to int) backtest.Alert {
		return backtest.Alert{Severity: severity, SLO: id, Labels: map[string]string{}, Episodes: []backtest.Episode{{Start: at(from), End: at(to)}}}
	}
	got := backtest.ScoreOf([]backtest.Alert{alert("page", "x", 105, 165), alert("page", "x", 400, 410), alert("page", "y", 110, 120), alert("ticket", "x", 650, 720), alert("critical", "", 620, 640)}, in, 7*24*time.Hour)
	want := backtest.Score{Precision: 0.5, Recall: 1, PageRecall: 1, MedianDetection: "20m", MedianReset: "5m", Pages: 4, NightPages: 3, Tickets: 1, PagesPerWeek: 4}
	if got != want {
		t.Errorf("%+v\nwant %+v", got, want)
	}
	if s := backtest.ScoreOf(nil, nil, time.Hour); s.Precision != 1 || s.Recall != 1 {
		t.Errorf("%+v", s)
	}
}

func TestReadSamples(t *testing.T) {
	for name, text := range map[string]string{
		"a.txt": "x 1 1\n", "b.txt": "x 1\n# EOF\n", "c.txt": "x 2 5\nx 1 4\n# EOF\n", "d.txt": "# EOF\n", "e.txt": "x{ 1 1\n# EOF\n",
		"f.yaml": "start: yesterday\n", "g.yaml": "start: 2026-11-01T00:00:00Z\ninterval: 1m\nseries: [{series: 'x{', values: '1'}]\n",
		"h.yaml": "start: 2026-11-01T00:00:00Z\ninterval: 0s\nseries: [{series: x, values: '1 2'}]\n",
	} {
		if found := backtest.ReadSamples(eval.NewStore(), name, []byte(text)); !diag.Any(found, diag.Error) || found[0].File != name {
			t.Errorf("%s: %v", name, found)
		}
	}
}

// BenchmarkFast replays 30 days of one SLO at 30 s.
func BenchmarkFast(b *testing.B) {
	s := spec(b, "99.9", 30*slo.Day, false, nil)
	replay := compile.ReplayOf(s, compile.Options{})
	grid := slo.NewGrid(start, start.Add(33*24*time.Hour), replay.Every)
	total, part := slo.NewSeries(nil, grid.N), slo.NewSeries(nil, grid.N)
	for i := range grid.N {
		total.Values[i], part.Values[i] = float64(1000+i%77), float64(i%5)
	}
	for b.Loop() {
		backtest.Fast(&replay, grid, backtest.Group{Parts: []backtest.Events{{Total: total.Values, Part: part.Values}}})
	}
}

// BenchmarkEngine replays half a day of the same rules in the engine.
func BenchmarkEngine(b *testing.B) {
	s := spec(b, "99.9", 30*slo.Day, false, nil)
	groups := compile.Compile(s, compile.Options{}).Groups
	grid := slo.NewGrid(start, start.Add(12*time.Hour), slo.Evaluation)
	tr := trace{}
	for i := range 12 * 60 {
		tr.total, tr.part = append(tr.total, 1000+i%77), append(tr.part, i%5)
	}
	for b.Loop() {
		store := eval.NewStore()
		tr.load(b, store, "a")
		engine(b, groups, store, grid)
	}
}
