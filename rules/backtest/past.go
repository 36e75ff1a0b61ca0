package backtest

import (
	"math"
	"time"

	"treadmill/rules/compile"
	"treadmill/slo"
	"treadmill/slo/review"
)

// Past is the history of one SLO: what its queries gave at each evaluation of the grid, part by part, from as long before Since as
// its rules look back. What began before Since is not judged.
type Past struct {
	SLO    slo.SLO
	Replay compile.Replay
	Grid   slo.Grid
	Since  time.Time
	Parts  []Counts
}

// With is the same history under an SLO that counts the same but promises something else, or is watched by another policy.
func (p Past) With(s slo.SLO) Past {
	p.SLO, p.Replay = s, compile.ReplayOf(s, compile.Options{})
	return p
}

// Warmup is how much history before the first moment of interest the rules of an SLO look back on.
func Warmup(r *compile.Replay) slo.Window {
	var out slo.Window
	for _, p := range r.Pairs {
		out = max(out, p.Long)
	}
	return out
}

// groups are the groups of the SLO.
func (p *Past) groups() []Group { return Groups(p.Parts, p.Replay.By, p.Grid.N) }

// Histories are what the groups counted, in tiles or slices of time.
func (p *Past) Histories() []review.History {
	var out []review.History
	for _, g := range p.groups() {
		out = append(out, p.history(g))
	}
	return out
}

// end is the last moment.
func (p *Past) end() time.Time { return p.Grid.At(p.Grid.N - 1) }

// step is what a history counts in: slices of time, or tiles.
func (p *Past) step() slo.Window {
	if p.Replay.Slice > 0 {
		return p.Replay.Slice
	}
	return slo.Tile
}

// history is what a group counted, in whole steps since 1970.
func (p *Past) history(g Group) review.History {
	return p.at(g, slo.NewGrid(p.Grid.From.Add(-time.Millisecond), p.end(), p.step()))
}

// at is what a group counted, in the steps of a grid.
func (p *Past) at(g Group, coarse slo.Grid) review.History {
	pick := func(values []float64) []slo.Series {
		one := slo.NewSeries(g.Labels, coarse.N)
		for i := range one.Values {
			if at := coarse.At(i).Sub(p.Grid.From); at >= 0 {
				one.Values[i] = values[at/time.Duration(p.Grid.Step)]
			}
		}
		return []slo.Series{one}
	}
	var parts [][]review.History
	for i, e := range g.Parts {
		c := &p.Replay.Parts[i]
		what := review.Bad
		if c.Good != "" {
			what = review.Good
		}
		h := review.Join(coarse, p.Replay.By, pick(e.Total), pick(e.Part), what)
		if c.Slice.Window > 0 {
			h[0] = h[0].Slices(c.Slice.Target)
		}
		if len(g.Parts) == 1 && c.Name == "" {
			return h[0]
		}
		if unknown(e.Total) {
			h = nil // such a component adds nothing to the group
		}
		parts = append(parts, h)
	}
	if whole := review.Compose(p.SLO, p.Replay.By, parts); len(whole) > 0 {
		return whole[0]
	}
	none := slo.NewSeries(g.Labels, coarse.N)
	return review.Join(coarse, p.Replay.By, []slo.Series{none}, nil, review.Bad)[0]
}

func unknown(values []float64) bool {
	for _, v := range values {
		if !math.IsNaN(v) {
			return false
		}
	}
	return true
}

// budget is how much the budget of a period has of a group's events, at the traffic since the time of interest.
func (p *Past) events(sums review.Sums) float64 {
	return sums.Between(p.Since, p.end()).PeriodEvents(p.SLO.Period.Length, p.step())
}

// spent is the share of the period's budget that was gone of a group when an alert fires, since its incident began, or in the
// hour before: by the steps that end at that evaluation, a step before it, and so on; slices end at their own times.
func (p *Past) spent(g Group, events float64, at time.Time, incidents []Incident) float64 {
	from := at.Add(-time.Hour)
	for _, in := range incidents {
		if !in.Start.After(at) && at.Before(in.End.Add(Grace)) {
			from = in.Start
		}
	}
	last, step := at, time.Duration(p.step())
	if p.Replay.Slice > 0 {
		last = at.Truncate(step)
	}
	n := int((last.Sub(from) + step - 1) / step)
	if n <= 0 || events <= 0 {
		return 0
	}
	span := p.at(g, slo.Grid{From: last.Add(-step * time.Duration(n-1)), Step: slo.Window(step), N: n}).Sums().Steps(0, n)
	return span.Burn(p.SLO.Objective) * span.Total / events
}
