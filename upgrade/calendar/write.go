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

// Entry is an event to write. Times are written in UTC, which every calendar shows in the zone of its reader.
type Entry struct {
	UID         string // stays the same when the calendar is written anew, so that the event moves instead of doubling
	Sequence    int    // grows when the event changes
	Summary     string
	Description string
	Categories  []string
	From, To    time.Time     // To is exclusive; zero means that From says all
	AllDay      bool          // From and To are days in UTC
	Remind      time.Duration // how long before From the reader wants to be told; 0 is never
}

// WriteICS writes entries as a calendar (RFC 5545): by time, then UID; stamp is when it was made. Equal input gives equal bytes.
func WriteICS(name string, stamp time.Time, entries []Entry) []byte {
	var w icsWriter
	w.line("BEGIN", "VCALENDAR")
	w.line("VERSION", "2.0")
	w.line("PRODID", "-//Treadmill//Treadmill//EN")
	w.line("CALSCALE", "GREGORIAN")
	w.line("METHOD", "PUBLISH")
	w.line("X-WR-CALNAME", escape(name))
	sorted := slices.Clone(entries)
	slices.SortStableFunc(sorted, func(a, b Entry) int { return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.UID, b.UID)) })
	for _, e := range sorted {
		w.event(e, stamp)
	}
	w.line("END", "VCALENDAR")
	return w.b.Bytes()
}

type icsWriter struct{ b bytes.Buffer }

func (w *icsWriter) event(e Entry, stamp time.Time) {
	w.line("BEGIN", "VEVENT")
	w.line("UID", escape(e.UID))
	w.line("DTSTAMP", utc(stamp))
	w.line("SEQUENCE", fmt.Sprint(e.Sequence))
	w.time("DTSTART", e.From, e.AllDay)
	if !e.To.IsZero() {
		w.time("DTEND", e.To, e.AllDay)
	}
	w.line("SUMMARY", escape(e.Summary))
	if e.Description != "" {
		w.line("DESCRIPTION", escape(e.Description))
	}
	if len(e.Categories) > 0 {
		escaped := make([]string, len(e.Categories))
		for i, c := range e.Categories {
			escaped[i] = escape(c)
		}
		w.line("CATEGORIES", strings.Join(escaped, ","))
	}
	w.line("TRANSP", map[bool]string{true: "TRANSPARENT", false: "OPAQUE"}[e.AllDay])
	if e.Remind > 0 {
		w.line("BEGIN", "VALARM")
		w.line("ACTION", "DISPLAY")
		w.line("DESCRIPTION", escape(e.Summary))
		w.line("TRIGGER", fmt.Sprintf("-PT%dM", int64(e.Remind/time.Minute)))
		w.line("END", "VALARM")
	}
	w.line("END", "VEVENT")
}

func (w *icsWriter) time(name string, t time.Time, allDay bool) {
	if allDay {
		w.line(name+";VALUE=DATE", t.UTC().Format("20060102"))
		return
	}
	w.line(name, utc(t))
}

func utc(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// line writes a content line, folded so that no line is longer than 75 bytes (https://www.rfc-editor.org/rfc/rfc5545#section-3.1);
// a character is never cut in two.
func (w *icsWriter) line(name, value string) {
	text := name + ":" + value
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
