package review_test

import (
	"testing"
	"time"

	"treadmill/slo"
	"treadmill/slo/review"
)

func TestKnown(t *testing.T) {
	begin := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	grid := slo.NewGrid(begin, begin.Add(100*time.Hour), slo.Hour)
	at := func(hour int) time.Time { return begin.Add(time.Duration(hour) * time.Hour) }
	for name, c := range map[string]struct {
		known [][2]int // hours
		want  review.Known
	}{
		"all":                  {[][2]int{{0, 100}}, review.Known{Share: 1}},
		"nothing":              {nil, review.Known{}},
		"a gap":                {[][2]int{{0, 40}, {60, 80}, {81, 100}}, review.Known{Share: 0.79, GapFrom: at(40), GapTo: at(60)}},
		"late":                 {[][2]int{{50, 100}}, review.Known{Share: 1, First: at(50)}},
		"an hour late":         {[][2]int{{1, 100}}, review.Known{Share: 0.99, GapFrom: at(0), GapTo: at(1)}},
		"late, and ends early": {[][2]int{{50, 90}}, review.Known{Share: 0.8, First: at(50), GapFrom: at(90), GapTo: at(100)}},
	} {
		t.Run(name, func(t *testing.T) {
			total := slo.NewSeries(nil, grid.N)
			for _, span := range c.known {
				for i := span[0]; i < span[1]; i++ {
					total.Values[i] = 1
				}
			}
			if got := review.Join(grid, nil, []slo.Series{total}, nil, review.Bad)[0].Known(at(0), at(100)); got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}
