package app

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/calendar"
)

// Clock is a point in time as a flag: a date (midnight UTC) or RFC 3339.
type Clock time.Time

func (c *Clock) String() string { return time.Time(*c).UTC().Format(time.RFC3339) }

// Type names the form of the value in the help.
func (c *Clock) Type() string { return "time" }

// Set reads the value.
func (c *Clock) Set(s string) error {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			*c = Clock(t.UTC())
			return nil
		}
	}
	return fmt.Errorf("want a date such as 2026-11-23 or a time such as 2026-11-23T09:00:00Z")
}

// Severity is a diag.Severity as a flag.
type Severity diag.Severity

func (s *Severity) String() string { return diag.Severity(*s).String() }

// Type names the form of the value in the help.
func (s *Severity) Type() string { return "severity" }

// Words lists the severities.
func (s *Severity) Words() []string { return []string{"info", "warning", "error"} }

// Set reads the value.
func (s *Severity) Set(name string) error {
	v, err := diag.ParseSeverity(name)
	*s = Severity(v)
	return err
}

// Minor is a Kubernetes minor version as a flag; the zero value means that none was given.
type Minor upgrade.Minor

func (m *Minor) String() string { return upgrade.Minor(*m).String() }

// Type names the form of the value in the help.
func (m *Minor) Type() string { return "version" }

// Set reads the value.
func (m *Minor) Set(s string) error {
	v, err := upgrade.ParseMinor(s)
	*m = Minor(v)
	return err
}

// Days is a length of time as a flag: 90d, 12w, 36h.
type Days time.Duration

func (d *Days) String() string {
	switch t := time.Duration(*d); {
	case t%time.Hour != 0:
		return t.String()
	case t%(24*time.Hour) != 0:
		return fmt.Sprintf("%dh", t/time.Hour)
	}
	return fmt.Sprintf("%dd", time.Duration(*d)/(24*time.Hour))
}

// Type names the form of the value in the help.
func (d *Days) Type() string { return "duration" }

// Set reads the value.
func (d *Days) Set(s string) error {
	v, err := upgrade.ParseDuration(s)
	if other, ok := time.ParseDuration(s); err != nil && ok == nil && other >= 0 { // seconds, and several units: 90s, 1h30m
		v, err = other, nil
	}
	*d = Days(v)
	return err
}

// CalendarFile makes a calendar file out of entries. A file of that name that is there already is the calendar before: what did not change
// keeps its sequence, and what is no more is cancelled. A file that somebody else wrote is not overwritten.
func (a *App) CalendarFile(name, title string, stamp time.Time, entries []calendar.Entry) ([]byte, error) {
	var earlier Input
	if place, err := a.placeOf(name); err != nil || !place.stream {
		if earlier, err = a.Read(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("write %s: the calendar that is there cannot be read: %w", name, cmp.Or(errors.Unwrap(err), err))
		}
	}
	data, err := calendar.WriteICS(title, stamp, entries, earlier.Data)
	if err != nil {
		return nil, fmt.Errorf("%s is there already: %w; move it away or choose another name", name, err)
	}
	return data, nil
}
