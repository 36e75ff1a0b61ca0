package calendar

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"time"

	ics "github.com/arran4/golang-ical"
)

// The years for which the rules of a VTIMEZONE are expanded. Times after them keep the last offset.
const firstZoneYear, lastZoneYear = 1970, 2200

// maxOnsets bounds the changes of the clocks of a VTIMEZONE.
const maxOnsets = 4096

// vtimezone makes a time zone of its definition (RFC 5545 section 3.6.5): the changes of its clocks are written in the format of the time
// zone database (RFC 8536), which the standard library reads.
func vtimezone(name string, def *ics.VTimezone) (*time.Location, error) {
	var all []onset
	for _, c := range def.Components {
		var base *ics.ComponentBase
		summer := false
		switch c := c.(type) {
		case *ics.Standard:
			base = &c.ComponentBase
		case *ics.Daylight:
			base, summer = &c.ComponentBase, true
		default:
			continue
		}
		some, err := observance(base, summer)
		if err != nil {
			return nil, err
		}
		if all = append(all, some...); len(all) > maxOnsets {
			return nil, fmt.Errorf("its clocks change more than %d times", maxOnsets)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("it has neither STANDARD nor DAYLIGHT")
	}
	instant := func(o onset) int64 { return o.at.Unix() - int64(o.from) }
	slices.SortFunc(all, func(a, b onset) int { return cmp.Or(cmp.Compare(instant(a), instant(b)), cmp.Compare(a.to, b.to)) })
	return time.LoadLocationFromTZData(name, tzif(all))
}

// observance lists when the clocks change to a STANDARD or DAYLIGHT part of a zone.
func observance(c *ics.ComponentBase, summer bool) ([]onset, error) {
	text := func(p ics.ComponentProperty) string {
		if x := c.GetProperty(p); x != nil {
			return x.Value
		}
		return ""
	}
	o := onset{summer: summer, name: text(ics.ComponentProperty(ics.PropertyTzname))}
	var err error
	if o.from, err = utcOffset(text(ics.ComponentProperty(ics.PropertyTzoffsetfrom))); err != nil {
		return nil, fmt.Errorf("TZOFFSETFROM: %w", err)
	}
	if o.to, err = utcOffset(text(ics.ComponentProperty(ics.PropertyTzoffsetto))); err != nil {
		return nil, fmt.Errorf("TZOFFSETTO: %w", err)
	}
	start, err := time.Parse("20060102T150405", text(ics.ComponentPropertyDtStart))
	if err != nil {
		return nil, fmt.Errorf("DTSTART: %.40q is not a local time", text(ics.ComponentPropertyDtStart))
	}
	starts := []time.Time{start}
	if rule := text(ics.ComponentPropertyRrule); rule != "" {
		parsed, err := ParseRule(rule)
		if err != nil {
			return nil, fmt.Errorf("RRULE: %w", err)
		}
		known := Span{time.Date(firstZoneYear, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(lastZoneYear, 1, 1, 0, 0, 0, 0, time.UTC)}
		starts = append(starts, parsed.Starts(start, known)...)
	}
	for _, p := range c.GetProperties(ics.ComponentPropertyRdate) {
		at, err := time.Parse("20060102T150405", p.Value)
		if err != nil {
			return nil, fmt.Errorf("RDATE: %.40q is not a local time", p.Value)
		}
		starts = append(starts, at)
	}
	var out []onset
	for _, at := range starts {
		o.at = at
		out = append(out, o)
	}
	return slices.Compact(out), nil
}

// utcOffset reads a UTC-OFFSET (RFC 5545 section 3.3.14) in seconds, such as +0130.
func utcOffset(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || len(s) != 5 && len(s) != 7 || s[0] != '+' && s[0] != '-' {
		return 0, fmt.Errorf("%.40q is not an offset from UTC such as +0100", s)
	}
	if len(s) == 5 {
		n *= 100
	}
	seconds := n/10000*3600 + n/100%100*60 + n%100
	if seconds <= -24*3600 || seconds >= 24*3600 {
		return 0, fmt.Errorf("%.40q is a day or more", s)
	}
	return seconds, nil
}

// tzif writes changes of clocks, in order, as version 2 of the format of RFC 8536: an empty block for old readers, and one with 64 bits.
func tzif(all []onset) []byte {
	type kind struct {
		offset int
		summer bool
	}
	kinds := []kind{{offset: all[0].from}}
	var times, indexes bytes.Buffer
	last, count := int64(0), uint32(0)
	for _, o := range all {
		k := kind{o.to, o.summer}
		at := slices.Index(kinds, k)
		if at < 0 {
			at = len(kinds)
			kinds = append(kinds, k)
		}
		when := o.at.Unix() - int64(o.from)
		if count > 0 && when == last {
			continue
		}
		last = when
		count++
		_ = binary.Write(&times, binary.BigEndian, when) // into memory, which does not fail
		indexes.WriteByte(byte(at))
	}
	const name = "LMT\x00"
	var out bytes.Buffer
	head := func(times, types, chars uint32) {
		out.WriteString("TZif2")
		out.Write(make([]byte, 15))
		_ = binary.Write(&out, binary.BigEndian, []uint32{0, 0, 0, times, types, chars})
	}
	head(0, 1, 1)
	out.Write(make([]byte, 7)) // one type, UTC, and its empty name
	head(count, uint32(len(kinds)), uint32(len(name)))
	out.Write(times.Bytes())
	out.Write(indexes.Bytes())
	for _, k := range kinds {
		_ = binary.Write(&out, binary.BigEndian, int32(k.offset))
		summer := byte(0)
		if k.summer {
			summer = 1
		}
		out.Write([]byte{summer, 0})
	}
	out.WriteString(name)
	out.WriteString("\n\n") // no rule for later times
	return out.Bytes()
}
