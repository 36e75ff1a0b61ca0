package calendar_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"treadmill/upgrade/calendar"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	var z calendar.Zone
	if err := z.UnmarshalText([]byte(name)); err != nil {
		t.Fatal(err)
	}
	return z.Location
}

func year(y, n int) calendar.Span {
	return calendar.Span{From: time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(y+n, 1, 1, 0, 0, 0, 0, time.UTC)}
}

func TestRuleStarts(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	for _, c := range []struct {
		rule  string
		start time.Time
		want  string
	}{
		{"FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=-5", time.Date(1999, 12, 1, 0, 0, 0, 0, berlin),
			"2027-03-27T00:00+01:00 2027-06-26T00:00+02:00 2027-09-26T00:00+02:00 2027-12-27T00:00+01:00"},
		{"FREQ=YEARLY", time.Date(2020, 12, 24, 18, 0, 0, 0, berlin), "2027-12-24T18:00+01:00"},
		{"FREQ=YEARLY;INTERVAL=4", time.Date(1604, 2, 29, 0, 0, 0, 0, time.UTC), ""},
		{"FREQ=WEEKLY;INTERVAL=26", time.Date(2026, 12, 7, 9, 0, 0, 0, berlin), "2027-06-07T09:00+02:00 2027-12-06T09:00+01:00"},
		{"FREQ=DAILY;COUNT=3", time.Date(2026, 12, 30, 9, 0, 0, 0, berlin), "2027-01-01T09:00+01:00"},
		{"FREQ=MONTHLY;UNTIL=20270101", time.Date(2026, 12, 1, 9, 0, 0, 0, berlin), "2027-01-01T09:00+01:00"},
		{"FREQ=MONTHLY;UNTIL=20270201T075900Z", time.Date(2026, 12, 1, 9, 0, 0, 0, berlin), "2027-01-01T09:00+01:00"},
		{"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), ""},
		{"FREQ=MONTHLY;BYDAY=2TU;BYMONTH=3", time.Date(2020, 1, 1, 2, 30, 0, 0, time.UTC), "2027-03-09T02:30Z"},
	} {
		r, err := calendar.ParseRule(c.rule)
		if err != nil {
			t.Errorf("%s: %v", c.rule, err)
			continue
		}
		var got []string
		for _, at := range r.Starts(c.start, year(2027, 1)) {
			got = append(got, at.Format("2006-01-02T15:04Z07:00"))
		}
		if g := strings.Join(got, " "); g != c.want {
			t.Errorf("%s: got %s, want %s", c.rule, g, c.want)
		}
	}
}

func TestRulesThatWouldRunOnAreRefused(t *testing.T) {
	for _, rule := range []string{
		"FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=HOURLY;BYHOUR=25", "FREQ=DAILY;INTERVAL=9223372036854775807", "FREQ=DAILY;INTERVAL=-1",
		"FREQ=DAILY;COUNT=99999999", "FREQ=DAILY;BYHOUR=1,2,3,4,5;BYMINUTE=1,2,3,4,5", "FREQ=YEARLY;BYEASTER=0", "", "FREQ=", "INTERVAL=2",
		"DTSTART=20200101;FREQ=DAILY", "FREQ=DAILY\nFREQ=DAILY", "FREQ=WEEKLY;BYDAY=XX", "FREQ=MONTHLY;BYMONTHDAY=99",
		"FREQ=YEARLY;BYYEARDAY=" + strings.Repeat("1,", 2000) + "1",
	} {
		if _, err := calendar.ParseRule(rule); err == nil {
			t.Errorf("%.60q is accepted", rule)
		}
	}
}

// The library is asked for dates in a far year; what comes back must be what it would say for the near one.
func TestStartsAgreeWithCounting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		interval := rapid.IntRange(1, 40).Draw(t, "interval")
		start := time.Date(2000, 1, 1, 9, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 9000).Draw(t, "start"))
		r, err := calendar.ParseRule(fmt.Sprintf("FREQ=DAILY;INTERVAL=%d", interval))
		if err != nil {
			t.Fatal(err)
		}
		var want []time.Time
		for at := start; at.Before(year(2027, 1).To); at = at.AddDate(0, 0, interval) {
			if !at.Before(year(2027, 1).From) {
				want = append(want, at)
			}
		}
		if got := r.Starts(start, year(2027, 1)); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

