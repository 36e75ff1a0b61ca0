package backtest_test

import (
	"slices"
	"testing"

	"treadmill/slo"
)

// stretch is some minutes of a trace: events a minute and the part of them, -1 while nothing answers.
type stretch struct{ minutes, total, part int }

// of makes a trace out of stretches.
func of(stretches ...stretch) trace {
	var tr trace
	for _, s := range stretches {
		tr.total = append(tr.total, slices.Repeat([]int{s.total}, s.minutes)...)
		tr.part = append(tr.part, slices.Repeat([]int{s.part}, s.minutes)...)
	}
	return tr
}

// TestFastKnowsSilentTime plays courses in which counters answer seldom. Time in which one is silent is known: its events are in the first
// tile after it.
func TestFastKnowsSilentTime(t *testing.T) {
	for name, stretches := range map[string][]stretch{
		"a single scrape, then silent, then all fail":                     {{16, -1, -1}, {1, 7, 7}, {24, -1, -1}, {14, 7, 0}, {65, 1, 1}},
		"silent again an hour after it was silent, idle in between":       {{10, 7, 7}, {51, -1, -1}, {3, 0, 0}, {20, -1, -1}, {20, 70, 0}, {60, 1, 1}},
		"silent for an hour and a minute, so that nothing is known of it": {{10, 7, 7}, {61, -1, -1}, {14, 7, 0}, {65, 1, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			tr := of(stretches...)
			for _, every := range []slo.Window{slo.Minute, slo.Minute / 2} {
				s := spec(t, "90", slo.Day, true, short())
				if agree(t, s, every, len(tr.total), map[string]trace{"a": tr}) == 0 {
					t.Error("nothing fired")
				}
			}
		})
	}
}
