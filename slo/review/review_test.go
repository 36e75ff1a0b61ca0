package review_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"treadmill/slo"
	"treadmill/slo/review"
)

var start = time.Date(2026, 11, 1, 0, 5, 0, 0, time.UTC)

func objective(t testing.TB, percent string) slo.Objective {
	t.Helper()
	o, err := slo.ParsePercent(percent)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// steady is a history of 100 events a step, with a share of bad ones in the steps [from, to).
func steady(n int, share float64, from, to int) review.History {
	grid := slo.Grid{From: start, Step: slo.Tile, N: n}
	total, bad := slo.NewSeries(map[string]string{"x": "a", "y": "b"}, n), slo.NewSeries(map[string]string{"x": "a"}, n)
	for i := range n {
		total.Values[i] = 100
		if i >= from && i < to {
			bad.Values[i] = 100 * share
		}
	}
	return review.Join(grid, []string{"x"}, []slo.Series{total}, []slo.Series{bad}, review.Bad)[0]
}

func TestJoin(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	grid := slo.Grid{From: start, Step: slo.Tile, N: 6}
	total := []slo.Series{
		{Labels: map[string]string{"g": "b"}, Values: []float64{10, 10, nan, 0, -1, inf}},
		{Labels: map[string]string{"g": "a"}, Values: []float64{1, 1, 1, 1, 1, 1}},
	}
	part := []slo.Series{
		{Labels: map[string]string{"g": "b"}, Values: []float64{4, nan, 3, nan, nan, nan}},
		{Labels: map[string]string{"g": "c"}, Values: []float64{1, nan, nan, nan, nan, nan}},
	}
	got := review.Join(grid, []string{"g"}, total, part, review.Good)
	if len(got) != 3 || got[0].Name() != "g=a" || got[1].Name() != "g=b" || got[2].Name() != "g=c" {
		t.Fatalf("%v", got)
	}
	want := []float64{6, 10, nan, 0, nan, nan}
	for i, w := range want {
		if b := got[1].Bad[i]; b != w && !(math.IsNaN(b) && math.IsNaN(w)) {
			t.Errorf("bad at %d is %g, want %g", i, b, w)
		}
	}
	if o := got[1].Oddities; o != (review.Oddities{Negative: 1, Infinite: 1, Orphan: 1}) {
		t.Errorf("%+v", o)
	}
	if got[0].Bad[0] != 1 || got[2].Oddities.Orphan != 1 {
		t.Errorf("no good events at all: %v", got)
	}
}

func TestSlices(t *testing.T) {
	h := steady(10, 0.02, 2, 4).Slices(slo.NewNumber(99, 100))
	if s := h.Sums().Steps(0, 10); s.Bad != 2 || s.Total != 10 {
		t.Errorf("%+v", s)
	}
	h = steady(10, 0.02, 2, 4).Slices(slo.NewNumber(0, 1))
	if s := h.Sums().Steps(0, 10); math.Abs(s.Bad-0.04) > 1e-12 {
		t.Errorf("%+v", s)
	}
}

func TestBudgetOfAPeriodThatIsNotOver(t *testing.T) {
	h := steady(288, 1, 0, 9) // 45 minutes of outage on the first day
	n := h.Sums().Steps(0, 288).Budget(objective(t, "99.9"), 30*slo.Day, slo.Tile)
	if math.Abs(n.Spent-45.0/43.2) > 1e-9 || n.Coverage != 1 {
		t.Errorf("%+v", n)
	}
}

func TestIncidents(t *testing.T) {
	h := steady(2000, 0.5, 300, 306)
	for i := range h.Bad { // noise at a tenth of the budget, one event at a time
		if i%100 == 0 {
			h.Bad[i]++
		}
	}
	got := h.Incidents(objective(t, "99.9"), 8640*100, 0.02)
	if len(got) != 1 || !got[0].Start.Equal(h.Grid.At(299)) || !got[0].End.Equal(h.Grid.At(305)) {
		t.Fatalf("%+v", got)
	}
	if math.Abs(got[0].Spent-301.0/864) > 1e-9 {
		t.Errorf("spent %g", got[0].Spent)
	}
}

// Incidents never overlap, are in order, lie within the history and each spends what is wanted.
func TestIncidentsHold(t *testing.T) {
	o := objective(t, "99")
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 200).Draw(t, "n")
		h := steady(n, 0, 0, 0)
		for i := range n {
			h.Bad[i] = float64(rapid.IntRange(0, 5).Draw(t, "bad"))
		}
		sums := h.Sums()
		last := time.Time{}
		for _, in := range h.Incidents(o, 1000, 0.3) {
			s := sums.Between(in.Start, in.End)
			if in.Start.Before(last) || !in.End.After(in.Start) || in.Spent < 0.3 || s.Bad != in.Bad || s.Burn(o) <= 1 {
				t.Fatalf("%+v after %v: %+v", in, last, s)
			}
			last = in.End
		}
	})
}

