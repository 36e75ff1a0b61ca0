package review

import "time"

// Known is what of a stretch of time anything is known.
type Known struct {
	Share float64 // of its steps, or of those since First where it begins late
	// First is where the first step begins of which anything is known, zero where it is the first one, or none is.
	First time.Time
	// GapFrom and GapTo are the longest time since First of which nothing is known; both are zero without one.
	GapFrom, GapTo time.Time
}

// late is the share of a stretch of time by which its history may begin late, as much as may be missing without a word.
const late = 0.01

// Known says what of the steps after from and up to to is known. A history that begins late is told from one with gaps.
func (h History) Known(from, to time.Time) Known {
	sums := h.Sums()
	begin, end := sums.place(from), sums.place(to)
	is := func(i int) bool { return i >= 0 && i < h.Grid.N && sums.known[i+1] > sums.known[i] }
	first := begin
	for first < end && !is(first) {
		first++
	}
	var out Known
	if first == end {
		return out
	}
	if float64(first-begin) > late*float64(end-begin) {
		out.First, begin = h.Grid.At(first-1), first
	}
	out.Share = sums.Steps(begin, end).Coverage()
	longest := 0
	for i, start := begin, begin; i <= end; i++ {
		if i < end && !is(i) {
			continue
		}
		if n := i - start; n > longest {
			longest, out.GapFrom, out.GapTo = n, h.Grid.At(start-1), h.Grid.At(i-1)
		}
		start = i + 1
	}
	return out
}
