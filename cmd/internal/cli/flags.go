package cli

import (
	"fmt"
	"time"

	"treadmill/internal/diag"
	"treadmill/upgrade"
)

// clock is a point in time as a flag: a date (midnight UTC) or RFC 3339.
type clock time.Time

func (c *clock) String() string { return time.Time(*c).UTC().Format(time.RFC3339) }
func (c *clock) Type() string   { return "time" }

func (c *clock) Set(s string) error {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			*c = clock(t.UTC())
			return nil
		}
	}
	return fmt.Errorf("want a date such as 2026-11-23 or a time such as 2026-11-23T09:00:00Z")
}

// severity is a diag.Severity as a flag.
type severity diag.Severity

func (s *severity) String() string { return diag.Severity(*s).String() }
func (s *severity) Type() string   { return "severity" }

func (s *severity) Set(name string) error {
	v, err := diag.ParseSeverity(name)
	*s = severity(v)
	return err
}

// minor is a Kubernetes minor version as a flag; the zero value means that none was given.
type minor upgrade.Minor

func (m *minor) String() string { return upgrade.Minor(*m).String() }
func (m *minor) Type() string   { return "version" }

func (m *minor) Set(s string) error {
	v, err := upgrade.ParseMinor(s)
	*m = minor(v)
	return err
}

// days is a length of time as a flag: 90d, 12w, 36h.
type days time.Duration

func (d *days) String() string {
	if t := time.Duration(*d); t%(24*time.Hour) != 0 {
		return t.String()
	}
	return fmt.Sprintf("%dd", time.Duration(*d)/(24*time.Hour))
}
func (d *days) Type() string { return "duration" }

func (d *days) Set(s string) error {
	v, err := upgrade.ParseDuration(s)
	*d = days(v)
	return err
}
