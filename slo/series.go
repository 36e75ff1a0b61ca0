package slo

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Grid is the moments From, From + Step, …: N of them. Steps are whole milliseconds.
type Grid struct {
	From time.Time
	Step Window
	N    int
}

// NewGrid is the grid of the whole multiples of a step since 1970 that lie after from and not after to, as windows end at them.
func NewGrid(from, to time.Time, step Window) Grid {
	ms := int64(step) / int64(time.Millisecond)
	first, last := from.UnixMilli()/ms+1, to.UnixMilli()/ms
	return Grid{From: time.UnixMilli(first * ms).UTC(), Step: step, N: int(max(0, last-first+1))}
}

// At is moment i.
func (g Grid) At(i int) time.Time { return g.From.Add(time.Duration(g.Step) * time.Duration(i)) }

// Index is the place of a moment on the grid. It reports false for moments that are not on it.
func (g Grid) Index(at time.Time) (int, bool) {
	d := at.Sub(g.From)
	i := d / time.Duration(g.Step)
	return int(i), d >= 0 && d%time.Duration(g.Step) == 0 && i < time.Duration(g.N)
}

// Series is the values of one labelled thing at each moment of a grid; NaN is where it has none.
type Series struct {
	Labels map[string]string
	Values []float64
}

// NewSeries is a series without a value anywhere.
func NewSeries(labels map[string]string, n int) Series {
	s := Series{Labels: labels, Values: make([]float64, n)}
	for i := range s.Values {
		s.Values[i] = math.NaN()
	}
	return s
}

// Answer is what a server, or a store of samples, knows about a query over a grid.
type Answer struct {
	Series   []Series // by their labels
	Warnings []string // what was said besides: parts that did not answer, for example
	NaN      int      // values that are NaN in the answer itself, which cannot be told from none in Series
}

// Median is the middle of values, and the mean of the two in the middle where their number is even; 0 without any.
func Median[T interface{ ~int | ~int64 | ~float64 }](values []T) T {
	sorted := slices.SortedFunc(slices.Values(values), cmp.Compare[T])
	if len(sorted) == 0 {
		return 0
	}
	low, high := sorted[(len(sorted)-1)/2], sorted[len(sorted)/2]
	return low + (high-low)/2
}
