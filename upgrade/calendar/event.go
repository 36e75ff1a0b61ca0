package calendar

import "time"

// Event is something that takes time, once or again and again.
type Event struct {
	Name  string
	Start time.Time // its zone is that in which the event recurs
	// The event lasts Days calendar days of that zone and then Rest, so that days stay days when the clock changes.
	Days   int
	Rest   time.Duration
	Rule   Rule
	Except []time.Time // starts that are left out
}

// Lasting sets how long the event takes: whole days as days of the calendar.
func (e Event) Lasting(d time.Duration) Event {
	const day = 24 * time.Hour
	e.Days, e.Rest = int(d/day), d%day
	return e
}

func (e Event) end(start time.Time) time.Time { return start.AddDate(0, 0, e.Days).Add(e.Rest) }

// Spans lists the times that the event takes and that share time with a span, in order of their start.
func (e Event) Spans(in Span) []Span {
	starts := []time.Time{e.Start}
	if !e.Rule.IsZero() {
		early := in.From.AddDate(0, 0, -e.Days-1).Add(-e.Rest)
		starts = e.Rule.Starts(e.Start, Span{early, in.To})
	}
	var out []Span
	for _, at := range starts {
		s := Span{at, e.end(at)}
		if s.From.Before(in.To) && s.To.After(in.From) && !e.excepted(at) {
			out = append(out, s)
		}
	}
	return out
}

func (e Event) excepted(at time.Time) bool {
	for _, x := range e.Except {
		if x.Equal(at) {
			return true
		}
	}
	return false
}
