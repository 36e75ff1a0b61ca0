package review

import (
	"time"

	"treadmill/slo"
)

// Trend is the burn of an ordinary day: the median of the burns of the days (24 hours each) that end with a span, so that incidents,
// which are on fewer than half of the days, do not count. A span of less than a week is cut into seven parts instead. Days without
// events are left out; without any the trend is 0.
func (s Sums) Trend(o slo.Objective, from, to time.Time) float64 {
	length := min(24*time.Hour, to.Sub(from)/7)
	var burns []float64
	for end := to; length > 0 && end.Sub(from) >= length; end = end.Add(-length) {
		if day := s.Between(end.Add(-length), end); day.Total > 0 {
			burns = append(burns, day.Burn(o))
		}
	}
	return slo.Median(burns)
}

// Stretch is the time after From and up to To.
type Stretch struct{ From, To time.Time }

// Cost is what a stretch of time spent of a budget beyond what it would have spent anyhow.
type Cost struct {
	Share float64 // of a period's budget
	Bad   float64 // events beyond those of ordinary days
	Total float64 // events
}

// Cost is (bad − trend × budget × total) ÷ (budget × events of a period), at least 0, of a stretch of time without those that are
// excepted. The trend, and the traffic of a period, are those of the period before the stretch. It is not known where nothing is known of
// what is left of the stretch, or of the period before.
func (s Sums) Cost(o slo.Objective, period slo.Window, at Stretch, except []Stretch) (cost Cost, known bool) {
	before := at.From.Add(-time.Duration(period))
	events := s.Between(before, at.From).PeriodEvents(period, s.grid.Step)
	budget := o.Budget().Float()
	lost, steps := 0.0, 0
	for _, part := range without(at, except) {
		span := s.Between(part.From, part.To)
		lost, steps, cost.Total = lost+span.loss(), steps+span.Known, cost.Total+span.Total
	}
	if steps == 0 || events == 0 {
		return Cost{}, false
	}
	cost.Bad = max(0, lost-s.Trend(o, before, at.From)*budget*cost.Total)
	cost.Share = cost.Bad / (budget * events)
	return cost, true
}

// Quiet is since when a budget has lost no more than a share beyond ordinary days: the earliest time from a start on after which no more
// was lost until now. Lost is what it has cost since the start. It is not known where nothing is known of the time since the start.
func (s Sums) Quiet(o slo.Objective, period slo.Window, from, now time.Time, share float64) (since time.Time, lost Cost, known bool) {
	lost, known = s.Cost(o, period, Stretch{from, now}, nil)
	if !known || lost.Share <= share {
		return from, lost, known
	}
	before := from.Add(-time.Duration(period))
	budget := o.Budget().Float()
	allowed := share * budget * s.Between(before, from).PeriodEvents(period, s.grid.Step)
	trend := s.Trend(o, before, from)
	for since = from; since.Before(now); since = since.Add(time.Duration(s.grid.Step)) {
		if left := s.Between(since, now); left.loss()-trend*budget*left.Total <= allowed {
			break
		}
	}
	return since, lost, true
}

// without is what is left of a stretch without others.
func without(at Stretch, others []Stretch) []Stretch {
	out := []Stretch{at}
	for _, o := range others {
		var rest []Stretch
		for _, s := range out {
			if early := (Stretch{s.From, earlier(s.To, o.From)}); early.From.Before(early.To) {
				rest = append(rest, early)
			}
			if late := (Stretch{later(s.From, o.To), s.To}); late.From.Before(late.To) {
				rest = append(rest, late)
			}
		}
		out = rest
	}
	return out
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Forecast is the share of a budget that is likely to be left from now on, if no incident comes: a value each step of the history for
// rolling periods, of which the last stays, and each day until a time for calendar periods. It is the one forecast: gates, plans and
// reviews promise dates by it. The bad events of the past leave a rolling period as they grow old, and the trend goes on:
//
//	left(t) = 1 − bad(t − period … now) ÷ (budget × events) − trend × (t − now) ÷ period
//
// A calendar period is whole again when it turns.
func (s Sums) Forecast(o slo.Objective, p slo.Period, from, now, until time.Time, trend float64) ([]Value, error) {
	if p.Calendar != nil {
		return s.calendarForecast(o, p, from, now, until, trend)
	}
	allowed := o.Budget().Float() * s.Between(from, now).PeriodEvents(p.Length, s.grid.Step)
	out := make([]Value, 0, p.Length/s.grid.Step+1)
	for ahead := time.Duration(0); ahead <= time.Duration(p.Length); ahead += time.Duration(s.grid.Step) {
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

// Enough is the first time of a forecast at which a share of the budget is left; ok is false where there is none.
func Enough(forecast []Value, share float64) (at time.Time, ok bool) {
	for _, v := range forecast {
		if v.Value >= share-rounding {
			return v.At, true
		}
	}
	return time.Time{}, false
}

// rounding is how far shares may differ by the order in which events were added up.
const rounding = 1e-9
