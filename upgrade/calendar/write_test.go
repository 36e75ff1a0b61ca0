package calendar_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	golangical "github.com/arran4/golang-ical"
	"pgregory.net/rapid"

	"treadmill/upgrade/calendar"
)

func utcDay(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestWriteICS(t *testing.T) {
	got := string(calendar.WriteICS("ends; and more", utcDay("2026-11-23"), []calendar.Entry{
		{UID: "b@treadmill", Summary: "later", From: time.Date(2026, 12, 3, 9, 0, 0, 0, time.FixedZone("", 3600)), To: time.Date(2026, 12, 3, 10, 0, 0, 0, time.FixedZone("", 3600))},
		{UID: "a@treadmill", Sequence: 7, Summary: "eks 1.34, standard", Description: "line\nbreak", Categories: []string{"a,b", "c"}, From: utcDay("2026-12-02"), AllDay: true, Remind: 30 * 24 * time.Hour},
	}))
	want := strings.ReplaceAll(`BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Treadmill//Treadmill//EN
CALSCALE:GREGORIAN
METHOD:PUBLISH
X-WR-CALNAME:ends\; and more
BEGIN:VEVENT
UID:a@treadmill
DTSTAMP:20261123T000000Z
SEQUENCE:7
DTSTART;VALUE=DATE:20261202
SUMMARY:eks 1.34\, standard
DESCRIPTION:line\nbreak
CATEGORIES:a\,b,c
TRANSP:TRANSPARENT
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:eks 1.34\, standard
TRIGGER:-PT43200M
END:VALARM
END:VEVENT
BEGIN:VEVENT
UID:b@treadmill
DTSTAMP:20261123T000000Z
SEQUENCE:0
DTSTART:20261203T080000Z
DTEND:20261203T090000Z
SUMMARY:later
TRANSP:OPAQUE
END:VEVENT
END:VCALENDAR
`, "\n", "\r\n")
	if got != want {
		t.Errorf("got\n%s", got)
	}
}

// Whatever is written, a parser that had no part in it reads the same texts back, and no line is longer than 75 bytes.
func TestWriteICSIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[ -~äß🚀\n]{1,200}`).Draw(t, "text")
		out := calendar.WriteICS("c", utcDay("2026-11-23"), []calendar.Entry{{UID: "u", Summary: text, From: utcDay("2026-12-02"), AllDay: true}})
		for line := range bytes.SplitSeq(out, []byte("\r\n")) {
			if len(line) > 75 {
				t.Fatalf("a line of %d bytes: %s", len(line), line)
			}
		}
		cal, err := golangical.ParseCalendar(bytes.NewReader(out))
		if err != nil || len(cal.Events()) != 1 {
			t.Fatalf("not read back: %v\n%s", err, out)
		}
		if got := golangical.FromText(cal.Events()[0].GetProperty(golangical.ComponentPropertySummary).Value); got != text && cal.Events()[0].GetProperty(golangical.ComponentPropertySummary).Value != text {
			t.Fatalf("%q came back as %q", text, got)
		}
	})
}

func TestWrittenCalendarsAreReadByTheReader(t *testing.T) {
	out := calendar.WriteICS("c", utcDay("2026-11-23"), []calendar.Entry{{UID: "u", Summary: "freeze", From: utcDay("2026-12-15"), To: utcDay("2027-01-07"), AllDay: true}})
	events, findings := calendar.ReadICS("f.ics", out, time.UTC)
	if len(findings) > 0 || len(events) != 1 {
		t.Fatalf("events %v, findings %v", events, findings)
	}
}
