package review

import (
	"time"

	"treadmill/slo"
)

// Trend is the burn of an ordinary day: the median of the burns of the days (24 hours each) that end with a span, so that incidents,
// which are on fewer than half of the days, do not count. Days without events are left out; without any the trend is 0.
func (s Sums) Trend(o slo.Objective, from, to time.Time) float64 {
	var burns []float64
	for end := to; end.Sub(from) >= 24*time.Hour; end = end.Add(-24 * time.Hour) {
		if day := s.Between(end.Add(-24*time.Hour), end); day.Total > 0 {
			burns = append(burns, day.Burn(o))
		}
	}
	return slo.Median(burns)
}

// Cost is what a stretch of time spent of a period's budget beyond what it would have spent anyhow: (bad − trend × budget × total) ÷
// (budget × events of a period), at least 0. The trend, and the traffic of a period, are those of the period before the stretch.
func (s Sums) Cost(o slo.Objective, period slo.Window, from, to time.Time) (share float64, known bool) {
	before := from.Add(-time.Duration(period))
	span := s.Between(from, to)
	events := s.Between(before, from).PeriodEvents(period, s.grid.Step)
	if span.Known == 0 || events == 0 {
		return 0, false
	}
	budget := o.Budget().Float()
	return max(0, span.loss()-s.Trend(o, before, from)*budget*span.Total) / (budget * events), true
}

// Forecast is the share of a budget that is likely to be left from now on, if no incident comes: a value each hour for rolling periods,
// of which the last stays, and each day until a time for calendar periods. The bad events of the past leave a rolling period as they
// grow old, and the trend goes on:
//
//	left(t) = 1 − bad(t − period … now) ÷ (budget × events) − trend × (t − now) ÷ period
//
// A calendar period is whole again when it turns.
func (s Sums) Forecast(o slo.Objective, p slo.Period, from, now, until time.Time, trend float64) ([]Value, error) {
	if p.Calendar != nil {
		return s.calendarForecast(o, p, from, now, until, trend)
	}
	allowed := o.Budget().Float() * s.Between(from, now).PeriodEvents(p.Length, s.grid.Step)
	var out []Value
	for ahead := time.Duration(0); ahead <= time.Duration(p.Length); ahead += time.Hour {
		left := 1 - trend*float64(ahead)/float64(p.Length)
		if allowed > 0 {
			left -= s.Between(now.Add(ahead-time.Duration(p.Length)), now).loss() / allowed
		}
		out = append(out, Value{now.Add(ahead), left})
	}
	return out, nil
}

func (s Sums) calendarForecast(o slo.Objective, p slo.Period, from, now, until time.Time, trend float64) ([]Value, error) {
	left := s.Between(from, now).Budget(o, p.Length, s.grid.Step).Left
	base, begin := now, from
	var out []Value
	for at := now; at.Before(until); at = at.Add(24 * time.Hour) {
		start, err := Start(p, at)
		if err != nil {
			return nil, err
		}
		if start.After(begin) {
			begin, base, left = start, start, 1
			if start.Before(at) && start.After(now) {
				out = append(out, Value{start, 1})
			}
		}
		out = append(out, Value{at, left - trend*float64(at.Sub(base))/float64(p.Length)})
	}
	return out, nil
}
