package review

import (
	"slices"
	"testing"
	"time"
)

// Times at which a budget is shut are those until enough is left that no waiver covers.
func TestShut(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 12, n, 0, 0, 0, 0, time.UTC) }
	waiver := func(from, to int) Waiver { return Waiver{Stretch: Stretch{From: day(from), To: day(to)}} }
	for _, c := range []struct {
		waivers []Waiver
		enough  time.Time
		want    []Stretch
	}{
		{nil, day(9), []Stretch{{day(2), day(9)}}},
		{nil, time.Time{}, []Stretch{{From: day(2)}}},
		{[]Waiver{waiver(1, 5)}, day(9), []Stretch{{day(5), day(9)}}},
		{[]Waiver{waiver(6, 8), waiver(1, 3)}, day(9), []Stretch{{day(3), day(6)}, {day(8), day(9)}}},
		{[]Waiver{waiver(1, 5), waiver(4, 12)}, day(9), nil},
		{[]Waiver{waiver(1, 2), waiver(10, 11)}, day(9), []Stretch{{day(2), day(9)}}},
		{[]Waiver{waiver(3, 5)}, time.Time{}, []Stretch{{day(2), day(3)}, {From: day(5)}}},
	} {
		if got := (Limits{Waivers: c.waivers}).shut(day(2), c.enough); !slices.Equal(got, c.want) {
			t.Errorf("%v, enough on %s: %v, want %v", c.waivers, c.enough, got, c.want)
		}
	}
}
