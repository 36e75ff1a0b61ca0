package calendar

import (
	"bytes"
	"fmt"
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
// X-WR-TIMEZONE. Cancelled events are left out, and so are single occurrences that were cancelled or moved (RECURRENCE-ID); those that
// were moved are events of their own. An event that cannot be understood is a finding and the others are kept.
func ReadICS(file string, data []byte, zone *time.Location) ([]Event, []diag.Finding) {
	r := icsReader{file: file, zone: zone, zones: map[string]*time.Location{}}
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
	r.defined = definitions(cal)
	r.calendarZone(cal)
	events := cal.Events()
	if len(events) > maxICSEvents {
		r.fail(0, "the calendar has %d events; up to %d are read", len(events), maxICSEvents)
		return nil, r.findings
	}
	var all []icsEvent
	for i, v := range events {
		if e, ok := r.event(i, v); ok {
			all = append(all, e)
		}
	}
	return resolveSeries(all), r.findings
}

type icsReader struct {
	file     string
	zone     *time.Location
	zones    map[string]*time.Location // by TZID, as far as they were asked for
	defined  map[string]*ics.VTimezone // by TZID
	lines    []int                     // the line of each BEGIN:VEVENT
	rules    int
	findings []diag.Finding
}

func (r *icsReader) fail(line int, format string, args ...any) {
	r.add(diag.Error, line, format, args...)
}

func (r *icsReader) add(s diag.Severity, line int, format string, args ...any) {
	r.findings = append(r.findings, diag.Finding{ID: "calendar/ics", Severity: s,
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
			loc, err := r.zoneOf(p.Value)
			if err != nil {
				r.fail(0, "X-WR-TIMEZONE: %v", err)
				return
			}
			r.zone = loc
		}
	}
}
