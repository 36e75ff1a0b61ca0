package calendar

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"treadmill/internal/diag"
)

// icsEvent is a VEVENT as it is written: an event or a series or, with an occurrence, what became of one occurrence of a series.
type icsEvent struct {
	Event
	uid        string
	sequence   int
	cancelled  bool
	allDay     bool       // DTSTART is a day
	occurrence *Exception // RECURRENCE-ID
	andFuture  bool       // RANGE=THISANDFUTURE
	more       []Event    // RDATE
}

// event reads a VEVENT; false when it cannot be understood, which is a finding then.
func (r *icsReader) event(i int, v *ics.VEvent) (icsEvent, bool) {
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
	e := icsEvent{uid: text(ics.ComponentPropertyUniqueId), cancelled: strings.EqualFold(text(ics.ComponentPropertyStatus), "CANCELLED")}
	e.sequence, _ = strconv.Atoi(text(ics.ComponentPropertySequence)) // 0 where it is not a number
	e.Name = strings.Join(strings.Fields(text(ics.ComponentPropertySummary)), " ")
	if e.Name == "" {
		e.Name = "event without a summary"
	}
	if err := r.recurrenceID(v, &e); err != nil {
		r.fail(line, "%s: RECURRENCE-ID: %v", e.Name, err)
		return icsEvent{}, false
	}
	if e.cancelled {
		return e, true
	}
	if err := r.times(v, &e); err != nil {
		r.fail(line, "%s: %v", e.Name, err)
		return icsEvent{}, false
	}
	if rule := text(ics.ComponentPropertyRrule); rule != "" {
		if !r.recurs(rule, line, &e.Event) {
			return icsEvent{}, false
		}
	}
	if text(ics.ComponentPropertyExrule) != "" {
		r.add(diag.Warning, line, "%s: EXRULE is not read, as RFC 5545 has none; write EXDATE for the days that are left out", e.Name)
	}
	r.extra(v, &e, line)
	return e, true
}

// recurrenceID reads which occurrence of a series the event is about.
func (r *icsReader) recurrenceID(v *ics.VEvent, e *icsEvent) error {
	p := v.GetProperty(ics.ComponentPropertyRecurrenceId)
	if p == nil {
		return nil
	}
	at, whole, err := r.moment(p)
	if err != nil {
		return err
	}
	e.occurrence = &Exception{At: at, Day: whole}
	if ranges := p.ICalParameters["RANGE"]; len(ranges) > 0 {
		e.andFuture = strings.EqualFold(strings.Trim(ranges[0], `"`), "THISANDFUTURE")
		if !e.andFuture {
			return fmt.Errorf("RANGE=%s is not known: want THISANDFUTURE", ranges[0])
		}
	}
	return nil
}

// recurs gives an event its rule; false when it cannot have it, which is a finding.
func (r *icsReader) recurs(rule string, line int, e *Event) bool {
	parsed, err := ParseRule(rule)
	if err != nil {
		r.fail(line, "%s: RRULE: %v", e.Name, err)
		return false
	}
	if r.rules++; r.rules > maxICSRules {
		if r.rules == maxICSRules+1 {
			r.fail(line, "more than %d events of the calendar recur", maxICSRules)
		}
		return false
	}
	e.Rule = parsed
	return true
}

// times reads when the event starts and how long it lasts.
func (r *icsReader) times(v *ics.VEvent, e *icsEvent) error {
	start := v.GetProperty(ics.ComponentPropertyDtStart)
	if start == nil {
		return fmt.Errorf("DTSTART is missing")
	}
	at, whole, err := r.moment(start)
	if err != nil {
		return fmt.Errorf("DTSTART: %w", err)
	}
	e.Start, e.allDay = at, whole
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
		e.Event = e.Lasting(d)
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
func (r *icsReader) extra(v *ics.VEvent, e *icsEvent, line int) {
	each := func(p ics.ComponentProperty, use func(one *ics.IANAProperty, rest string) error) {
		n := 0
		for _, prop := range v.GetProperties(p) {
			for _, value := range strings.Split(prop.Value, ",") {
				one := *prop
				var rest string
				one.Value, rest, _ = strings.Cut(strings.TrimSpace(value), "/")
				err := use(&one, rest)
				if n++; err == nil && n > maxICSExcepted {
					err = fmt.Errorf("more than %d dates", maxICSExcepted)
				}
				if err != nil {
					r.fail(line, "%s: %s: %v", e.Name, p, err)
					return
				}
			}
		}
	}
	each(ics.ComponentPropertyExdate, func(one *ics.IANAProperty, _ string) error {
		x, err := r.exception(one, e.allDay)
		e.Except = append(e.Except, x)
		return err
	})
	each(ics.ComponentPropertyRdate, func(one *ics.IANAProperty, rest string) error {
		at, _, err := r.moment(one)
		once := Event{Name: e.Name, Start: at, Days: e.Days, Rest: e.Rest}
		if err == nil && rest != "" {
			err = r.period(one, rest, &once)
		}
		e.more = append(e.more, once)
		return err
	})
}

// exception reads a start that is left out. Calendars write days for events with an hour, and times for those of whole days: either means
// the occurrence of that day.
func (r *icsReader) exception(p *ics.IANAProperty, allDay bool) (Exception, error) {
	at, whole, err := r.moment(p)
	if err == nil && allDay && !whole { // the day as it is written, whatever the zone
		y, m, d := at.Date()
		at, whole = time.Date(y, m, d, 0, 0, 0, 0, r.zone), true
	}
	return Exception{At: at, Day: whole}, err
}

// period gives an event the end of a PERIOD: a time, or a length of time.
func (r *icsReader) period(p *ics.IANAProperty, rest string, e *Event) error {
	if strings.HasPrefix(rest, "P") || strings.HasPrefix(rest, "+P") {
		d, err := parseICSDuration(rest)
		*e = e.Lasting(d)
		return err
	}
	end := *p
	end.Value = rest
	to, _, err := r.moment(&end)
	if err == nil && to.Before(e.Start) {
		err = fmt.Errorf("it ends before it starts")
	}
	e.Days, e.Rest = 0, to.Sub(e.Start)
	return err
}

// moment reads a DATE or DATE-TIME value with its TZID.
func (r *icsReader) moment(p *ics.IANAProperty) (at time.Time, whole bool, err error) {
	zone := r.zone
	if id := p.ICalParameters["TZID"]; len(id) > 0 {
		if zone, err = r.zoneOf(id[0]); err != nil {
			return time.Time{}, false, err
		}
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
