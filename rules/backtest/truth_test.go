package backtest_test

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"treadmill/rules/compile/query"
	"treadmill/rules/eval"
	"treadmill/slo"
	"treadmill/slo/review"
)

// quarter is the resolution of the truth: a quarter of a minute.
const quarter = 15 * time.Second

// TestReviewsAreExact holds what a review says of three days against the events that there were, at several spacings of scrapes: within
// 0.2 % of the budget spent, with traffic by day and night, outages, errors in step with the tiles, restarts of the service every
// hour, and hours without an event.
func TestReviewsAreExact(t *testing.T) {
	for name, course := range map[string]func(i int) (events float64, restart bool){
		"day and night":    func(i int) (float64, bool) { return 500 + 400*math.Sin(float64(i)/917), false },
		"restarts":         func(i int) (float64, bool) { return 300, i%240 == 120 },
		"idle for a while": func(i int) (float64, bool) { return float64(1000 * min(1, i%5760/1200)), false },
	} {
		for _, every := range []int{1, 2, 4, 3, 8} { // quarters of a minute; the last two do not divide a tile
			if name == "restarts" && every > 4 {
				continue // what is lost at a restart is in no sample
			}
			t.Run(name+" at "+strconv.Itoa(15*every)+"s", func(t *testing.T) {
				t.Parallel()
				store, truth := lived(t, course, every)
				s := spec(t, "99.9", 3*slo.Day, false, nil)
				m, _ := query.MeasureOf(s)
				end := start.Add(3 * 24 * time.Hour)
				scrape := query.Spacing(mustRange(t, store, m.Probe(), slo.NewGrid(start, end, 6*slo.Hour))[0].Values)
				if scrape != slo.Window(every)*slo.Window(quarter) {
					t.Errorf("scraped each %s, in truth each %s", scrape, time.Duration(every)*quarter)
				}
				m = m.Scraped(scrape)
				grid := slo.NewGrid(start, end, m.Window)
				h := review.Join(grid, m.By, mustRange(t, store, m.Total, grid), mustRange(t, store, m.Bad, grid), review.Bad)[0]
				got, want := h.InInterval(s.Objective, review.Rolling(3*slo.Day, end), 0.02), truth/0.001
				if math.Abs(got.Spent/want-1) > 0.002 {
					t.Errorf("spent %.6f of the budget, in truth %.6f: %.3f%% off", got.Spent, want, 100*(got.Spent/want-1))
				}
			})
		}
	}
}

// lived is what a scraper saw of a service in three days, and the share of bad events that there was in truth.
func lived(t *testing.T, course func(i int) (float64, bool), every int) (*eval.Store, float64) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	outage := func(i int) bool {
		return i > 4003 && i < 4127 || i > 14001 && i < 15207 && i%3 == 0 || i > 8000 && i < 8400 && i%20 == 3
	}
	store := eval.NewStore()
	var total, bad, allEvents, allBad float64
	for i := range 3*24*240 + 1 {
		events, restart := course(i)
		n := math.Floor(events)
		b := math.Floor(n*0.0005 + random.Float64())
		if outage(i) {
			b = math.Floor(n / 3)
		}
		b = min(b, n)
		if i > 0 {
			allEvents, allBad = allEvents+n, allBad+b
		}
		total, bad = total+n, bad+b
		if i%every == 0 {
			at := start.Add(time.Duration(i) * quarter).UnixMilli()
			for metric, v := range map[string]float64{"total": total, "part": bad} {
				if err := store.Append(labels.FromStrings("__name__", metric, "g", "a"), eval.Sample{Millis: at, Value: v}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if restart {
			total, bad = 0, 0
		}
	}
	return store, allBad / allEvents
}
