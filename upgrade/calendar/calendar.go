// Package calendar turns what people write about time into spans: days and moments, recurrences (RRULE), ICS files and
// weekly windows with time zones.
//
// The way through it: text → Moment, Rule, Window or (ReadICS) Event → Spans. Expansion is always bounded by a range, and rules
// that could repeat more often than hourly are refused, so no input can make it run on. It opens no files and knows no
// clusters. Time zones have their IANA names; in ICS files also those of Windows (windowszones.tsv) and of the file itself (VTIMEZONE).
package calendar

import (
	"slices"
	"time"

	_ "time/tzdata" // zones must be known where the system has no zone files
)

// Span is a length of time, To excluded.
type Span struct {
	From, To time.Time
}

// Spans are spans in order, none of which touches the next.
type Spans []Span

// Union brings spans into order and joins those that overlap or touch. Empty ones are left out.
func Union(spans []Span) Spans {
	in := slices.DeleteFunc(slices.Clone(spans), func(s Span) bool { return !s.From.Before(s.To) })
	slices.SortFunc(in, func(a, b Span) int {
		if c := a.From.Compare(b.From); c != 0 {
			return c
		}
		return a.To.Compare(b.To)
	})
	var out Spans
	for _, s := range in {
		last := len(out) - 1
		switch {
		case last < 0 || out[last].To.Before(s.From):
			out = append(out, s)
		case out[last].To.Before(s.To):
			out[last].To = s.To
		}
	}
	return out
}

// Overlap returns the first of the spans that shares time with s.
func (ss Spans) Overlap(s Span) (Span, bool) {
	i, _ := slices.BinarySearchFunc(ss, s.From, func(x Span, at time.Time) int {
		if x.To.After(at) {
			return 1
		}
		return -1
	})
	if i < len(ss) && ss[i].From.Before(s.To) {
		return ss[i], true
	}
	return Span{}, false
}

// Outside are the parts of a span that none of the spans covers, in order.
func (ss Spans) Outside(s Span) []Span {
	var out []Span
	for s.From.Before(s.To) {
		hit, ok := ss.Overlap(s)
		if !ok {
			return append(out, s)
		}
		if s.From.Before(hit.From) {
			out = append(out, Span{s.From, hit.From})
		}
		s.From = hit.To
	}
	return out
}
