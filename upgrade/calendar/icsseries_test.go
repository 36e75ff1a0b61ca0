package calendar_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"treadmill/upgrade/calendar"
)

// item is a VEVENT with a UID.
func item(uid string, lines ...string) string {
	return "BEGIN:VEVENT\r\nUID:" + uid + "\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT\r\n"
}

// occurrences lists when the events of a calendar take place in a year, in Berlin, in order.
func occurrences(t *testing.T, text string) (string, []string) {
	t.Helper()
	berlin := zone(t, "Europe/Berlin")
	events, findings := calendar.ReadICS("f.ics", []byte(text), berlin)
	var all []calendar.Span
	for _, e := range events {
		all = append(all, e.Spans(year(2027, 1))...)
	}
	var got, said []string
	for _, s := range calendar.Union(all) {
		got = append(got, s.From.In(berlin).Format("01-02T15:04")+"/"+s.To.In(berlin).Format("01-02T15:04"))
	}
	for _, f := range findings {
		said = append(said, f.String())
	}
	return strings.Join(got, " "), said
}

func TestOccurrencesOfASeries(t *testing.T) {
	weekly := item("a", "SUMMARY:stocktaking", "DTSTART;TZID=Europe/Berlin:20270301T220000", "DURATION:PT4H", "RRULE:FREQ=WEEKLY;COUNT=3")
	days := item("a", "SUMMARY:closing", "DTSTART;VALUE=DATE:20270330", "DTEND;VALUE=DATE:20270402", "RRULE:FREQ=MONTHLY;COUNT=3")
	for _, c := range []struct{ name, text, want string }{
		{"as it is", weekly, "03-01T22:00/03-02T02:00 03-08T22:00/03-09T02:00 03-15T22:00/03-16T02:00"},
		{"one is moved", weekly + item("a", "RECURRENCE-ID;TZID=Europe/Berlin:20270308T220000",
			"DTSTART;TZID=Europe/Berlin:20270310T200000", "DURATION:PT2H"),
			"03-01T22:00/03-02T02:00 03-10T20:00/03-10T22:00 03-15T22:00/03-16T02:00"},
		{"the change stands first, and in UTC", item("a", "RECURRENCE-ID:20270308T210000Z", "DTSTART:20270310T190000Z", "DURATION:PT2H") + weekly,
			"03-01T22:00/03-02T02:00 03-10T20:00/03-10T22:00 03-15T22:00/03-16T02:00"},
		{"one is cancelled", weekly + item("a", "RECURRENCE-ID;TZID=Europe/Berlin:20270301T220000", "STATUS:CANCELLED"),
			"03-08T22:00/03-09T02:00 03-15T22:00/03-16T02:00"},
		{"a day means its occurrence", weekly + item("a", "RECURRENCE-ID;VALUE=DATE:20270301", "STATUS:CANCELLED", "DTSTART;VALUE=DATE:20270301"),
			"03-08T22:00/03-09T02:00 03-15T22:00/03-16T02:00"},
		{"of another series", weekly + item("b", "RECURRENCE-ID;TZID=Europe/Berlin:20270301T220000", "STATUS:CANCELLED"),
			"03-01T22:00/03-02T02:00 03-08T22:00/03-09T02:00 03-15T22:00/03-16T02:00"},
		{"whole days, and the change is a time", days + item("a", "RECURRENCE-ID:20270430T000000", "DTSTART;VALUE=DATE:20270503",
			"DTEND;VALUE=DATE:20270504"),
			"03-30T00:00/04-02T00:00 05-03T00:00/05-04T00:00 05-30T00:00/06-02T00:00"},
		{"this and those that follow", weekly + item("a", "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20270308T220000",
			"DTSTART;TZID=Europe/Berlin:20270309T230000", "DURATION:PT1H"),
			"03-01T22:00/03-02T02:00 03-09T23:00/03-10T00:00 03-16T23:00/03-17T00:00"},
		{"moved before the clocks change", item("a", "DTSTART;TZID=Europe/Berlin:20270320T220000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=3") +
			item("a", "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20270327T220000",
				"DTSTART;TZID=Europe/Berlin:20270328T220000", "DURATION:PT1H"),
			"03-20T22:00/03-20T23:00 03-28T22:00/03-28T23:00 04-04T22:00/04-04T23:00"},
		{"the series ends", weekly + item("a", "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20270308T220000", "STATUS:CANCELLED"),
			"03-01T22:00/03-02T02:00"},
		{"all are cancelled", weekly + item("a", "SEQUENCE:2", "STATUS:CANCELLED"), ""},
		{"an older version", item("a", "SEQUENCE:4", "DTSTART:20270501T000000Z", "DURATION:PT1H") +
			item("a", "SEQUENCE:3", "DTSTART:20270601T000000Z", "DURATION:PT1H"), "05-01T02:00/05-01T03:00"},
		{"a change without its series", item("a", "RECURRENCE-ID:20270501T000000Z", "DTSTART:20270502T000000Z", "DURATION:PT1H"),
			"05-02T02:00/05-02T03:00"},
		{"an added date is moved", item("a", "DTSTART:20270501T080000Z", "DURATION:PT1H", "RDATE:20270601T080000Z,20270701T080000Z") +
			item("a", "RECURRENCE-ID:20270601T080000Z", "DTSTART:20270602T080000Z", "DURATION:PT2H"),
			"05-01T10:00/05-01T11:00 06-02T10:00/06-02T12:00 07-01T10:00/07-01T11:00"},
		{"added periods", item("a", "DTSTART:20270501T080000Z", "DURATION:PT1H",
			"RDATE;VALUE=PERIOD:20270601T080000Z/20270602T080000Z,20270701T080000Z/P1DT2H"),
			"05-01T10:00/05-01T11:00 06-01T10:00/06-02T10:00 07-01T10:00/07-02T12:00"},
		{"days are left out of hours", strings.Replace(weekly, "RRULE", "EXDATE;VALUE=DATE:20270301,20270315\r\nRRULE", 1),
			"03-08T22:00/03-09T02:00"},
		{"hours are left out of days", strings.Replace(days, "RRULE",
			"EXDATE:20270330T000000Z\r\nEXDATE;TZID=America/New_York:20270530T000000\r\nRRULE", 1), "04-30T00:00/05-03T00:00"},
		{"left out in another zone", strings.Replace(weekly, "RRULE",
			"EXDATE:20270301T210000Z\r\nEXDATE;TZID=America/New_York:20270308T160000\r\nRRULE", 1), "03-15T22:00/03-16T02:00"},
	} {
		got, findings := occurrences(t, ics(c.text))
		if got != c.want || len(findings) > 0 {
			t.Errorf("%s: got  %s %v\nwant %s", c.name, got, findings, c.want)
		}
	}
}

