package backtest

import (
	"math"
	"time"

	"treadmill/slo"
	"treadmill/slo/review"
)

// Course is how the share of bad events of a group went since the time of interest, in columns of equal length: the lowest and
// the highest in each, NaN where nothing is known.
type Course struct {
	SLO    string
	Labels map[string]string
	Tile   Columns    // over five minutes
	Window slo.Window // the long window of the quickest alert
	Long   Columns    // over that
	Spent  float64    // how many times what the budget allows was bad
}

// Columns is the lowest and the highest of each column.
type Columns struct{ Low, High []float64 }

// Courses are those of the groups, in at most so many columns. Of a composite, the share is that of its components by weight; where
// slices of time are counted, that of bad slices.
func (p *Past) Courses(columns int) []Course {
	tiles := slo.NewGrid(p.Since, p.end(), slo.Tile)
	columns = min(columns, tiles.N)
	long := slo.Hour
	if len(p.Replay.Pairs) > 0 {
		long = p.Replay.Pairs[0].Long
	}
	var out []Course
	for _, g := range p.groups() {
		c := Course{SLO: p.SLO.ID, Labels: g.Labels, Window: long, Tile: newColumns(columns), Long: newColumns(columns)}
		sums := p.history(g).Sums()
		for i := range tiles.N {
			at := tiles.At(i)
			c.Tile.add(i*columns/tiles.N, share(sums, at, slo.Tile))
			c.Long.add(i*columns/tiles.N, share(sums, at, long))
		}
		c.Spent = sums.Between(p.Since, p.end()).Burn(p.SLO.Objective)
		out = append(out, c)
	}
	return out
}

func share(sums review.Sums, at time.Time, window slo.Window) float64 {
	span := sums.Between(at.Add(-time.Duration(window)), at)
	if span.Known == 0 {
		return math.NaN()
	}
	return 1 - span.Attainment()
}

func newColumns(n int) Columns {
	return Columns{slo.NewSeries(nil, n).Values, slo.NewSeries(nil, n).Values}
}

func (c Columns) add(i int, v float64) {
	switch {
	case v != v:
	case c.Low[i] != c.Low[i]:
		c.Low[i], c.High[i] = v, v
	default:
		c.Low[i], c.High[i] = min(c.Low[i], v), max(c.High[i], v)
	}
}