// A sum over a span is the sum of its parts.
func TestSumsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := steady(50, 0.1, 10, 30)
		a, b, c := rapid.IntRange(-5, 60).Draw(t, "a"), rapid.IntRange(0, 30).Draw(t, "b"), rapid.IntRange(0, 30).Draw(t, "c")
		s := h.Sums()
		if got, want := s.Steps(a, a+b).Add(s.Steps(a+b, a+b+c)), s.Steps(a, a+b+c); math.Abs(got.Bad-want.Bad) > 1e-9 ||
			got.Steps != want.Steps ||
			got.Known != want.Known {
			t.Fatalf("%+v and %+v", got, want)
		}
	})
}

func TestJudge(t *testing.T) {
	o, period := objective(t, "99"), slo.Period{Length: slo.Day}
	end := start.Add(time.Duration(slo.Tile) * 287)
	tests := map[string]struct {
		h     review.History
		state review.State
	}{
		"healthy":                  {steady(288, 0, 0, 0), review.Open},
		"spent":                    {steady(288, 0.5, 10, 20), review.Closed},
		"burning":                  {steady(288, 0.05, 280, 288), review.Closed},
		"one bad event":            {steady(288, 0.01, 287, 288), review.Open},
		"spent long ago, and well": {steady(288, 0.1, 0, 10), review.Open},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			v := test.h.Judge(o, period, end.Add(-24*time.Hour), end, review.Limits{MinBudget: 0.25, MaxBurn: 1, BurnWindow: slo.Hour})
			if v.State != test.state || (v.State == review.Open) != (len(v.Reasons) == 0) {
				t.Errorf("%+v", v)
			}
		})
	}
}

func TestEnoughIsLeftWhenBadEventsHaveAged(t *testing.T) {
	h := steady(288, 1, 12, 24)
	end := h.Grid.At(287)
	v := h.Judge(
		objective(t, "90"),
		slo.Period{Length: slo.Day},
		end.Add(-24*time.Hour),
		end,
		review.Limits{MinBudget: 0.9, MaxBurn: 1, BurnWindow: slo.Hour},
	)
	// 288 × 100 × 10 % are 2880 bad events; 288 of them may stay: 2.88 steps, so 10 of the 12 must leave.
	if want := end.Add(22 * time.Duration(slo.Tile)); v.State != review.Closed || !v.Enough.Equal(want) {
		t.Errorf("%v %v, want %v", v.State, v.Enough, want)
	}
}

