package review

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// The spans in linear time are those of the definition: of all spans the one with the largest sum, the shortest and first of equals, and
// then the same to its left and to its right.
func TestMaximalIsThatOfTheDefinition(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		values := rapid.SliceOfN(rapid.SampledFrom([]float64{-3, -2, -1, -1, 0, 1, 1, 2, 4}), 0, 40).Draw(rt, "values")
		want := byDefinition(values, 0, len(values))
		slices.SortFunc(want, func(a, b run) int { return cmp.Compare(a.from, b.from) })
		if got := maximal(values); !slices.Equal(got, want) {
			rt.Fatalf("%v: %v, want %v", values, got, want)
		}
	})
}

func byDefinition(values []float64, from, to int) []run {
	var best run
	top := 0.0
	for i := from; i < to; i++ {
		sum := 0.0
		for j := i; j < to; j++ {
			if sum += values[j]; sum > top || sum == top && top > 0 && j+1-i < best.to-best.from {
				best, top = run{i, j + 1}, sum
			}
		}
	}
	if top == 0 {
		return nil
	}
	return append(append(byDefinition(values, from, best.from), best), byDefinition(values, best.to, to)...)
}

// A year of steps of half a minute, every third of them bad, is a second's work and no deep recursion.
func BenchmarkMaximal(b *testing.B) {
	values := make([]float64, 365*2880)
	for i := range values {
		values[i] = -1
		if i%3 == 0 {
			values[i] = 1.5
		}
	}
	for b.Loop() {
		maximal(values)
	}
}
