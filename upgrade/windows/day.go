package windows

import (
	"fmt"
	"time"
)

// Day is a calendar day in UTC, counted in days from 1970-01-01; the zero value is no day. Days compare with < and ==,
// and d+7 is a week after d. Its text form is 2026-12-02.
type Day int32

const dayLayout = time.DateOnly

// DayOf is the UTC day that contains a moment.
func DayOf(t time.Time) Day {
	y, m, d := t.UTC().Date()
	return NewDay(y, m, d)
}

// NewDay is the day of a year, month and day of month, normalised as time.Date does.
func NewDay(year int, month time.Month, day int) Day {
	return Day(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// ParseDay reads a day such as 2026-12-02 between the years 2000 and 2199.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(dayLayout, s)
	if err != nil {
		return 0, fmt.Errorf("%q is not a day: want one such as 2026-12-02", s)
	}
	if t.Year() < 2000 || t.Year() > 2199 {
		return 0, fmt.Errorf("%q is not a day of these two centuries", s)
	}
	return DayOf(t), nil
}

// Time is midnight UTC at the start of the day.
func (d Day) Time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// IsZero reports whether d is no day.
func (d Day) IsZero() bool { return d == 0 }

// String writes 2026-12-02, and "" for no day.
func (d Day) String() string {
	if d == 0 {
		return ""
	}
	return d.Time().Format(dayLayout)
}

// MarshalText writes the day as String does.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads a day by ParseDay; empty text is no day.
func (d *Day) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = 0
		return nil
	}
	v, err := ParseDay(string(text))
	*d = v
	return err
}

// AddMonths is the same day of month n months later, or the last day of that month where it is shorter.
func (d Day) AddMonths(n int) Day {
	y, m, day := d.Time().Date()
	last := NewDay(y, m+time.Month(n)+1, 0)
	return min(NewDay(y, m+time.Month(n), 1)+Day(day)-1, last)
}

// endOfMonth is the last day of the month that contains d.
func (d Day) endOfMonth() Day {
	y, m, _ := d.Time().Date()
	return NewDay(y, m+1, 0)
}

// nearest is the day of the week closest to d.
func (d Day) nearest(w time.Weekday) Day {
	off := Day(int(w-d.Time().Weekday()+7) % 7)
	if off > 3 {
		off -= 7
	}
	return d + off
}
