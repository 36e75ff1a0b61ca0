package calendar

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// Rule is a recurrence in the language of RFC 5545, such as "FREQ=MONTHLY;BYMONTHDAY=-5". The zero value never recurs.
type Rule struct {
	option  *rrule.ROption
	untilIn *time.Location // UNTIL is an instant; nil when it is a wall clock time
}

// The bounds of a rule. A freeze that begins more often than hourly is a mistake, or an attack.
const (
	maxInterval = 1000
	maxCount    = 10_000
	maxPerDay   = 24
)

var untilDay = regexp.MustCompile(`UNTIL=(\d{8})(;|$)`)

// ParseRule reads a recurrence. Where it starts is not a part of it: a DTSTART in the text is refused.
func ParseRule(text string) (r Rule, err error) {
	defer func() {
		if p := recover(); p != nil {
			r, err = Rule{}, fmt.Errorf("%v", p)
		}
	}()
	if strings.ContainsAny(text, "\n\r") || strings.Contains(text, "DTSTART") {
		return Rule{}, fmt.Errorf("want the rule alone, such as FREQ=WEEKLY;BYDAY=FR, without a DTSTART")
	}
	// A day in UNTIL includes that day whatever the hour of the start.
	o, err := rrule.StrToROption(untilDay.ReplaceAllString(text, "UNTIL=${1}T235959$2"))
	if err != nil {
		return Rule{}, err
	}
	if err := bounded(o); err != nil {
		return Rule{}, err
	}
	o.Dtstart = time.Unix(0, 0).UTC()
	if _, err := rrule.NewRRule(*o); err != nil {
		return Rule{}, err
	}
	r = Rule{option: o}
	if strings.Contains(text, "UNTIL=") && strings.Contains(strings.SplitN(text, "UNTIL=", 2)[1], "Z") {
		r.untilIn = time.UTC
	}
	return r, nil
}

func bounded(o *rrule.ROption) error {
	switch {
	case o.Freq > rrule.DAILY:
		return fmt.Errorf("FREQ=%s repeats too often: want YEARLY, MONTHLY, WEEKLY or DAILY", o.Freq)
	case o.Interval < 0 || o.Interval > maxInterval:
		return fmt.Errorf("INTERVAL=%d is out of range: want 1 to %d", o.Interval, maxInterval)
	case o.Count < 0 || o.Count > maxCount:
		return fmt.Errorf("COUNT=%d is out of range: want 1 to %d", o.Count, maxCount)
	case max(1, len(o.Byhour))*max(1, len(o.Byminute))*max(1, len(o.Bysecond)) > maxPerDay:
		return fmt.Errorf("the rule repeats more than %d times a day", maxPerDay)
	case len(o.Byeaster) > 0:
		return fmt.Errorf("BYEASTER is not a part of RFC 5545")
	case len(o.Bymonth)+len(o.Bymonthday)+len(o.Byyearday)+len(o.Byweekno)+len(o.Byweekday)+len(o.Bysetpos) > 1000:
		return fmt.Errorf("the rule lists more than 1000 days")
	}
	return nil
}

// IsZero reports whether the rule never recurs.
func (r Rule) IsZero() bool { return r.option == nil }

// Interval is the INTERVAL of the rule, at least 1.
func (r Rule) Interval() int {
	if r.option == nil {
		return 1
	}
	return max(1, r.option.Interval)
}

// cycle is the length after which the Gregorian calendar repeats, days of the week included.
const cycle = 400

// Starts lists when the rule begins anew inside a span, in order, counted from start in the time zone of start.
//
// The expansion runs on wall clock times, moved by whole cycles of the calendar to just before the year 9999, where the
// library stops by itself: a rule that never matches (30 February) would otherwise be searched for for 8,000 years.
func (r Rule) Starts(start time.Time, in Span) []time.Time {
	zone := start.Location()
	from, to := in.From.In(zone), in.To.In(zone)
	if r.option == nil || to.Before(start) || to.Year() > 9000 {
		return nil
	}
	years := (9990 - to.Year()) / cycle * cycle
	o := *r.option
	o.Dtstart = wall(r.forward(start, from), years)
	last := wall(to, years)
	if !o.Until.IsZero() {
		until := o.Until
		if r.untilIn != nil {
			until = until.In(zone)
		}
		if u := wall(until, years); u.Before(last) {
			last = u
		}
	}
	o.Until = last
	rule, err := rrule.NewRRule(o)
	if err != nil {
		return nil
	}
	var out []time.Time
	next := rule.Iterator()
	for t, ok := next(); ok; t, ok = next() {
		at := time.Date(t.Year()-years, t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, zone)
		if !at.Before(in.From) && at.Before(in.To) {
			out = append(out, at)
		}
	}
	return out
}

func wall(t time.Time, years int) time.Time {
	return time.Date(t.Year()+years, t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// forward moves the start of an endless rule closer to where it is asked for, by whole periods of the rule.
func (r Rule) forward(start, from time.Time) time.Time {
	if r.option.Count > 0 {
		return start
	}
	n := r.Interval()
	var near time.Time
	switch r.option.Freq {
	case rrule.DAILY, rrule.WEEKLY:
		if r.option.Freq == rrule.WEEKLY {
			n *= 7
		}
		periods := int(from.Sub(start).Hours()/24)/n - 1
		near = start.AddDate(0, 0, periods*n)
	default: // four years at a time, so that 29 February stays what it is
		if r.option.Freq == rrule.MONTHLY {
			n = (n*48 + 11) / 12
		} else {
			n *= 4
		}
		periods := (from.Year()-start.Year())/n - 1
		near = start.AddDate(periods*n, 0, 0)
	}
	if near.Before(start) || near.Day() != start.Day() && r.option.Freq < rrule.WEEKLY {
		return start
	}
	return near
}
