package backtest_test

import (
	"math"
	"testing"
	"time"

	"treadmill/rules/backtest"
	"treadmill/rules/compile"
	"treadmill/slo"
)

// course is what the queries of a part give at each evaluation, out of events that come evenly, of which a share is bad: those
// in the window before each moment, exactly.
func course(grid slo.Grid, window slo.Window, perSecond float64, share func(at time.Duration) float64) backtest.Counts {
	total, part := slo.NewSeries(nil, grid.N), slo.NewSeries(nil, grid.N)
	const second = time.Second
	sums := make([]float64, int(time.Duration(grid.Step)/second)*grid.N+1) // bad events up to a second
	for i := range len(sums) - 1 {
		sums[i+1] = sums[i] + perSecond*share(time.Duration(i)*second)
	}
	for i := range grid.N {
		to := i * int(time.Duration(grid.Step)/second)
		from := max(0, to-int(time.Duration(window)/second))
		total.Values[i], part.Values[i] = perSecond*float64(to-from), sums[to]-sums[from]
	}
	return backtest.Counts{Total: []slo.Series{total}, Part: []slo.Series{part}}
}

// past is the history of an SLO over some days, each part of which has a share of bad events over time.
func past(s slo.SLO, days int, perSecond float64, shares ...func(at time.Duration) float64) backtest.Past {
	r := compile.ReplayOf(s, compile.Options{})
	grid := slo.NewGrid(start.Add(-time.Millisecond), start.AddDate(0, 0, days), r.Every)
	p := backtest.Past{SLO: s, Replay: r, Grid: grid, Since: start}
	for i, share := range shares {
		p.Parts = append(p.Parts, course(grid, r.Parts[i].Window, perSecond, share))
	}
	return p
}

// outage is a share of bad events from one moment to another.
func outage(from, to time.Duration, share float64) func(time.Duration) float64 {
	return func(at time.Duration) float64 {
		if at >= from && at < to {
			return share
		}
		return 0
	}
}

// TestRunCountsSlices: half an hour with 10 % of errors makes 30 slices of a minute bad, of the 43.2 that 99.9 % of 30 days allow; where
// they count by their shares, three.
func TestRunCountsSlices(t *testing.T) {
	begin, end := 50*time.Hour, 50*time.Hour+30*time.Minute
	for name, c := range map[string]struct {
		target slo.Number
		bad    float64
		page   time.Duration // the guard wants 0.864 + 2.33·√(0.0144·0.9856·60) = 3.01 bad slices of the hour
	}{
		"good or bad": {slo.NewNumber(95, 100), 30, 4 * time.Minute},
		"by share":    {slo.Number{}, 3, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := spec(t, "99.9", 30*slo.Day, false, nil)
			s.Indicator.Slice = slo.Slice{Window: slo.Minute, Target: c.target}
			p := past(s, 30, 10, outage(begin, end, 0.1))
			out := p.Run(0.02)
			if len(out.Incidents) != 1 || p.Histories()[0].Known(p.Since, p.Grid.At(p.Grid.N-1)).Share < 0.999 {
				t.Fatalf("%+v", out)
			}
			in := out.Incidents[0]
			if !in.Start.Equal(start.Add(begin)) || !in.End.Equal(start.Add(end)) || math.Abs(in.BudgetSpent-c.bad/43.2) > 1e-3*c.bad {
				t.Errorf("%+v, want %v of the budget", in, c.bad/43.2)
			}
			for _, a := range out.Alerts {
				if a.Severity != "page" {
					continue
				}
				if c.page == 0 {
					if len(a.Episodes) > 0 {
						t.Errorf("%+v", a)
					}
					continue
				}
				if len(a.Episodes) != 1 {
					t.Fatalf("%+v", a)
				}
				e := a.Episodes[0]
				bad := e.Start.Sub(start.Add(begin)).Minutes()
				if got := e.Start.Sub(start.Add(begin)); got != c.page || math.Abs(e.BudgetSpent-math.Floor(bad)/43.2) > 1e-3 {
					t.Errorf("fired after %s with %v spent, want %s with %v", got, e.BudgetSpent, c.page, math.Floor(bad)/43.2)
				}
			}
		})
	}
}

// TestRunJudgesACompositeAsAWhole: the burns of the components add up by weight, and there is one alert, of the whole.
func TestRunJudgesACompositeAsAWhole(t *testing.T) {
	s := spec(t, "99.9", 30*slo.Day, false, nil)
	for name, percent := range map[string]string{"cart": "99.9", "pay": "99"} {
		o, _ := slo.ParsePercent(percent)
		s.Components = append(s.Components, slo.Component{Name: name, Weight: slo.NewNumber(1, 1), Objective: o, Indicator: s.Indicator})
	}
	s.Indicator = slo.Indicator{}
	var err error
	if s.Objective, err = slo.Whole(s.Components); err != nil {
		t.Fatal(err)
	}
	// An hour with 10 % of errors of both burns 10 + 100 times as fast as allowed: an hour of 720, and so 110/720 of the budget.
	p := past(s, 30, 10, outage(50*time.Hour, 51*time.Hour, 0.1), outage(50*time.Hour, 51*time.Hour, 0.1))
	out := p.Run(0.02)
	if len(out.Incidents) != 1 || math.Abs(out.Incidents[0].BudgetSpent-110.0/720) > 1e-3 {
		t.Fatalf("%+v", out.Incidents)
	}
	if len(out.Alerts) != 2 || out.Alerts[0].SLO != "x" || len(out.Alerts[0].Episodes) != 1 {
		t.Fatalf("%+v", out.Alerts)
	}
	// A burn of 14.4 over the hour is met when 14.4 ÷ 110 of an hour is over: 7.85 minutes, at the evaluation of 8 minutes.
	if e := out.Alerts[0].Episodes[0]; e.Start.Sub(start.Add(50*time.Hour)) != 8*time.Minute || math.Abs(e.BudgetSpent-110.0/720*8/60) > 1e-3 {
		t.Errorf("%+v", e)
	}
}