func TestUnreadPartsOfASeries(t *testing.T) {
	for _, c := range []struct{ event, want string }{
		{item("a", "SUMMARY:x", "RECURRENCE-ID:soon", "DTSTART:20270501T000000Z"), `f.ics:4: error: x: RECURRENCE-ID: "soon" is not a date`},
		{item("a", "SUMMARY:x", "RECURRENCE-ID;RANGE=THISANDPRIOR:20270501T000000Z", "DTSTART:20270501T000000Z"),
			"RANGE=THISANDPRIOR is not known"},
		{item("a", "SUMMARY:x", "DTSTART:20270501T000000Z", "EXRULE:FREQ=DAILY", "RRULE:FREQ=DAILY"), "f.ics:4: warning: x: EXRULE is not read"},
		{item("a", "SUMMARY:x", "DTSTART:20270501T000000Z", "RDATE;VALUE=PERIOD:20270601T080000Z/20270501T080000Z"), "it ends before it starts"},
	} {
		if _, findings := occurrences(t, ics(c.event)); len(findings) != 1 || !strings.Contains(findings[0], c.want) {
			t.Errorf("got %v, want %s", findings, c.want)
		}
	}
}

// Every way in which calendars name Berlin's time.
func TestZonesOfCalendars(t *testing.T) {
	const office = "BEGIN:VTIMEZONE\r\nTZID:Office\r\n" +
		"BEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\n" +
		"BEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n"
	for _, id := range []string{"Europe/Berlin", `"W. Europe Standard Time"`, "w. europe standard time", "/mozilla.org/20070129_1/Europe/Berlin", "/Europe/Berlin", "Office"} {
		for day, want := range map[string]string{"20270110": "01-10T12:00", "20270710": "07-10T12:00", "20270327": "03-27T12:00",
			"20270328": "03-28T12:00", "20271031": "10-31T12:00"} {
			got, findings := occurrences(t, ics(office, item("a", "DTSTART;TZID="+id+":"+day+"T120000", "DURATION:PT1H")))
			if len(findings) > 0 || !strings.HasPrefix(got, want) {
				t.Errorf("%s on %s: got %s %v, want %s", id, day, got, findings, want)
			}
		}
	}
	for _, bad := range []string{"BEGIN:VTIMEZONE\r\nTZID:Z1\r\nEND:VTIMEZONE\r\n",
		"BEGIN:VTIMEZONE\r\nTZID:Z1\r\nBEGIN:STANDARD\r\nDTSTART:20200101T000000\r\nTZOFFSETFROM:0100\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n",
		"BEGIN:VTIMEZONE\r\nTZID:Z1\r\nBEGIN:STANDARD\r\nDTSTART:20200101T000000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+9900\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"} {
		if _, findings := occurrences(t, ics(bad, item("a", "DTSTART;TZID=Z1:20270110T120000"))); len(findings) != 2 {
			t.Errorf("%s: got %v", bad, findings)
		}
	}
}

// Zones that the writer of calendars defines are those of the time zone database, hour by hour.
func TestDefinedZonesKeepTheirClocks(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
		"America/Santiago", "Africa/Casablanca"} {
		loc := zone(t, name)
		from := time.Date(2026, 11, 3, 9, 0, 0, 0, loc)
		text, err := calendar.WriteICS("x", from, []calendar.Entry{{UID: "1", Summary: "s", From: from, To: from.Add(time.Hour)}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		own := strings.ReplaceAll(string(text), name, "Defined here")
		events, findings := calendar.ReadICS("f.ics", []byte(own), time.UTC)
		if len(findings) > 0 || len(events) != 1 {
			t.Fatalf("%s: %v %v\n%s", name, events, findings, own)
		}
		defined := events[0].Start.Location()
		for at := from.AddDate(0, -9, 0); at.Before(from.AddDate(1, 0, 0)); at = at.Add(time.Hour) {
			_, want := at.Zone()
			if _, got := at.In(defined).Zone(); got != want {
				t.Errorf("%s at %s: %d, want %d", name, at, got, want)
				break
			}
		}
	}
}

func TestWindowsNamesAreZones(t *testing.T) {
	for _, name := range []string{"Pacific Standard Time", "UTC", "India Standard Time", "Tokyo Standard Time", "FLE Standard Time",
		"AUS Eastern Standard Time"} {
		_, findings := occurrences(t, ics(item("a", fmt.Sprintf("DTSTART;TZID=%s:20270110T120000", name))))
		if len(findings) > 0 {
			t.Error(findings)
		}
	}
}
