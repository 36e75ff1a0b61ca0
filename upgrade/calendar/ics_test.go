package calendar_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"treadmill/upgrade/calendar"
)

func ics(events ...string) string {
	return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y\r\n" + strings.Join(events, "") + "END:VCALENDAR\r\n"
}

func vevent(lines ...string) string {
	return "BEGIN:VEVENT\r\nUID:1\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT\r\n"
}

func TestReadICS(t *testing.T) {
	for _, c := range []struct{ name, event, want string }{
		{"all day", vevent("SUMMARY:Sale", "DTSTART;VALUE=DATE:20271126", "DTEND;VALUE=DATE:20271130"),
			"Sale 2027-11-26T00:00+01:00–2027-11-30T00:00+01:00"},
		{"one day without an end", vevent("SUMMARY:Sale", "DTSTART;VALUE=DATE:20271126"), "Sale 2027-11-26T00:00+01:00–2027-11-27T00:00+01:00"},
		{"a zone of its own", vevent("SUMMARY:NY", "DTSTART;TZID=America/New_York:20270704T090000",
			"DTEND;TZID=America/New_York:20270704T170000"),
			"NY 2027-07-04T09:00-04:00–2027-07-04T17:00-04:00"},
		{"duration", vevent("SUMMARY:D", "DTSTART:20270101T000000Z", "DURATION:P1DT2H"), "D 2027-01-01T00:00Z–2027-01-02T02:00Z"},
		{"rule, exception, extra date", vevent("SUMMARY:R", "DTSTART;VALUE=DATE:20260301", "RRULE:FREQ=YEARLY;BYMONTH=2,3",
			"EXDATE;VALUE=DATE:20270201", "RDATE;VALUE=DATE:20270505"),
			"R 2027-03-01T00:00+01:00–2027-03-02T00:00+01:00, R 2027-05-05T00:00+02:00–2027-05-06T00:00+02:00"},
		{"cancelled", vevent("SUMMARY:C", "STATUS:CANCELLED", "DTSTART;VALUE=DATE:20271126"), ""},
	} {
		events, findings := calendar.ReadICS("f.ics", []byte(ics(c.event)), zone(t, "Europe/Berlin"))
		if len(findings) > 0 {
			t.Errorf("%s: %v", c.name, findings)
		}
		var got []string
		for _, e := range events {
			for _, s := range e.Spans(year(2027, 1)) {
				got = append(got, fmt.Sprintf("%s %s–%s", e.Name, s.From.Format("2006-01-02T15:04Z07:00"), s.To.Format("2006-01-02T15:04Z07:00")))
			}
		}
		if g := strings.Join(got, ", "); g != c.want {
			t.Errorf("%s: got %s, want %s", c.name, g, c.want)
		}
	}
}

func TestReadICSFindings(t *testing.T) {
	good := vevent("SUMMARY:Kept", "DTSTART;VALUE=DATE:20271126")
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "f.ics: error: not a calendar: the file is empty"},
		{"html", "<html>", "not a calendar"},
		{"cut", strings.TrimSuffix(ics(good), "END:VCALENDAR\r\n"), "ends before END:VCALENDAR"},
		{"zone", ics(good, vevent("SUMMARY:X", "DTSTART;TZID=W. Europe:20270101T000000")), `f.ics:9: error: X: DTSTART: "W. Europe" is not a time zone`},
		{"no start", ics(vevent("SUMMARY:X")), "DTSTART is missing"},
		{"backwards", ics(vevent("SUMMARY:X", "DTSTART:20270102T000000Z", "DTEND:20270101T000000Z")), "ends before it starts"},
		{"bomb", ics(vevent("SUMMARY:X", "DTSTART:20270102T000000Z", "RRULE:FREQ=SECONDLY")), "repeats too often"},
		{"many rules", ics(strings.Repeat(vevent("SUMMARY:X", "DTSTART:20270102T000000Z", "RRULE:FREQ=DAILY"), 1002)), "more than 1000 events"},
		{"many events", ics(strings.Repeat(vevent("DTSTART:20270102T000000Z"), 20_001)), "has 20001 events"},
		{"huge", strings.Repeat("x", 9<<20), "read up to 8 MiB"},
	} {
		events, findings := calendar.ReadICS("f.ics", []byte(c.text), time.UTC)
		if len(findings) != 1 || !strings.Contains(findings[0].String(), c.want) {
			t.Errorf("%s: got %v, want %s", c.name, findings, c.want)
		}
		if c.name == "zone" && len(events) != 1 {
			t.Errorf("the sound event is lost")
		}
	}
}

func FuzzReadICS(f *testing.F) {
	f.Add(ics(vevent("SUMMARY:R", "DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=YEARLY;BYMONTH=1,2;BYDAY=-1MO", "EXDATE;VALUE=DATE:20270201")))
	f.Add(ics(vevent("DTSTART:16040229T000000Z", "DTEND:99991231T000000Z", "RRULE:FREQ=MONTHLY;COUNT=3;BYSETPOS=-1;BYDAY=MO,TU")))
	f.Fuzz(func(t *testing.T, text string) {
		events, _ := calendar.ReadICS("f.ics", []byte(text), time.UTC)
		in := year(2027, 1)
		for _, e := range events {
			for _, s := range e.Spans(in) {
				if s.To.Before(s.From) || !s.From.Before(in.To) || !s.To.After(in.From) {
					t.Errorf("%v is not in %v", s, in)
				}
			}
		}
	})
}
