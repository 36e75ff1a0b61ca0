package calendar

import (
	_ "embed"
	"fmt"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
)

//go:embed windowszones.tsv
var windowsZones string

// windowsZone is the IANA name of a time zone that Windows calls by a name, in any case; "" for none.
func windowsZone(name string) string {
	for line := range strings.Lines(windowsZones) {
		windows, iana, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if ok && !strings.HasPrefix(line, "#") && strings.EqualFold(windows, name) {
			return iana
		}
	}
	return ""
}

// zoneOf finds the time zone of a TZID: an IANA name, one with the prefix of the program that wrote it, such as
// /mozilla.org/20050126_1/Europe/Berlin, a name of Windows, or one that the calendar itself defines (VTIMEZONE).
func (r *icsReader) zoneOf(id string) (*time.Location, error) {
	id = strings.TrimSpace(strings.Trim(id, `"`))
	if loc, known := r.zones[id]; known {
		return loc, nil
	}
	var z Zone
	err := z.UnmarshalText([]byte(id))
	if err != nil {
		z.Location = r.otherZone(id)
	}
	if z.Location == nil {
		return nil, fmt.Errorf("%q is not a time zone: want an IANA name such as Europe/Berlin, a name of Windows such as "+
			"W. Europe Standard Time, or a VTIMEZONE of the calendar that defines it", id)
	}
	r.zones[id] = z.Location
	return z.Location, nil
}

func (r *icsReader) otherZone(id string) *time.Location {
	var z Zone
	if rest, ok := strings.CutPrefix(id, "/"); ok {
		for parts := strings.Split(rest, "/"); len(parts) > 0; parts = parts[1:] {
			if z.UnmarshalText([]byte(strings.Join(parts, "/"))) == nil {
				return z.Location
			}
		}
	}
	if strings.EqualFold(id, "tzone://Microsoft/Utc") || strings.EqualFold(id, "Z") {
		return time.UTC
	}
	if iana := windowsZone(id); iana != "" && z.UnmarshalText([]byte(iana)) == nil {
		return z.Location
	}
	if def := r.defined[id]; def != nil {
		loc, err := vtimezone(id, def)
		if err == nil {
			return loc
		}
		r.fail(0, "VTIMEZONE %s: %v", id, err)
	}
	return nil
}

// definitions are the time zones that a calendar defines, by their TZID.
func definitions(cal *ics.Calendar) map[string]*ics.VTimezone {
	out := map[string]*ics.VTimezone{}
	for _, c := range cal.Components {
		if z, ok := c.(*ics.VTimezone); ok {
			if id := z.GetProperty(ics.ComponentPropertyTzid); id != nil {
				out[strings.TrimSpace(strings.Trim(id.Value, `"`))] = z
			}
		}
	}
	return out
}
