package calendar_test

import (
	"bytes"
	"fmt"
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

// write is WriteICS with line breaks that tests can be written with.
func write(t *testing.T, stamp string, earlier string, entries ...calendar.Entry) string {
	t.Helper()
	out, err := calendar.WriteICS("ends; and more", utcDay(stamp), entries, []byte(strings.ReplaceAll(earlier, "\n", "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(out), "\r\n", "\n")
}

func TestWriteICS(t *testing.T) {
	got := write(
		t,
		"2026-11-23",
		"",
		calendar.Entry{
			UID:     "c@treadmill",
			Summary: "in Berlin",
			From:    time.Date(2027, 3, 30, 9, 0, 0, 0, zone(t, "Europe/Berlin")),
			To:      time.Date(2027, 3, 30, 14, 0, 0, 0, time.UTC),
		},
		calendar.Entry{
			UID:     "b@treadmill",
			Summary: "later",
			From:    time.Date(2026, 12, 3, 9, 0, 0, 0, time.FixedZone("", 3600)),
			To:      time.Date(2026, 12, 3, 10, 0, 0, 0, time.FixedZone("", 3600)),
		},
		calendar.Entry{
			UID:         "a@treadmill",
			Summary:     "eks 1.34, standard",
			Description: "line\nbreak",
			Categories:  []string{"a,b", "c"},
			From:        utcDay("2026-12-02"),
			AllDay:      true,
			Remind:      30 * 24 * time.Hour,
		},
	)
	want := `BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Treadmill//Treadmill//EN
CALSCALE:GREGORIAN
X-WR-CALNAME:ends\; and more
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
DTSTART:20260329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
DTSTART:20261025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:a@treadmill
DTSTAMP:20261123T000000Z
SEQUENCE:0
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
BEGIN:VEVENT
UID:c@treadmill
DTSTAMP:20261123T000000Z
SEQUENCE:0
DTSTART;TZID=Europe/Berlin:20270330T090000
DTEND;TZID=Europe/Berlin:20270330T160000
SUMMARY:in Berlin
TRANSP:OPAQUE
END:VEVENT
END:VCALENDAR
`
	if got != want {
		t.Errorf("got\n%s", got)
	}
}

// A calendar that is made anew moves events, cancels those that are no more, and leaves alone what did not change and what has passed.
func TestCalendarMadeAnew(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	at := func(uid string, month time.Month, day int) calendar.Entry {
		from := time.Date(2027, month, day, 9, 0, 0, 0, berlin)
		return calendar.Entry{
			UID:     uid,
			Summary: "a long summary, that is folded: " + strings.Repeat("ä", 40),
			From:    from,
			To:      from.Add(7 * time.Hour),
		}
	}
	first := write(t, "2027-01-01", "", at("done", 1, 5), at("kept", 3, 2), at("moved", 3, 9), at("gone", 3, 16))
	if again := write(t, "2027-01-03", first, at("done", 1, 5), at("kept", 3, 2), at("moved", 3, 9), at("gone", 3, 16)); again != first {
		t.Errorf("nothing changed, but the calendar is\n%s", again)
	}
	second := write(t, "2027-02-01", first, at("kept", 3, 2), at("moved", 4, 6), at("new", 5, 4))
	want := map[string]string{
		"done": "20270101T000000Z 0", "kept": "20270101T000000Z 0", "moved": "20270201T000000Z 1", "gone": "20270201T000000Z 1 CANCELLED",
		"new": "20270201T000000Z 0",
	}
	if got := states(t, second); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	third := write(t, "2027-03-01", second, at("kept", 3, 2), at("moved", 4, 6), at("gone", 3, 16), at("new", 5, 4))
	if got := states(t, third)["gone"]; got != "20270301T000000Z 2" {
		t.Errorf("an event that came back is %q", got)
	}
	if got, known := states(t, write(t, "2027-04-01", second, at("moved", 4, 6)))["gone"]; known {
		t.Errorf("an event that was cancelled and has passed is still there: %q", got)
	}
}

// states says of each event its stamp, sequence and status.
func states(t *testing.T, text string) map[string]string {
	t.Helper()
	cal, err := golangical.ParseCalendar(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, e := range cal.Events() {
		state := e.GetProperty(golangical.ComponentPropertyDtstamp).Value + " " + e.GetProperty(golangical.ComponentPropertySequence).Value
		if s := e.GetProperty(golangical.ComponentPropertyStatus); s != nil {
			state += " " + s.Value
		}
		out[e.Id()] = state
	}
	return out
}

func TestForeignCalendarIsNotReplaced(t *testing.T) {
	for _, earlier := range []string{"hello", "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Somebody//EN\nEND:VCALENDAR\n",
		"BEGIN:VCALENDAR\nPRODID:-//Treadmill//Treadmill//EN\nBEGIN:VEVENT\nUID:a\nEND:VEVENT\nEND:VCALENDAR\n"} {
		if out, err := calendar.WriteICS("c", utcDay("2026-11-23"), nil, []byte(earlier)); err == nil {
			t.Errorf("%q was replaced by %s", earlier, out)
		}
	}
}

// Whatever is written, a parser that had no part in it reads the same texts back, no line is longer than 75 bytes, and writing it
// again changes nothing.
func TestWriteICSIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[ -~äß🚀\n]{1,200}`).Draw(t, "text")
		uid := rapid.StringMatching(`[ -~ä\n]{1,20}`).Draw(t, "uid")
		entries := []calendar.Entry{{UID: uid, Summary: text, From: utcDay("2026-12-02"), AllDay: true}}
		out, err := calendar.WriteICS("c", utcDay("2026-11-23"), entries, nil)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.SplitSeq(out, []byte("\r\n")) {
			if len(line) > 75 {
				t.Fatalf("a line of %d bytes: %s", len(line), line)
			}
		}
		cal, err := golangical.ParseCalendar(bytes.NewReader(out))
		if err != nil || len(cal.Events()) != 1 {
			t.Fatalf("not read back: %v\n%s", err, out)
		}
		if got := golangical.FromText(cal.Events()[0].GetProperty(golangical.ComponentPropertySummary).Value); got != text &&
			cal.Events()[0].GetProperty(golangical.ComponentPropertySummary).Value != text {
			t.Fatalf("%q came back as %q", text, got)
		}
		if again, err := calendar.WriteICS("c", utcDay("2026-11-25"), entries, out); err != nil || !bytes.Equal(again, out) {
			t.Fatalf("written again: %v\n%s", err, again)
		}
	})
}

func TestWrittenCalendarsAreReadByTheReader(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	out := write(
		t,
		"2026-11-23",
		"",
		calendar.Entry{UID: "u", Summary: "freeze", From: utcDay("2026-12-15"), To: utcDay("2027-01-07"), AllDay: true},
		calendar.Entry{UID: "v", Summary: "hop", From: time.Date(2027, 7, 6, 9, 0, 0, 0, berlin), To: time.Date(2027, 7, 6, 16, 0, 0, 0, berlin)},
	)
	events, findings := calendar.ReadICS("f.ics", []byte(out), time.UTC)
	if len(findings) > 0 || len(events) != 2 || !events[1].Start.Equal(time.Date(2027, 7, 6, 7, 0, 0, 0, time.UTC)) {
		t.Fatalf("events %v, findings %v", events, findings)
	}
}

func FuzzWriteICSOverEarlier(f *testing.F) {
	out, _ := calendar.WriteICS("c", utcDay("2026-11-23"),
		[]calendar.Entry{{UID: "u", Summary: "s", From: utcDay("2026-12-02"), AllDay: true}}, nil)
	f.Add(out)
	f.Add(
		[]byte(
			"BEGIN:VCALENDAR\r\nPRODID:-//Treadmill//Treadmill//EN\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20261123T000000Z\r\nDTSTART;TZID=Europe/Paris:20261123T000000\r\nEND:VEVENT\r\n",
		),
	)
	f.Fuzz(func(t *testing.T, earlier []byte) {
		once, err := calendar.WriteICS("c", utcDay("2026-11-23"), nil, earlier)
		if err != nil {
			return
		}
		twice, err := calendar.WriteICS("c", utcDay("2026-11-23"), nil, once)
		if err != nil || !bytes.Equal(once, twice) {
			t.Errorf("written again: %v\n%s\n%s", err, once, twice)
		}
	})
}
