package review_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"treadmill/slo"
	"treadmill/slo/review"
)

const dayOf5m = 288 // steps of five minutes

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-6 {
		t.Errorf("%s is %g, want %g", what, got, want)
	}
}

func TestTrendIsThatOfAnOrdinaryDay(t *testing.T) {
	o := objective(t, "99.9")
	end := start.Add(30 * 24 * time.Hour)
	h := steady(30*dayOf5m, 0.0005, 0, 30*dayOf5m)
	for i := range 13 * dayOf5m { // thirteen bad days are incidents yet
		h.Bad[i] = 50
	}
	near(t, "trend", h.Sums().Trend(o, start, end), 0.5)
	near(t, "trend of nothing", h.Sums().Trend(o, end, end.Add(72*time.Hour)), 0)
}

func TestCostLeavesOutTheOrdinaryDay(t *testing.T) {
	o := objective(t, "99.9")
	h := steady(40*dayOf5m, 0.0005, 0, 40*dayOf5m)
	from := 35 * dayOf5m
	for i := from; i < from+12; i++ { // an hour in which 10 % fail
		h.Bad[i] = 10
	}
	begin := h.Grid.At(from - 1)
	cost := func(from, to time.Duration, except ...review.Stretch) (review.Cost, bool) {
		return h.Sums().Cost(o, 30*slo.Day, review.Stretch{From: begin.Add(from), To: begin.Add(to)}, except)
	}
	got, known := cost(0, 2*time.Hour)
	// 12 × 10 bad events and 12 × 0.05 ordinary ones, less 24 × 0.05 ordinary ones, of 0.001 × 30 × 288 × 100.
	if near(t, "cost", got.Share, (120+0.6-1.2)/864); !known || got.Total != 2400 {
		t.Errorf("%+v %v", got, known)
	}
	near(t, "bad events", got.Bad, 120+0.6-1.2)
	half := review.Stretch{From: begin.Add(30 * time.Minute), To: begin.Add(time.Hour)}
	got, _ = cost(0, 2*time.Hour, half)
	near(t, "cost without half of the outage", got.Share, (60+0.6-18*0.05)/864)
	if got, known = cost(-3*time.Hour, 0); got.Share > 1e-9 || !known {
		t.Errorf("an ordinary time costs %v", got)
	}
	if _, known = cost(0, time.Hour, review.Stretch{From: begin, To: begin.Add(time.Hour)}); known {
		t.Error("nothing is left to look at")
	}
	if _, known = h.Sums().Cost(o, 30*slo.Day, review.Stretch{From: start.Add(-time.Hour), To: start}, nil); known {
		t.Error("nothing is known of it")
	}
}

func TestQuietSince(t *testing.T) {
	o, period := objective(t, "99.9"), 30*slo.Day
	h := steady(40*dayOf5m, 0.0005, 0, 40*dayOf5m)
	from := 35 * dayOf5m
	for i := from + 100; i < from+112; i++ { // an hour in which 10 % fail: 13.9 % of the budget
		h.Bad[i] = 10
	}
	begin, now := h.Grid.At(from-1), h.Grid.At(40*dayOf5m-1)
	since, lost, known := h.Sums().Quiet(o, period, begin, now, 0.2)
	if near(t, "lost", lost.Share, 12*9.95/864); !since.Equal(begin) || !known {
		t.Errorf("no more was lost than may be, since %v", since)
	}
	// 5 % of 864 bad events are 43.2: with the last four bad steps 39.8 are lost beyond those of ordinary days, with five 49.75.
	if since, _, _ = h.Sums().Quiet(o, period, begin, now, 0.05); !since.Equal(h.Grid.At(from + 107)) {
		t.Errorf("quiet since %v", since)
	}
	if _, _, known = h.Sums().Quiet(o, period, now.Add(time.Hour), now.Add(2*time.Hour), 0.05); known {
		t.Error("nothing is known of it")
	}
}

// What the forecast says must come true when the events that it foresees come.
func TestForecastComesTrue(t *testing.T) {
	o, p := objective(t, "99.9"), slo.Period{Length: 10 * slo.Day}
	whole := steady(20*dayOf5m, 0.0004, 0, 20*dayOf5m)
	for i := 3 * dayOf5m; i < 3*dayOf5m+30; i++ {
		whole.Bad[i] = 20
	}
	now := whole.Grid.At(10*dayOf5m - 1)
	past := whole
	past.Grid.N = 10 * dayOf5m
	sums := past.Sums()
	trend := sums.Trend(o, now.Add(-time.Duration(p.Length)), now)
	values, err := sums.Forecast(o, p, now.Add(-time.Duration(p.Length)), now, now, trend)
	if err != nil || len(values) != 10*dayOf5m+1 {
		t.Fatal(len(values), err)
	}
	for _, v := range values {
		left := whole.Sums().Between(v.At.Add(-time.Duration(p.Length)), v.At).Budget(o, p.Length, slo.Tile).Left
		near(t, v.At.String(), v.Value, left)
	}
}

func TestForecastOfACalendarIsWholeAgain(t *testing.T) {
	o := objective(t, "99.9")
	p := slo.Period{Length: 30 * slo.Day, Calendar: &slo.Calendar{Start: "2026-01-01 00:00:00", Zone: "Europe/Berlin", Unit: "1M"}}
	h := steady(20*dayOf5m, 0.002, 0, 10*dayOf5m)
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	from, err := review.Start(p, now)
	if err != nil {
		t.Fatal(err)
	}
	values, err := h.Sums().Forecast(o, p, from, now, now.AddDate(0, 1, 0), 0.1)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range values {
		if v.At.Equal(time.Date(2026, 11, 30, 23, 0, 0, 0, time.UTC)) && v.Value == 1 {
			return
		}
	}
	t.Errorf("not whole in December: %v", values)
}

func ExampleSums_Trend() {
	h := steady(5*dayOf5m, 0.001, 0, 5*dayOf5m)
	o, _ := slo.ParsePercent("99.9")
	fmt.Printf("%.1f\n", h.Sums().Trend(o, start, start.Add(5*24*time.Hour)))
	// Output: 1.0
}
