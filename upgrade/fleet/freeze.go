package fleet

import (
	"path/filepath"
	"slices"
	"time"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/upgrade/calendar"
)

// Freeze is a time in which nothing is upgraded: from a day to a day (both frozen), a recurrence, or the events of an ICS file.
type Freeze struct {
	Name     yamlx.At[string]          `yaml:"name"`
	From     yamlx.At[calendar.Moment] `yaml:"from"`
	To       yamlx.At[calendar.Moment] `yaml:"to"`
	RRule    yamlx.At[string]          `yaml:"rrule"` // counted from From; see ruleStart
	Duration yamlx.At[Duration]        `yaml:"duration"`
	ICS      yamlx.At[string]          `yaml:"ics"` // a file beside the fleet file
	Timezone yamlx.At[calendar.Zone]   `yaml:"timezone"`
	Clusters Scope                     `yaml:"clusters"`
	Pos      diag.Position
	events   []calendar.Event
}

// Title names the freeze for people.
func (f Freeze) Title() string {
	if f.Name.V != "" {
		return f.Name.V
	}
	return "freeze in line " + itoa(f.Pos.Line)
}

// Spans lists the times of the freeze that share time with a span.
func (f Freeze) Spans(in calendar.Span) calendar.Spans {
	var out []calendar.Span
	for _, e := range f.events {
		out = append(out, e.Spans(in)...)
	}
	return calendar.Union(out)
}

// maxRest is how many years pass at most before a recurrence has a day: 29 February on a certain day of the week comes after 40 years at
// most.
const maxRest = 41

// ruleStart is where recurrences without a from: start. In December, so that a rule for every third month
// means the months in which quarters end.
func ruleStart(zone *time.Location) time.Time {
	return time.Date(1999, time.December, 1, 0, 0, 0, 0, zone)
}

// resolve turns what was written into events.
func (f *Freeze) resolve(r *reader, zone *time.Location) {
	if f.Timezone.V.Location != nil {
		zone = f.Timezone.V.Location
	}
	kinds := 0
	for _, set := range []bool{f.To.Set(), f.RRule.Set(), f.ICS.Set()} {
		if set {
			kinds++
		}
	}
	switch {
	case kinds != 1:
		r.fail(f.Pos, "fleet/freeze", "a freeze wants one of: from and to; rrule and duration; ics")
	case f.Duration.Set() && !f.RRule.Set():
		r.fail(f.Duration.Pos, "fleet/freeze", "duration goes with rrule only; write to: for a freeze of days")
	case f.RRule.Set():
		f.recurring(r, zone)
	case f.ICS.Set():
		f.calendar(r, zone)
	default:
		f.days(r, zone)
	}
}

func (f *Freeze) days(r *reader, zone *time.Location) {
	if !f.From.Set() {
		r.fail(f.Pos, "fleet/freeze", "from is missing")
		return
	}
	if f.From.V.IsZero() || f.To.V.IsZero() {
		return // the decoder has said so
	}
	start, end := f.From.V.Start(zone), f.To.V.End(zone)
	if !start.Before(end) {
		r.fail(f.To.Pos, "fleet/freeze", "the freeze ends before it begins: to must not be before from")
		return
	}
	f.events = []calendar.Event{{Name: f.Title(), Start: start, Rest: end.Sub(start)}}
}

func (f *Freeze) recurring(r *reader, zone *time.Location) {
	e, ok := r.recurrence(Cadence{RRule: f.RRule, Duration: f.Duration, From: f.From}, f.Title(), zone)
	if !ok {
		return
	}
	f.events = []calendar.Event{e}
	if never(e) {
		r.warn(f.RRule.Pos, "fleet/rrule", "no day is like this, so that nothing is frozen")
	}
}

// never reports whether a recurrence has no day.
func never(e calendar.Event) bool {
	return !slices.ContainsFunc([]int{1, 5, maxRest}, func(years int) bool {
		return len(e.Spans(calendar.Span{From: e.Start, To: e.Start.AddDate(years, 0, 0)})) > 0
	})
}

// recurrence is the event of a time that comes again and again; false where it is none.
func (r *reader) recurrence(c Cadence, title string, zone *time.Location) (calendar.Event, bool) {
	rule, err := calendar.ParseRule(c.RRule.V)
	if err != nil {
		r.fail(c.RRule.Pos, "fleet/rrule", "not a recurrence: %v", err)
		return calendar.Event{}, false
	}
	if !c.Duration.Set() || c.Duration.V <= 0 {
		r.fail(c.RRule.Pos, "fleet/freeze", "what recurs wants a duration above 0, such as duration: 5d")
		return calendar.Event{}, false
	}
	start := ruleStart(zone)
	if !c.From.V.IsZero() {
		start = c.From.V.Start(zone)
	} else if rule.Interval() > 1 {
		r.info(c.RRule.Pos, "fleet/rrule", "INTERVAL=%d is counted from December 1999, "+
			"so that a rule for every third month means the ends of quarters; from: sets another start", rule.Interval())
	}
	return calendar.Event{Name: title, Start: start, Rule: rule}.Lasting(time.Duration(c.Duration.V)), true
}

func (f *Freeze) calendar(r *reader, zone *time.Location) {
	name := f.ICS.V
	if name == "" {
		r.fail(f.ICS.Pos, "fleet/freeze", "ics wants the name of a file")
		return
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(filepath.Dir(r.file), name)
	}
	data, err := r.open(name)
	if err != nil {
		r.unread = true
		r.add(f.ICS.Pos, diag.Error, diag.Unread, "the calendar %s cannot be read, so that its freezes are not known: %v", name, err)
		return
	}
	events, findings := calendar.ReadICS(name, data, zone)
	f.events = events
	r.unread = r.unread || diag.Any(findings, diag.Error)
	r.findings = append(r.findings, findings...)
}
