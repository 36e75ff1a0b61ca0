package calendar

import (
	"fmt"
	"time"
)

// Moment is a day ("2026-12-15") or an instant ("2026-12-15T18:00:00+01:00"). The zero value is none.
// A day means the whole day in a time zone that only the reader of the moment knows.
type Moment struct {
	at  time.Time
	day bool
}

// Day is the moment that is a whole day.
func Day(year int, month time.Month, day int) Moment {
	return Moment{time.Date(year, month, day, 0, 0, 0, 0, time.UTC), true}
}

// UnmarshalText reads a day or an RFC 3339 time between the years 1990 and 2199.
func (m *Moment) UnmarshalText(text []byte) error {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, string(text)); err == nil && t.Year() >= 1990 && t.Year() < 2200 {
			*m = Moment{t, layout == time.DateOnly}
			return nil
		}
	}
	return fmt.Errorf("%q is neither a day such as 2026-12-15 nor a time such as 2026-12-15T18:00:00+01:00", text)
}

// IsZero reports whether m is none.
func (m Moment) IsZero() bool { return m.at.IsZero() }

// Start is when the moment begins: midnight for a day.
func (m Moment) Start(zone *time.Location) time.Time {
	if !m.day {
		return m.at.In(zone)
	}
	y, mon, d := m.at.Date()
	return time.Date(y, mon, d, 0, 0, 0, 0, zone)
}

// End is when the moment is over: a day ends at the next midnight, an instant at once.
func (m Moment) End(zone *time.Location) time.Time {
	if !m.day {
		return m.at.In(zone)
	}
	y, mon, d := m.at.Date()
	return time.Date(y, mon, d+1, 0, 0, 0, 0, zone)
}

// Zone is a time zone by its IANA name, such as Europe/Berlin. The zero value is none.
type Zone struct{ *time.Location }

// UnmarshalText reads the name. "Local" is refused: a plan must not depend on the machine it is made on.
func (z *Zone) UnmarshalText(text []byte) error {
	if s := string(text); s != "" && s != "Local" {
		if loc, err := time.LoadLocation(s); err == nil {
			z.Location = loc
			return nil
		}
	}
	if iana := windowsZone(string(text)); iana != "" {
		return fmt.Errorf("%q is a name of Windows: the IANA name of the time zone is %s", text, iana)
	}
	return fmt.Errorf("%q is not a time zone: want an IANA name such as Europe/Berlin, America/New_York or UTC", text)
}
