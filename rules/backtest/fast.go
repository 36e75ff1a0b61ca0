package backtest

import (
	"math"

	"github.com/prometheus/prometheus/util/kahansum"

	"treadmill/rules/compile"
	"treadmill/slo"
)

// Fast replays the rules that Treadmill makes of an SLO, for one group of it, without PromQL: the same sums in the same
// order, so that it agrees with the engine to the evaluation. The group has what the queries of the SLO, or of each component
// of a composite, give at each evaluation of the grid. The grid has the step r.Every and lies on whole multiples of it. The
// result says for each severity at which evaluations its alert fires.
func Fast(r *compile.Replay, grid slo.Grid, g Group) map[slo.Severity][]bool {
	f := newFast(r, grid)
	for i := range f.n {
		if f.slices != nil {
			f.chains[0].total[i], f.chains[0].bad[i] = f.slices.tile(g, i)
		} else {
			for k, c := range f.chains {
				c.total[i], c.bad[i] = counts(&r.Parts[k], c.kept, g.Parts[k], i)
			}
		}
		for _, c := range f.chains {
			for k := range c.quick {
				f.sum(&c.quick[k], i)
			}
			for k := range c.budget {
				if i%f.tile == f.phase {
					f.sum(&c.budget[k], i)
				}
			}
		}
	}
	return f.alerts()
}

func ms(w slo.Window) int64 { return int64(w) / 1e6 }

// window is the recorded events of one window at each evaluation, NaN where none are.
type window struct{ total, bad []float64 }

func newWindow(n int) *window {
	w := &window{make([]float64, n), make([]float64, n)}
	for i := range w.total {
		w.total[i], w.bad[i] = math.NaN(), math.NaN()
	}
	return w
}

// link is a compile.Step with its series, lengths in evaluations.
type link struct {
	to, of      *window
	count, step int
	gap         int
	tiles       bool // made of tiles
}

// chain is the windows of one part, from the tile on.
type chain struct {
	*window       // the tile
	windows       map[slo.Window]*window
	quick, budget []link
	kept          kept
}

type fast struct {
	r       *compile.Replay
	n, tile int // evaluations; of a tile
	phase   int // the first evaluation on a whole tile
	chains  []*chain
	slices  *sliced
}

func newFast(r *compile.Replay, grid slo.Grid) *fast {
	f := &fast{r: r, n: grid.N, tile: int(slo.Tile / r.Every)}
	f.phase = int(-grid.From.UnixMilli() / ms(r.Every) % int64(f.tile))
	if f.phase < 0 {
		f.phase += f.tile
	}
	n := 1
	if r.Summed {
		n = len(r.Parts)
	}
	for range n {
		c := &chain{windows: map[slo.Window]*window{}}
		for _, s := range append(append([]compile.Step{{Window: slo.Tile}}, r.Quick...), r.Budget...) {
			c.windows[s.Window] = newWindow(f.n)
		}
		c.window, c.quick, c.budget = c.windows[slo.Tile], c.links(r, r.Quick), c.links(r, r.Budget)
		c.kept = kept{c.windows[r.Period].total, int(compile.KeptReach / r.Every)}
		f.chains = append(f.chains, c)
	}
	if r.Slice > 0 {
		f.slices = newSliced(r, grid, f.chains[0].kept)
	}
	return f
}

func (c *chain) links(r *compile.Replay, steps []compile.Step) []link {
	var out []link
	for _, s := range steps {
		out = append(
			out,
			link{
				to:    c.windows[s.Window],
				of:    c.windows[s.Of],
				count: s.Count,
				step:  int(s.Of / r.Every),
				gap:   int(compile.Gap / r.Every),
				tiles: s.Of == slo.Tile,
			},
		)
	}
	return out
}

// kept is the events of the period, by which a group without any stays at none.
type kept struct {
	period []float64
	reach  int
}

// at reports whether a group without events had some in its period, by what was recorded last.
func (k kept) at(i int) bool {
	for j := i - 1; j >= 0 && j > i-k.reach; j-- {
		if v := k.period[j]; v == v {
			return v > 0
		}
	}
	return false
}

// counts is all events and the bad ones at an evaluation, as the rules take them from what the queries give.
func counts(c *compile.Counted, k kept, e Events, i int) (total, bad float64) {
	total, bad = e.Total[i], e.Part[i]
	if total != total && k.at(i) {
		total = 0
	}
	if c.Good == "" {
		if bad != bad {
			bad = 0 * total
		}
		return total, bad
	}
	if bad != bad {
		bad = 0 * total
	}
	if bad = total - bad; bad < 0 {
		bad = 0
	}
	return total, bad
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
			v = f.missing(l, values, j, unknown)
		}
		sum += v
	}
	return sum
}

// missing stands in for what was not recorded at an evaluation.
func (f *fast) missing(l *link, values []float64, j int, unknown float64) float64 {
	if l.tiles {
		if k := j - l.gap; k >= 0 && l.of.total[k] == l.of.total[k] {
			return 0
		}
		return unknown
	}
	for m := j - ((j-f.phase)%f.tile+f.tile)%f.tile; m > j-l.gap && m >= 0; m -= f.tile {
		if v := values[m]; v == v {
			return v
		}
	}
	return unknown
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
		if f.r.Summed {
			f.together(p, fires)
			continue
		}
		long, short := f.chains[0].windows[p.Long], f.chains[0].windows[p.Short]
		for i := range fires {
			if long.bad[i] > 0 && p.Fires(long.bad[i], long.total[i], short.bad[i], short.total[i]) {
				fires[i] = true
			}
		}
	}
	return out
}

// together compares the windows of a composite, the burn of which is the sum of its parts'.
func (f *fast) together(p *compile.Watch, fires []bool) {
	for i := range fires {
		var long, short, sure adder
		for k, c := range f.chains {
			part, l, s := &f.r.Parts[k], c.windows[p.Long], c.windows[p.Short]
			long.add(part.Burn(l.bad[i], l.total[i]))
			short.add(part.Burn(s.bad[i], s.total[i]))
			sure.add(p.Sure(part, k, l.bad[i], l.total[i]))
		}
		if p.Burns(long.sum()) && p.Burns(short.sum()) && p.Burns(sure.sum()) {
			fires[i] = true
		}
	}
}

// adder adds up what there is as the engine does, with compensation; nothing at all is NaN.
type adder struct {
	value, rest float64
	some        bool
}

func (a *adder) add(v float64) {
	switch {
	case v != v:
	case a.some:
		a.value, a.rest = kahansum.Inc(v, a.value, a.rest)
	default:
		a.value, a.some = v, true
	}
}

func (a *adder) sum() float64 {
	if !a.some {
		return math.NaN()
	}
	return a.value + a.rest
}
