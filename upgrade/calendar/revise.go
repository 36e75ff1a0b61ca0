package calendar

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// errForeign refuses to take the place of what somebody else wrote.
var errForeign = errors.New("not a calendar that Treadmill wrote")

const cancelled = "STATUS:CANCELLED"

// revise gives entries their stamps and sequences by what an earlier calendar says of them, and brings along what it has besides.
func revise(earlier []byte, stamp time.Time, entries []Entry) ([]eventText, error) {
	zones := atlas{}
	old, err := zones.readWritten(earlier)
	if err != nil {
		return nil, err
	}
	before := make(map[string]eventText, len(old))
	for _, e := range old {
		before[e.uid] = e
	}
	out := make([]eventText, 0, len(entries))
	for _, entry := range entries {
		e := zones.textOf(entry)
		e.stamp = utc(stamp)
		if was, known := before[e.uid]; known {
			e.sequence, e.stamp = was.sequence, was.stamp
			if !slices.Equal(e.lines, was.lines) {
				e.sequence, e.stamp = was.sequence+1, utc(stamp)
			}
			delete(before, e.uid)
		}
		out = append(out, e)
	}
	for _, e := range old {
		if _, gone := before[e.uid]; !gone {
			continue
		}
		ahead, off := e.from.After(stamp), slices.Contains(e.lines, cancelled)
		switch {
		case off && !ahead: // it was called off and its day has passed: of no use to anybody
			continue
		case ahead && !off:
			e.sequence, e.stamp, e.lines = e.sequence+1, utc(stamp), append(e.lines, cancelled)
		}
		out = append(out, e)
	}
	sortEvents(out)
	return out, nil
}

// readWritten reads the events of a calendar as WriteICS writes it.
func (a atlas) readWritten(data []byte) ([]eventText, error) {
	if len(data) == 0 {
		return nil, nil
	}
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	text = strings.NewReplacer("\n ", "", "\n\t", "").Replace(text)
	if !bytes.HasPrefix(data, []byte("BEGIN:VCALENDAR")) || !strings.Contains(text, "\nPRODID:"+product+"\n") {
		return nil, errForeign
	}
	var out []eventText
	for i, block := range strings.Split(text, "\nBEGIN:VEVENT\n")[1:] {
		body, _, whole := strings.Cut(block+"\n", "\nEND:VEVENT\n")
		e, err := a.readEvent(strings.Split(body, "\n"))
		if err != nil || !whole {
			return nil, fmt.Errorf("%w: event %d is damaged", errForeign, i+1)
		}
		out = append(out, e)
	}
	return out, nil
}

func (a atlas) readEvent(lines []string) (e eventText, err error) {
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ":")
		switch property, _, _ := strings.Cut(name, ";"); property {
		case "UID":
			e.uid = unescape(value)
			continue
		case "DTSTAMP":
			e.stamp = value
			_, err = time.Parse(utcTime, value)
		case "SEQUENCE":
			e.sequence, err = strconv.Atoi(value)
		case "DTSTART":
			e.from, err = a.readMoment(name, value)
			e.to, e.zoned = e.from, strings.Contains(name, ";TZID=")
			e.lines = append(e.lines, line)
		case "DTEND":
			e.to, err = a.readMoment(name, value)
			e.lines = append(e.lines, line)
		default:
			e.lines = append(e.lines, line)
		}
		if err != nil {
			return e, err
		}
	}
	if e.uid == "" || e.stamp == "" || e.from.IsZero() {
		return e, errForeign
	}
	return e, nil
}

// readMoment reads a time in one of the three forms that textOf writes.
func (a atlas) readMoment(name, value string) (time.Time, error) {
	_, zone, local := strings.Cut(name, ";TZID=")
	switch {
	case strings.HasSuffix(name, ";VALUE=DATE"):
		return time.Parse("20060102", value)
	case !local:
		return time.Parse(utcTime, value)
	}
	loc := a.load(zone)
	if loc == nil {
		return time.Time{}, fmt.Errorf("unknown zone %q", zone)
	}
	return time.ParseInLocation(localTime, value, loc)
}

func unescape(s string) string {
	return strings.NewReplacer(`\\`, `\`, `\;`, ";", `\,`, ",", `\n`, "\n").Replace(s)
}
