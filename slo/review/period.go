package review

import (
	"fmt"
	"strings"
	"time"

	"treadmill/slo"
)

// Start is when the period that holds a moment began: for a rolling one, its length ago; for a calendar one the last time
// before the moment that it turned. Months keep the day and the hour of the calendar's start in its zone.
func Start(p slo.Period, at time.Time) (time.Time, error) {
	if p.Calendar == nil {
		return at.Add(-time.Duration(p.Length)), nil
	}
	zone, err := time.LoadLocation(p.Calendar.Zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("the time zone %q of the calendar is not known", p.Calendar.Zone)
	}
	first, err := time.ParseInLocation("2006-01-02 15:04:05", p.Calendar.Start, zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("the start %q of the calendar is no time such as 2026-01-01 00:00:00", p.Calendar.Start)
	}
	var n int
	var unit rune
	if _, err := fmt.Sscanf(p.Calendar.Unit, "%d%c", &n, &unit); err != nil || n < 1 || !strings.ContainsRune("mhdwMQY", unit) {
		return time.Time{}, fmt.Errorf("the calendar unit %q is none such as 1M", p.Calendar.Unit)
	}
	turn := func(i int) time.Time { return turned(first, unit, n*i) }
	low, high := -1, 1
	for turn(low).After(at) {
		low *= 2
	}
	for !turn(high).After(at) {
		high *= 2
	}
	for high-low > 1 {
		if mid := (low + high) / 2; turn(mid).After(at) {
			high = mid
		} else {
			low = mid
		}
	}
	return turn(low), nil
}

// turned is n units after a time. A day that a month does not have is its last one.
func turned(first time.Time, unit rune, n int) time.Time {
	months := map[rune]int{'M': 1, 'Q': 3, 'Y': 12}[unit]
	switch unit {
	case 'w':
		return first.AddDate(0, 0, 7*n)
	case 'd':
		return first.AddDate(0, 0, n)
	case 'h':
		return first.Add(time.Duration(n) * time.Hour)
	case 'm':
		return first.Add(time.Duration(n) * time.Minute)
	}
	out := first.AddDate(0, months*n, 0)
	if out.Day() != first.Day() {
		out = out.AddDate(0, 0, -out.Day())
	}
	return out
}
