package backtest_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"treadmill/rules/compile"
	"treadmill/rules/eval"
	"treadmill/slo"
	"treadmill/slo/review"
)

// TestReviewsAreExact holds what a review says of a week against the events that there were, scraped each 15 s: within 0.2 % of the budget
// spent, with traffic by day and night, outages, restarts of the service every hour, and hours without an event.
func TestReviewsAreExact(t *testing.T) {
	const scrapes = 7 * 24 * 240
	random := rand.New(rand.NewPCG(1, 2))
	outage := func(i int) bool { return i > 8003 && i < 8127 || i > 28001 && i < 29207 && i%3 == 0 }
	for name, course := range map[string]func(i int) (events float64, restart bool){
		"day and night":    func(i int) (float64, bool) { return 500 + 400*math.Sin(float64(i)/917), false },
		"restarts":         func(i int) (float64, bool) { return 300, i%240 == 117 },
		"idle for a while": func(i int) (float64, bool) { return float64(1000 * min(1, i%5760/1200)), false },
	} {
		t.Run(name, func(t *testing.T) {
			store := eval.NewStore()
			var total, bad, allEvents, allBad float64
			for i := range scrapes + 1 {
				events, restart := course(i)
				n := math.Floor(events)
				b := math.Floor(n*0.0005 + random.Float64())
				if outage(i) {
					b = math.Floor(n / 3)
				}
				b = min(b, n)
				if restart {
					total, bad = 0, 0
				}
				total, bad = total+n, bad+b
				if i > 0 {
					allEvents, allBad = allEvents+n, allBad+b
				}
				for metric, v := range map[string]float64{"total": total, "part": bad} {
					at := eval.Sample{Millis: start.UnixMilli() + int64(i)*15_000, Value: v}
					if err := store.Append(labels.FromStrings("__name__", metric, "g", "a"), at); err != nil {
						t.Fatal(err)
					}
				}
			}
			s := spec(t, "99.9", 7*slo.Day, false, nil)
			m, _ := compile.MeasureOf(s)
			end := start.Add(7 * 24 * time.Hour)
			grid := slo.NewGrid(start, end, m.Window)
			h := review.Join(grid, m.By, mustRange(t, store, m.Total, grid), mustRange(t, store, m.Bad, grid), review.Bad)[0]
			got, want := h.InInterval(s.Objective, review.Rolling(7*slo.Day, end), 0.02), allBad/allEvents/0.001
			if math.Abs(got.Spent/want-1) > 0.002 {
				t.Errorf("spent %.6f of the budget, in truth %.6f: %.3f%% off", got.Spent, want, 100*(got.Spent/want-1))
			}
		})
	}
}
