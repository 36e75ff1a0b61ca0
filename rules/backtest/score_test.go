package backtest_test

import (
	"math"
	"reflect"
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
	in := []backtest.Incident{
		{SLO: "x", Labels: map[string]string{}, Start: at(100), End: at(160)},
		{SLO: "x", Labels: map[string]string{}, Start: at(600), End: at(700)},
	}
	alert := func(severity, id string, from, to int) backtest.Alert {
		return backtest.Alert{
			Severity: severity,
			SLO:      id,
			Labels:   map[string]string{},
			Episodes: []backtest.Episode{{Start: at(from), End: at(to)}},
		}
	}
	got := backtest.ScoreOf(
		[]backtest.Alert{
			alert("page", "x", 105, 165),
			alert("page", "x", 400, 410),
			alert("page", "y", 110, 120),
			alert("ticket", "x", 650, 720),
			alert("critical", "", 620, 640),
		},
		in,
		7*24*time.Hour,
	)
	half, whole := 0.5, 1.0
	want := backtest.Score{
		Precision:       &half,
		Recall:          &whole,
		PageRecall:      &whole,
		MedianDetection: "12m30s",
		MedianReset:     "2m30s",
		Pages:           4,
		NightPages:      3,
		Tickets:         1,
		PagesPerWeek:    4,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
	if s := backtest.ScoreOf(nil, nil, time.Hour); s.Precision != nil || s.Recall != nil || s.PageRecall != nil {
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

// A service that burns all of the time has an incident where it burns far more than it uses to, and is paged for that alone; the burn that
// it always has is none.
func TestAlwaysBurning(t *testing.T) {
	for name, c := range map[string]struct {
		always, during float64
		incidents      int
	}{
		"twice the budget, and an hour at half":        {0.0002, 0.5, 1},
		"ten times the budget, and an hour at a fifth": {0.001, 0.2, 1},
		"twice the budget and no more":                 {0.0002, 0.0002, 0},
		"within the budget, and an hour at half":       {0.00005, 0.5, 1},
		"half of all, and an hour in which all fail":   {0.5, 1, 1},
	} {
		p := past(spec(t, "99.99", 30*slo.Day, false, nil), 3, 100, func(at time.Duration) float64 {
			if at >= 48*time.Hour && at < 49*time.Hour {
				return c.during
			}
			return c.always
		})
		got := p.Run(0.02).Incidents
		if len(got) != c.incidents {
			t.Errorf("%s: %+v", name, got)
		}
		for _, in := range got {
			if off := in.Start.Sub(start.Add(48 * time.Hour)).Abs(); off > 5*time.Minute || in.End.Sub(in.Start) > 70*time.Minute {
				t.Errorf("%s: %+v", name, in)
			}
		}
	}
}

// What began before the time of interest is no incident of it, and what fires for it is neither right nor wrong. Where the history begins,
// so does what it shows.
func TestNothingIsCarriedIn(t *testing.T) {
	s := spec(t, "99.9", 30*slo.Day, false, nil)
	p := past(s, 3, 100, outage(23*time.Hour, 26*time.Hour, 0.02))
	p.Since = start.Add(24*time.Hour + 45*time.Minute) // a page by the windows of six hours begins after it
	out := p.Run(0.02)
	pages := 0
	for _, a := range out.Alerts {
		if a.Severity == "page" {
			pages += len(a.Episodes)
		}
	}
	if len(out.Incidents) > 0 || pages > 0 {
		t.Errorf("carried in: %d incidents, %d pages", len(out.Incidents), pages)
	}
	p = past(s, 3, 100, outage(0, 2*time.Hour, 0.5))
	if out = p.Run(0.02); len(out.Incidents) != 1 || out.Incidents[0].Start.Before(start.Add(-5*time.Minute)) {
		t.Errorf("from the beginning on: %+v", out.Incidents)
	}
}

// Of an even number of detections the median is the mean of the two in the middle.
func TestMedianOfTwo(t *testing.T) {
	at := func(minute int) time.Time { return start.Add(time.Duration(minute) * time.Minute) }
	in := []backtest.Incident{{SLO: "x", Start: at(0), End: at(200)}, {SLO: "x", Start: at(1000), End: at(1200)}}
	page := backtest.Alert{
		Severity: "page",
		SLO:      "x",
		Episodes: []backtest.Episode{{Start: at(1), End: at(210), BudgetSpent: 0.1}, {Start: at(1059), End: at(1202), BudgetSpent: 0.2}},
	}
	got := backtest.ScoreOf([]backtest.Alert{page}, in, time.Hour)
	if got.MedianDetection != "30m" || got.MedianReset != "6m" || math.Abs(got.MedianSpent-0.15) > 1e-12 {
		t.Errorf("%+v", got)
	}
}
