package backtest

import (
	"math"

	"treadmill/rules/compile"
	"treadmill/slo"
)

// sliced is slices of time while they are replayed: what each part recorded of them at each evaluation, and the verdict on each
// slice that ended, at the whole multiples of its length, as a subquery looks at them.
type sliced struct {
	r       *compile.Replay
	grid    slo.Grid
	kept    kept
	parts   []*window
	first   int64 // the slice that ends at or after the first evaluation, counted from 1970
	verdict []float64
	next    int // the slice whose verdict is due
	inTile  int
}

func newSliced(r *compile.Replay, grid slo.Grid, k kept) *sliced {
	s := &sliced{r: r, grid: grid, kept: k, inTile: int(slo.Tile / r.Slice)}
	for range r.Parts {
		s.parts = append(s.parts, newWindow(grid.N))
	}
	s.first = (grid.From.UnixMilli() + ms(r.Slice) - 1) / ms(r.Slice)
	return s
}

// end is the number of slices, from the first on, that have ended at an evaluation.
func (s *sliced) end(i int) int {
	return int(s.grid.At(i).UnixMilli()/ms(s.r.Slice) - s.first + 1)
}

// tile records an evaluation and gives the slices of the tile that ends with it, and the bad ones.
func (s *sliced) tile(g Group, i int) (total, bad float64) {
	for k, w := range s.parts {
		w.total[i], w.bad[i] = counts(&s.r.Parts[k], s.kept, g.Parts[k], i)
	}
	for end := s.end(i); s.next < end; s.next++ {
		s.verdict = append(s.verdict, s.judge(s.evaluation(s.next)))
	}
	var seen int
	var sum adder
	for k := max(0, s.next-s.inTile); k < s.next; k++ {
		if s.seen(k) {
			seen++
		}
		sum.add(s.verdict[k])
	}
	switch {
	case seen == 0:
		return math.NaN(), sum.sum()
	case !sum.some:
		return float64(seen), 0
	}
	return float64(seen), sum.sum()
}

// evaluation is the one at which a slice was recorded: the last before its end.
func (s *sliced) evaluation(slice int) int {
	return int(((s.first+int64(slice))*ms(s.r.Slice) - s.grid.From.UnixMilli()) / ms(s.r.Every))
}

// seen reports whether anything is known of a slice.
func (s *sliced) seen(slice int) bool {
	i := s.evaluation(slice)
	for _, w := range s.parts {
		if w.total[i] == w.total[i] {
			return true
		}
	}
	return false
}

// judge is the verdict on the slice that was recorded at an evaluation: of a composite the sum of its parts', to one at the most.
func (s *sliced) judge(i int) float64 {
	var sum adder
	for k, w := range s.parts {
		sum.add(s.r.Parts[k].Verdict(w.bad[i], w.total[i]))
	}
	if s.r.Parts[0].Name == "" || !sum.some {
		return sum.sum()
	}
	return min(1, sum.sum())
}
