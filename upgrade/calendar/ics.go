package calendar

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"treadmill/internal/diag"
)

// The bounds of an ICS file.
const (
	maxICSBytes    = 8 << 20
	maxICSEvents   = 20_000
	maxICSRules    = 1_000
	maxICSExcepted = 1_000
)

// ReadICS reads the events of an ICS file (RFC 5545). Times without a zone are in zone, unless the file names another in
// X-WR-TIMEZONE. Cancelled events are left out. An event that cannot be understood is a finding and the others are kept.
func ReadICS(file string, data []byte, zone *time.Location) ([]Event, []diag.Finding) {
	r := icsReader{file: file, zone: zone}
	if len(data) > maxICSBytes {
		r.fail(0, "the calendar has %d MiB; calendars are read up to %d MiB", len(data)>>20, maxICSBytes>>20)
		return nil, r.findings
	}
	cal, err := parseICS(data)
	if err != nil {
		r.fail(0, "not a calendar: %v", err)
		return nil, r.findings
	}
	r.lines = eventLines(data)
	r.calendarZone(cal)
	events := cal.Events()
	if len(events) > maxICSEvents {
		r.fail(0, "the calendar has %d events; up to %d are read", len(events), maxICSEvents)
		return nil, r.findings
	}
	for i, e := range events {
		r.event(i, e)
	}
	return r.events, r.findings
}

type icsReader struct {
	file     string
	zone     *time.Location
	lines    []int // the line of each BEGIN:VEVENT
	rules    int
	events   []Event
	findings []diag.Finding
}

func (r *icsReader) fail(line int, format string, args ...any) {
	r.findings = append(r.findings, diag.Finding{ID: "calendar/ics", Severity: diag.Error,
		Message: fmt.Sprintf(format, args...), Position: diag.Position{File: r.file, Line: line}})
}

// parseICS keeps a library that was not made for hostile input from ending the run.
func parseICS(data []byte) (cal *ics.Calendar, err error) {
	defer func() {
		if p := recover(); p != nil {
			cal, err = nil, fmt.Errorf("%v", p)
		}
	}()
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, fmt.Errorf("the file is empty")
	}
	cal, err = ics.ParseCalendarWithOptions(bytes.NewReader(data), ics.WithUnknownPropertyHandler(ics.AcceptUnknownPropertyHandler))
	if err == nil && !bytes.Contains(data, []byte("END:VCALENDAR")) {
		err = fmt.Errorf("the file ends before END:VCALENDAR")
	}
	return cal, err
}

func eventLines(data []byte) []int {
	var lines []int
	n := 0
	for line := range bytes.Lines(data) {
		n++
		if bytes.Equal(bytes.TrimSpace(line), []byte("BEGIN:VEVENT")) {
			lines = append(lines, n)
		}
	}
	return lines
}

func (r *icsReader) calendarZone(cal *ics.Calendar) {
	for _, p := range cal.CalendarProperties {
		if p.IANAToken == "X-WR-TIMEZONE" {
			var z Zone
			if err := z.UnmarshalText([]byte(p.Value)); err != nil {
				r.fail(0, "X-WR-TIMEZONE: %v", err)
				return
			}
			r.zone = z.Location
		}
	}
}

func (r *icsReader) event(i int, v *ics.VEvent) {
	line := 0
	if i < len(r.lines) {
		line = r.lines[i]
	}
	text := func(p ics.ComponentProperty) string {
		if prop := v.GetProperty(p); prop != nil {
			return prop.Value
		}
		return ""
	}
	if strings.EqualFold(text(ics.ComponentPropertyStatus), "CANCELLED") {
		return
	}
	e := Event{Name: strings.Join(strings.Fields(text(ics.ComponentPropertySummary)), " ")}
	if e.Name == "" {
		e.Name = "event without a summary"
	}
	if err := r.times(v, &e); err != nil {
		r.fail(line, "%s: %v", e.Name, err)
		return
	}
	if rule := text(ics.ComponentPropertyRrule); rule != "" {
		parsed, err := ParseRule(rule)
		if err != nil {
			r.fail(line, "%s: RRULE: %v", e.Name, err)
			return
		}
		if r.rules++; r.rules > maxICSRules {
			if r.rules == maxICSRules+1 {
				r.fail(line, "more than %d events of the calendar recur", maxICSRules)
			}
			return
		}
		e.Rule = parsed
	}
	r.events = append(r.events, e)
	r.extra(v, e, line)
}

