package calendar

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Entry is an event to write. Its times are written in the zone of From, which the calendar then defines, so that an event stays at its
// hour where a country changes its clocks at short notice; times of UTC and of the zone "Local" are written in UTC.
type Entry struct {
	UID         string // stays the same when the calendar is written anew, so that the event moves instead of doubling
	Summary     string
	Description string
	Categories  []string
	From, To    time.Time     // To is exclusive; zero means that From says all
	AllDay      bool          // From and To are days in UTC
	Remind      time.Duration // how long before From the reader wants to be told; 0 is never
}

// WriteICS writes entries as a calendar (RFC 5545): by time, then UID; stamp is when it is made. Equal input gives equal bytes.
//
// Earlier is the calendar that the new one takes the place of, as WriteICS wrote it; nil for none. An event that did not change keeps its
// SEQUENCE and its DTSTAMP, which is when it last changed, as the calendar has no METHOD (section 3.8.7.2); one that changed has both
// renewed. Events of the earlier calendar that are no more are cancelled where they lie ahead of stamp, and stay as they were where
// they lie behind. The error says that earlier is no calendar of WriteICS.
func WriteICS(name string, stamp time.Time, entries []Entry, earlier []byte) ([]byte, error) {
	events, err := revise(earlier, stamp, entries)
	if err != nil {
		return nil, err
	}
	var w icsWriter
	w.line("BEGIN", "VCALENDAR")
	w.line("VERSION", "2.0")
	w.line("PRODID", product)
	w.line("CALSCALE", "GREGORIAN")
	w.line("X-WR-CALNAME", escape(name))
	w.zones(events)
	for _, e := range events {
		w.line("BEGIN", "VEVENT")
		w.line("UID", escape(e.uid))
		w.line("DTSTAMP", e.stamp)
		w.line("SEQUENCE", fmt.Sprint(e.sequence))
		for _, text := range e.lines {
			w.text(text)
		}
		w.line("END", "VEVENT")
	}
	w.line("END", "VCALENDAR")
	return w.b.Bytes(), nil
}

const product = "-//Treadmill//Treadmill//EN"

// eventText is an event as it is written: its lines are those between UID, DTSTAMP and SEQUENCE, which come first, and the end.
type eventText struct {
	uid, stamp string
	sequence   int
	lines      []string
	from, to   time.Time // in the zone of the event
	zoned      bool      // they are written in that zone, which is not UTC
}

// textOf writes the lines of an entry.
func (a atlas) textOf(e Entry) eventText {
	zone := e.From.Location()
	out := eventText{uid: e.UID, from: e.From, to: cmp.Or(e.To, e.From).In(zone), zoned: !e.AllDay && a.load(zone.String()) != nil}
	add := func(name, value string) { out.lines = append(out.lines, name+":"+value) }
	moment := func(name string, t time.Time) {
		switch {
		case e.AllDay:
			add(name+";VALUE=DATE", t.UTC().Format("20060102"))
		case out.zoned:
			add(name+";TZID="+zone.String(), t.In(zone).Format(localTime))
		default:
			add(name, utc(t))
		}
	}
	moment("DTSTART", e.From)
	if !e.To.IsZero() {
		moment("DTEND", e.To)
	}
	add("SUMMARY", escape(e.Summary))
	if e.Description != "" {
		add("DESCRIPTION", escape(e.Description))
	}
	if len(e.Categories) > 0 {
		escaped := make([]string, len(e.Categories))
		for i, c := range e.Categories {
			escaped[i] = escape(c)
		}
		add("CATEGORIES", strings.Join(escaped, ","))
	}
	add("TRANSP", map[bool]string{true: "TRANSPARENT", false: "OPAQUE"}[e.AllDay])
	if e.Remind > 0 {
		add("BEGIN", "VALARM")
		add("ACTION", "DISPLAY")
		add("DESCRIPTION", escape(e.Summary))
		add("TRIGGER", fmt.Sprintf("-PT%dM", int64(e.Remind/time.Minute)))
		add("END", "VALARM")
	}
	return out
}

// The forms of RFC 5545, section 3.3.5.
const (
	localTime = "20060102T150405"
	utcTime   = localTime + "Z"
)

func utc(t time.Time) string { return t.UTC().Format(utcTime) }

func sortEvents(events []eventText) {
	slices.SortStableFunc(events, func(a, b eventText) int { return cmp.Or(a.from.Compare(b.from), cmp.Compare(a.uid, b.uid)) })
}

type icsWriter struct{ b bytes.Buffer }

func (w *icsWriter) line(name, value string) { w.text(name + ":" + value) }

// text writes a content line, folded so that no line is longer than 75 bytes (https://www.rfc-editor.org/rfc/rfc5545#section-3.1);
// a character is never cut in two.
func (w *icsWriter) text(text string) {
	room := 75
	for len(text) > room {
		at := room
		for !utf8.RuneStart(text[at]) {
			at--
		}
		w.b.WriteString(text[:at] + "\r\n ")
		text, room = text[at:], 74
	}
	w.b.WriteString(text + "\r\n")
}

// escape writes a TEXT value (https://www.rfc-editor.org/rfc/rfc5545#section-3.3.11): line breaks as \n; what is not
// UTF-8, and other control characters, are replaced.
func escape(s string) string {
	s = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`).Replace(strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			return '\uFFFD'
		}
		return r
	}, s)
}
