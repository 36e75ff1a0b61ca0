package backtest_test

import (
	"math"
	"testing"
	"time"

	"treadmill/slo"
)

// TestCourses: each column has the lowest and the highest of its five minutes, and of the hours that end in it.
func TestCourses(t *testing.T) {
	p := past(spec(t, "99.9", 30*slo.Day, false, nil), 10, 10, outage(50*time.Hour, 50*time.Hour+30*time.Minute, 0.5))
	c := p.Courses(10)[0]
	if len(c.Tile.Low) != 10 || c.Window != slo.Hour || c.SLO != "x" {
		t.Fatalf("%+v", c)
	}
	for day := range 10 {
		tile, hour := 0.0, 0.0
		if day == 2 {
			tile, hour = 0.5, 0.25
		}
		if c.Tile.Low[day] != 0 || math.Abs(c.Tile.High[day]-tile) > 1e-9 || math.Abs(c.Long.High[day]-hour) > 1e-9 {
			t.Errorf("day %d: %v to %v, hours up to %v", day, c.Tile.Low[day], c.Tile.High[day], c.Long.High[day])
		}
	}
	if want := 0.5 * 0.5 / 240 / 0.001; math.Abs(c.Spent-want) > 1e-3 {
		t.Errorf("spent %v, want %v", c.Spent, want)
	}
	if n := len(p.Courses(1 << 20)[0].Tile.Low); n != 10*288 {
		t.Errorf("%d columns for five minutes each", n)
	}
}
