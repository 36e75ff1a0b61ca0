package backtest_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"treadmill/rules/backtest"
	"treadmill/slo"
)

// TestKnownIncidentsAreFoundAsPromised: of known outages each is paged for, nothing else is, and each page comes within one evaluation of
// what the windows promise for errors at that share; with errors in between that the budget allows, not later than that.
func TestKnownIncidentsAreFoundAsPromised(t *testing.T) {
	for _, c := range []struct {
		objective string
		period    slo.Window
		slice     slo.Slice
		shares    []float64 // of bad events in outages, a day and a half apart
	}{
		{"99", 30 * slo.Day, slo.Slice{}, []float64{1, 0.5, 0.25, 0.2}},
		{"99.5", 28 * slo.Day, slo.Slice{}, []float64{1, 0.5, 0.1, 0.08}},
		{"99.9", 30 * slo.Day, slo.Slice{}, []float64{1, 0.5, 0.1, 0.05, 0.02, 0.01}},
		{"99.99", 30 * slo.Day, slo.Slice{}, []float64{1, 0.1, 0.02, 0.005, 0.001}},
		{"90", 30 * slo.Day, slo.Slice{}, []float64{1, 0.9}},
		{"99.9", 30 * slo.Day, slo.Slice{Window: slo.Minute, Target: slo.NewNumber(95, 100)}, []float64{1, 0.5, 0.1}},
	} {
		for _, allowed := range []float64{0, 0.3} { // of the budget, at all times
			t.Run(fmt.Sprint(c.objective, " ", c.slice.Window, " ", allowed), func(t *testing.T) {
				s := spec(t, c.objective, c.period, false, nil)
				s.Indicator.Slice = c.slice
				budget := s.Objective.Budget().Float()
				const apart, first, length = 36 * time.Hour, 4 * 24 * time.Hour, 4 * time.Hour
				p := past(s, 16, 1000, func(at time.Duration) float64 {
					if n := int((at - first) / apart); at >= first && n < len(c.shares) && (at-first)%apart < length {
						return c.shares[n]
					}
					if c.slice.Window > 0 {
						return 0.01 * allowed // every slice is good
					}
					return allowed * budget * (1 + math.Sin(at.Hours()))
				})
				p.Since = start.Add(3 * 24 * time.Hour)
				var known []backtest.Incident
				for i := range c.shares {
					from := start.Add(first + time.Duration(i)*apart)
					known = append(known, backtest.Incident{SLO: "x", Start: from, End: from.Add(length), Listed: true})
				}
				p.Feel(known)
				out := p.Run(0.02, known...)
				if score := backtest.ScoreOf(out.Alerts, known, 13*24*time.Hour); *score.Recall != 1 || *score.PageRecall != 1 ||
					*score.Precision != 1 ||
					score.Pages < len(known) {
					t.Errorf("%+v", score)
				}
				for i, in := range known {
					want := promised(p, c.shares[i], c.slice)
					got := firstPage(out.Alerts, in).Sub(in.Start)
					if got > want+time.Duration(p.Replay.Every) || allowed == 0 && got < want-time.Duration(p.Replay.Every) {
						t.Errorf("%.1f%% of errors: paged after %s, promised after %s", c.shares[i]*100, got, want)
					}
				}
			})
		}
	}
}

// promised is when the quickest page is promised to fire.
func promised(p backtest.Past, share float64, slice slo.Slice) time.Duration {
	if slice.Window > 0 {
		share = 1 // of slices
	}
	best := time.Duration(math.MaxInt64)
	for _, pair := range p.Replay.Pairs {
		if d, ok := pair.Detection(slo.NewNumber(int64(math.Round(share*1e6)), 1e6), p.Replay.Every); ok && pair.Severity == slo.Page {
			best = min(best, time.Duration(max(d, slice.Window)))
		}
	}
	return best
}

func firstPage(alerts []backtest.Alert, in backtest.Incident) time.Time {
	for _, a := range alerts {
		for _, e := range a.Episodes {
			if a.Severity == "page" && !e.Start.Before(in.Start) && e.Start.Before(in.End) {
				return e.Start
			}
		}
	}
	return in.End.Add(time.Hour)
}