// A gate and a plan promise one date: what the gate says, the forecast that plans read says too, and when it is reached the gate is open,
// and no step earlier. An ordinary day is one without an incident, so these are on fewer than half of the days.
func TestAGateKeepsWhatTheForecastPromises(t *testing.T) {
	o, p := objective(t, "99.9"), slo.Period{Length: 10 * slo.Day}
	rapid.Check(t, func(t *rapid.T) {
		whole := steady(20*dayOf5m, rapid.SampledFrom([]float64{0, 0.0001, 0.0004, 0.0009}).Draw(t, "background"), 0, 20*dayOf5m)
		days := map[int]bool{}
		for range rapid.IntRange(1, 5).Draw(t, "incidents") {
			at := rapid.IntRange(0, 10*dayOf5m-20).Draw(t, "at")
			for i := at; i < at+rapid.IntRange(1, 12).Draw(t, "length"); i++ {
				whole.Bad[i], days[i/dayOf5m] = 20, true
			}
		}
		if len(days) >= 5 {
			return
		}
		past := whole
		past.Grid.N = 10 * dayOf5m
		now := past.Grid.At(past.Grid.N - 1)
		limits := review.Limits{MinBudget: 0.25, Reserve: 0.1, MaxBurn: 1, BurnWindow: slo.Hour}
		v := past.Judge(o, p, now.Add(-time.Duration(p.Length)), now, limits)
		if v.State == review.Open || v.Enough.IsZero() {
			return
		}
		later := whole.Judge(o, p, v.Enough.Add(-time.Duration(p.Length)), v.Enough, limits)
		if later.State != review.Open {
			t.Fatalf("promised %v, and then: %+v", v.Enough, later)
		}
		before := v.Enough.Add(-time.Duration(slo.Tile))
		if earlier := whole.Judge(o, p, before.Add(-time.Duration(p.Length)), before, limits); before.After(now) && earlier.State == review.Open {
			t.Fatalf("promised %v, and %v was open", v.Enough, before)
		}
	})
}

// Half an hour after an incident the hour still burns, and waiting is all that it takes.
func TestAnIncidentThatIsOver(t *testing.T) {
	o, p := objective(t, "99"), slo.Period{Length: 30 * slo.Day}
	h := steady(31*dayOf5m, 0, 0, 31*dayOf5m)
	n := h.Grid.N
	for i := n - 9; i < n-6; i++ { // it ended half an hour ago
		h.Bad[i] = 50
	}
	end := h.Grid.At(n - 1)
	judge := func() review.Verdict {
		return h.Judge(o, p, end.Add(-30*24*time.Hour), end, review.Limits{MinBudget: 0.1, MaxBurn: 1, BurnWindow: slo.Hour})
	}
	v := judge()
	if want := end.Add(30 * time.Minute); v.State != review.Closed || !v.Enough.Equal(want) || strings.Contains(v.Reasons[0], "gone in") {
		t.Errorf("%v %v, want %v", v.Reasons, v.Enough, want)
	}
	h.Bad[n-1] = 50
	if v = judge(); v.State != review.Closed || !v.Enough.IsZero() || !strings.Contains(v.Reasons[0], "end what causes it first") {
		t.Errorf("it burns: %+v", v)
	}
}

func TestStart(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	tests := []struct{ start, zone, unit, at, want string }{
		{"2026-01-01 00:00:00", "UTC", "1M", "2026-11-23T10:00:00Z", "2026-11-01T00:00:00Z"},
		{"2026-01-01 00:00:00", "Europe/Berlin", "1M", "2026-10-31T23:30:00Z", "2026-11-01T00:00:00+01:00"},
		{"2026-01-31 00:00:00", "UTC", "1M", "2026-03-15T00:00:00Z", "2026-02-28T00:00:00Z"},
		{"2024-01-01 00:00:00", "UTC", "1Q", "2026-11-23T10:00:00Z", "2026-10-01T00:00:00Z"},
		{"2030-01-07 00:00:00", "UTC", "1w", "2026-11-25T10:00:00Z", "2026-11-23T00:00:00Z"},
		{"2026-01-01 00:00:00", "UTC", "1Y", "2026-11-25T10:00:00Z", "2026-01-01T00:00:00Z"},
	}
	for _, c := range tests {
		got, err := review.Start(slo.Period{Length: 30 * slo.Day, Calendar: &slo.Calendar{Start: c.start, Zone: c.zone, Unit: c.unit}}, at(c.at))
		if err != nil || !got.Equal(at(c.want)) {
			t.Errorf("%+v: %v %v", c, got, err)
		}
	}
	for _, bad := range []slo.Calendar{{Start: "x", Zone: "UTC", Unit: "1M"}, {Start: "2026-01-01 00:00:00", Zone: "Mars/Base", Unit: "1M"},
		{Start: "2026-01-01 00:00:00", Zone: "UTC", Unit: "1z"}} {
		if _, err := review.Start(slo.Period{Length: slo.Day, Calendar: &bad}, start); err == nil {
			t.Errorf("%+v: no error", bad)
		}
	}
}