// times reads when the event starts and how long it lasts.
func (r *icsReader) times(v *ics.VEvent, e *Event) error {
	start := v.GetProperty(ics.ComponentPropertyDtStart)
	if start == nil {
		return fmt.Errorf("DTSTART is missing")
	}
	at, whole, err := r.moment(start)
	if err != nil {
		return fmt.Errorf("DTSTART: %w", err)
	}
	e.Start = at
	switch end := v.GetProperty(ics.ComponentPropertyDtEnd); {
	case end != nil:
		to, _, err := r.moment(end)
		if err != nil {
			return fmt.Errorf("DTEND: %w", err)
		}
		if to.Before(at) {
			return fmt.Errorf("it ends before it starts")
		}
		if e.Rest = to.Sub(at); whole {
			e.Days, e.Rest = days(at, to), 0
		}
	case v.GetProperty(ics.ComponentPropertyDuration) != nil:
		d, err := parseICSDuration(v.GetProperty(ics.ComponentPropertyDuration).Value)
		if err != nil {
			return err
		}
		*e = e.Lasting(d)
	case whole:
		e.Days = 1
	}
	return nil
}

func days(from, to time.Time) int {
	y, m, d := from.Date()
	y2, m2, d2 := to.Date()
	return int(time.Date(y2, m2, d2, 0, 0, 0, 0, time.UTC).Sub(time.Date(y, m, d, 0, 0, 0, 0, time.UTC)).Hours() / 24)
}

// extra adds what RDATE and EXDATE say.
func (r *icsReader) extra(v *ics.VEvent, e Event, line int) {
	list := func(p ics.ComponentProperty) []time.Time {
		var out []time.Time
		for _, prop := range v.GetProperties(p) {
			for _, value := range strings.Split(prop.Value, ",") {
				one := *prop
				one.Value, _, _ = strings.Cut(value, "/")
				t, _, err := r.moment(&one)
				if err == nil && len(out) >= maxICSExcepted {
					err = fmt.Errorf("more than %d dates", maxICSExcepted)
				}
				if err != nil {
					r.fail(line, "%s: %s: %v", e.Name, p, err)
					return out
				}
				out = append(out, t)
			}
		}
		return out
	}
	r.events[len(r.events)-1].Except = list(ics.ComponentPropertyExdate)
	for _, at := range list(ics.ComponentPropertyRdate) {
		once := e
		once.Start, once.Rule = at, Rule{}
		r.events = append(r.events, once)
	}
}

// moment reads a DATE or DATE-TIME value with its TZID.
func (r *icsReader) moment(p *ics.IANAProperty) (at time.Time, whole bool, err error) {
	zone := r.zone
	if id := p.ICalParameters["TZID"]; len(id) > 0 {
		var z Zone
		if err := z.UnmarshalText([]byte(strings.Trim(id[0], `"`))); err != nil {
			return time.Time{}, false, err
		}
		zone = z.Location
	}
	for _, f := range []struct {
		layout string
		zone   *time.Location
	}{{"20060102T150405Z", time.UTC}, {"20060102T150405", zone}, {"20060102", zone}} {
		if t, err := time.ParseInLocation(f.layout, p.Value, f.zone); err == nil && t.Year() >= 1583 {
			return t, f.layout == "20060102", nil
		}
	}
	return time.Time{}, false, fmt.Errorf("%.40q is not a date", p.Value)
}
