package backtest

import (
	"math"

	"treadmill/rules/compile"
	"treadmill/slo"
)

// Fast replays the rules that Treadmill makes of an SLO, for one group of it, without PromQL: the same sums in the same
// order, so that it agrees with the engine to the evaluation. Total and part are what the SLO's queries give at each
// evaluation of the grid, NaN where they give nothing; part counts good events where the SLO has a query for them. The grid
// has the step r.Every and lies on whole tiles. The result says for each severity at which evaluations its alert fires.
func Fast(r *compile.Replay, grid slo.Grid, total, part []float64) map[slo.Severity][]bool {
	f := &fast{r: r, n: grid.N, tile: int(slo.Tile / r.Every), windows: map[slo.Window]*window{}}
	f.phase = int(-grid.From.UnixMilli() / ms(r.Every) % int64(f.tile))
	if f.phase < 0 {
		f.phase += f.tile
	}
	for _, s := range append(append([]compile.Step{{Window: slo.Tile}}, r.Quick...), r.Budget...) {
		f.windows[s.Window] = newWindow(grid.N)
	}
	f.quick, f.budget = f.links(r.Quick), f.links(r.Budget)
	f.kept = f.windows[r.Period]
	f.replay(total, part)
	return f.alerts()
}

func ms(w slo.Window) int64 { return int64(w) / 1e6 }

// window is the recorded events of one window at each evaluation, NaN where none are.
type window struct{ total, bad []float64 }

func newWindow(n int) *window { return &window{make([]float64, n), make([]float64, n)} }

// link is a compile.Step with its series, lengths in evaluations.
type link struct {
	to, of      *window
	count, step int
	reach       int
}

type fast struct {
	r             *compile.Replay
	n, tile       int // evaluations; of a tile
	phase         int // the first evaluation on a whole tile
	windows       map[slo.Window]*window
	quick, budget []link
	kept          *window
}

func (f *fast) links(steps []compile.Step) []link {
	var out []link
	for _, s := range steps {
		out = append(out, link{to: f.windows[s.Window], of: f.windows[s.Of], count: s.Count, step: int(s.Of / f.r.Every), reach: int(s.Reach / f.r.Every)})
	}
	return out
}

// replay evaluates the recording rules at each time: tiles, windows of alerts and, on whole tiles, windows of the period.
func (f *fast) replay(total, part []float64) {
	tiles := f.windows[slo.Tile]
	nan := math.NaN()
	for _, w := range f.windows {
		for i := range w.total {
			w.total[i], w.bad[i] = nan, nan
		}
	}
	for i := range f.n {
		t := total[i]
		if t != t && f.wasKept(i) {
			t = 0
		}
		tiles.total[i], tiles.bad[i] = t, f.badOf(t, part[i])
		for k := range f.quick {
			f.sum(&f.quick[k], i)
		}
		if i%f.tile == f.phase {
			for k := range f.budget {
				f.sum(&f.budget[k], i)
			}
		}
	}
}

// badOf is the bad events of a tile, as the rules take them from the part that the SLO counts.
func (f *fast) badOf(total, part float64) float64 {
	if f.r.Good == "" {
		if part != part {
			return 0 * total
		}
		return part
	}
	if part != part {
		part = 0 * total
	}
	if bad := total - part; !(bad < 0) {
		return bad
	}
	return 0
}

// wasKept reports whether a group without events had some in its period, by what was recorded last.
func (f *fast) wasKept(i int) bool {
	for j := i - 1; j >= 0 && j > i-int(compile.KeptReach/f.r.Every); j-- {
		if v := f.kept.total[j]; v == v {
			return v > 0
		}
	}
	return false
}

// sum adds up one window.
func (f *fast) sum(l *link, i int) {
	total, bad := l.of.total[i], l.of.bad[i]
	l.to.total[i] = f.added(l, l.of.total, i, total, total)
	l.to.bad[i] = f.added(l, l.of.bad, i, bad, 0*bad)
}

func (f *fast) added(l *link, values []float64, i int, now, unknown float64) float64 {
	if now != now {
		return now
	}
	sum := now
	for k, j := 1, i-l.step; k < l.count; k, j = k+1, j-l.step {
		v := math.NaN()
		if j >= 0 {
			v = values[j]
		}
		if v != v {
			if v = f.before(l, values, j); v != v {
				v = unknown
			}
		}
		sum += v
	}
	return sum
}

// before is the newest value on a whole tile within the reach before an evaluation.
func (f *fast) before(l *link, values []float64, j int) float64 {
	for m := j - ((j-f.phase)%f.tile+f.tile)%f.tile; m > j-l.reach && m >= 0; m -= f.tile {
		if v := values[m]; v == v {
			return v
		}
	}
	return math.NaN()
}

// alerts compares the windows.
func (f *fast) alerts() map[slo.Severity][]bool {
	out := map[slo.Severity][]bool{}
	for k := range f.r.Pairs {
		p := &f.r.Pairs[k]
		fires := out[p.Severity]
		if fires == nil {
			fires = make([]bool, f.n)
			out[p.Severity] = fires
		}
		long, short := f.windows[p.Long], f.windows[p.Short]
		for i := range fires {
			if long.bad[i] > 0 && p.Fires(long.bad[i], long.total[i], short.bad[i], short.total[i]) {
				fires[i] = true
			}
		}
	}
	return out
}