func TestOpeningsKeepTheirHoursWhenTheClockChanges(t *testing.T) {
	w := calendar.Window{From: 9 * 60, To: 16 * 60, Zone: zone(t, "Europe/Berlin")}
	w.Days[time.Sunday] = true
	in := calendar.Span{From: time.Date(2027, 3, 20, 0, 0, 0, 0, time.UTC), To: time.Date(2027, 4, 1, 0, 0, 0, 0, time.UTC)}
	var got []string
	for _, s := range w.Openings(in) {
		got = append(got, s.From.UTC().Format("01-02 15:04")+"–"+s.To.UTC().Format("15:04"))
	}
	if want := "[03-21 08:00–15:00 03-28 07:00–14:00]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestOpeningsPassMidnightAndLoseTheMissingHour(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	night := calendar.Window{Days: [7]bool{time.Saturday: true}, From: 22 * 60, To: 4 * 60, Zone: berlin}
	s, ok := night.Opening(2027, time.March, 27)
	if !ok || s.To.Sub(s.From) != 5*time.Hour {
		t.Errorf("night before the clock goes forward: %v", s)
	}
	gone := calendar.Window{Days: [7]bool{time.Sunday: true}, From: 2 * 60, To: 3 * 60, Zone: berlin}
	if s, ok := gone.Opening(2027, time.March, 28); ok {
		t.Errorf("the hour does not exist: %v", s)
	}
}

func TestUnionAndOverlap(t *testing.T) {
	h := func(n int) time.Time { return time.Unix(int64(n)*3600, 0).UTC() }
	u := calendar.Union([]calendar.Span{{h(8), h(9)}, {h(1), h(3)}, {h(2), h(4)}, {h(4), h(5)}, {h(7), h(7)}})
	if len(u) != 2 || u[0] != (calendar.Span{From: h(1), To: h(5)}) {
		t.Fatalf("got %v", u)
	}
	for _, c := range []struct {
		from, to int
		want     bool
	}{{0, 1, false}, {0, 2, true}, {5, 8, false}, {4, 6, true}, {8, 9, true}, {9, 10, false}, {0, 99, true}} {
		if _, got := u.Overlap(calendar.Span{From: h(c.from), To: h(c.to)}); got != c.want {
			t.Errorf("overlap %d–%d = %v", c.from, c.to, got)
		}
	}
}

func BenchmarkRuleThatNeverMatches(b *testing.B) {
	r, err := calendar.ParseRule("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		r.Starts(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), year(2027, 2))
	}
}

// What is outside of spans and what is inside them is a span, whole.
func TestOutside(t *testing.T) {
	at := func(h int) time.Time { return time.Date(2026, 12, 1, h, 0, 0, 0, time.UTC) }
	day := calendar.Span{From: at(8), To: at(16)}
	for _, c := range []struct {
		closed []calendar.Span
		want   []calendar.Span
	}{
		{nil, []calendar.Span{day}},
		{[]calendar.Span{{From: at(0), To: at(8)}, {From: at(16), To: at(20)}}, []calendar.Span{day}},
		{[]calendar.Span{{From: at(0), To: at(10)}}, []calendar.Span{{From: at(10), To: at(16)}}},
		{[]calendar.Span{{From: at(12), To: at(20)}}, []calendar.Span{{From: at(8), To: at(12)}}},
		{[]calendar.Span{{From: at(9), To: at(10)}, {From: at(12), To: at(13)}},
			[]calendar.Span{{From: at(8), To: at(9)}, {From: at(10), To: at(12)}, {From: at(13), To: at(16)}}},
		{[]calendar.Span{{From: at(0), To: at(12)}, {From: at(11), To: at(17)}}, nil},
	} {
		if got := calendar.Union(c.closed).Outside(day); !slices.Equal(got, c.want) {
			t.Errorf("outside of %v: %v, want %v", c.closed, got, c.want)
		}
	}
}
