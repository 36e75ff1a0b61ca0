package windows_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"treadmill/upgrade/windows"
)

func TestParseDay(t *testing.T) {
	for _, s := range []string{"2000-01-01", "2024-02-29", "2026-12-02", "2199-12-31"} {
		if got := day(t, s).String(); got != s {
			t.Errorf("%s became %s", s, got)
		}
	}
	for _, s := range []string{"", "2026-02-30", "2026-12", "26-12-02", "1999-12-31", "2200-01-01", "2026-12-02T00:00:00Z", " 2026-12-02"} {
		if d, err := windows.ParseDay(s); err == nil {
			t.Errorf("%q was read as %s", s, d)
		}
	}
}

func TestDayOfIsTheDayInUTC(t *testing.T) {
	at := time.Date(2026, 12, 2, 1, 30, 0, 0, time.FixedZone("east", 2*3600))
	if got := windows.DayOf(at).String(); got != "2026-12-01" {
		t.Errorf("got %s", got)
	}
}

func TestAddMonths(t *testing.T) {
	for _, c := range []struct {
		from   string
		months int
		want   string
	}{
		{"2026-10-01", 14, "2027-12-01"}, {"2025-12-31", 14, "2027-02-28"}, {"2026-12-31", 14, "2028-02-29"}, {"2026-01-31", -2, "2025-11-30"},
		{"2026-05-15", 0, "2026-05-15"},
	} {
		if got := day(t, c.from).AddMonths(c.months).String(); got != c.want {
			t.Errorf("%s and %d months: got %s, want %s", c.from, c.months, got, c.want)
		}
	}
}

func TestDayTextIsIdentity(t *testing.T) {
	first, last := day(t, "2000-01-01"), day(t, "2199-12-31")
	rapid.Check(t, func(t *rapid.T) {
		d := windows.Day(rapid.Int32Range(int32(first), int32(last)).Draw(t, "day"))
		back, err := windows.ParseDay(d.String())
		if err != nil || back != d || windows.DayOf(d.Time()) != d {
			t.Errorf("%d is written %s and read as %d, %v", d, d, back, err)
		}
	})
}
