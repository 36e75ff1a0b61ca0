package calendar_test

import (
	"strings"
	"testing"
	"time"

	"treadmill/upgrade/calendar"
)

// observancesOf lists the observances that a calendar with an event in each January and July from 2026 to 2028 defines for a zone.
func observancesOf(t *testing.T, name string) []string {
	t.Helper()
	var entries []calendar.Entry
	for year := 2026; year <= 2028; year++ {
		for _, month := range []time.Month{time.January, time.July} {
			entries = append(entries, calendar.Entry{UID: time.Date(year, month, 1, 0, 0, 0, 0, time.UTC).String(), Summary: "s",
				From: time.Date(year, month, 5, 9, 0, 0, 0, zone(t, name))})
		}
	}
	_, rest, _ := strings.Cut(write(t, "2026-01-01", "", entries...), "TZID:"+name+"\n")
	rest, _, _ = strings.Cut(rest, "END:VTIMEZONE")
	var out []string
	for block := range strings.SplitSeq(rest, "BEGIN:") {
		var kept []string
		for line := range strings.Lines(block) {
			if key, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok && key != "END" {
				kept = append(kept, value)
			} else if !ok && line != "" {
				kept = append(kept, strings.TrimSpace(line))
			}
		}
		if len(kept) > 0 {
			out = append(out, strings.Join(kept, " "))
		}
	}
	return out
}

// Zones with a rule, without changes, of half hours, south of the equator, and one whose changes follow the moon.
func TestZones(t *testing.T) {
	for name, want := range map[string][]string{
		"America/New_York": {"DAYLIGHT -0500 -0400 EDT 20250309T020000 FREQ=YEARLY;BYMONTH=3;BYDAY=2SU",
			"STANDARD -0400 -0500 EST 20251102T020000 FREQ=YEARLY;BYMONTH=11;BYDAY=1SU"},
		"Asia/Kolkata": {"STANDARD +0530 +0530 IST 20250101T000000"},
		"Australia/Sydney": {"STANDARD +1100 +1000 AEST 20250406T030000 FREQ=YEARLY;BYMONTH=4;BYDAY=1SU",
			"DAYLIGHT +1000 +1100 AEDT 20251005T020000 FREQ=YEARLY;BYMONTH=10;BYDAY=1SU"},
	} {
		if got := observancesOf(t, name); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s:\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	if got := observancesOf(t, "Africa/Casablanca"); len(got) < 8 || strings.Contains(strings.Join(got, " "), "FREQ") {
		t.Errorf("Africa/Casablanca: %s", strings.Join(got, "\n"))
	}
}
