package quality

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"treadmill/internal/diag"
	"treadmill/slo"
)

// layout is how many histograms have each bucket at one moment, by its upper bound: "1" and "1.0" are one bound.
type layout map[float64]float64

// layouts is the layout at each moment of a grid, nil where there is no series.
func layouts(shape slo.Answer, n int) []layout {
	out := make([]layout, n)
	for _, s := range shape.Series {
		le, err := strconv.ParseFloat(s.Labels[labels.BucketLabel], 64)
		if err != nil {
			continue
		}
		for i, v := range s.Values {
			if v != v {
				continue
			}
			if out[i] == nil {
				out[i] = layout{}
			}
			out[i][le] += v
		}
	}
	return out
}

// less is the bounds that another layout does not have.
func (l layout) less(other layout) string {
	var out []string
	for _, le := range l.sorted() {
		if _, has := other[le]; !has {
			out = append(out, strconv.FormatFloat(le, 'g', -1, 64))
		}
	}
	return listed(out)
}

func (l layout) sorted() []float64 {
	var out []float64
	for le := range l {
		if !math.IsInf(le, 1) {
			out = append(out, le)
		}
	}
	slices.Sort(out)
	return out
}

// lacking is how many histograms do not have the bound that is read, of how many.
func (l layout) lacking(bound *labels.Matcher) (n, of float64) {
	of = l[math.Inf(1)]
	have := 0.0
	for le, count := range l {
		text := strconv.FormatFloat(le, 'g', -1, 64)
		if bound.Matches(text) || bound.Matches(text+".0") {
			have = max(have, count)
		}
	}
	return max(0, of-have), of
}

// buckets tells of histograms without the bound that is read, whose events are then bad or not seen, or else of other changes of buckets.
func (d *checker) buckets(s selector, shape slo.Answer) {
	all := layouts(shape, d.grid.N)
	from, to, n, of := -1, -1, 0.0, 0.0
	for i, l := range all {
		lacks, have := l.lacking(s.bound)
		if lacks == 0 {
			continue
		}
		if from < 0 {
			from = i
		}
		if to = i; lacks > n {
			n, of = lacks, have
		}
	}
	if from >= 0 {
		d.say(
			FindingBuckets,
			diag.Warning,
			fmt.Sprintf(
				"%s: histograms without a bucket %s: %.0f of %.0f, seen from %s to %s; their events count as bad, or are not seen at all: take a bound that all of them have",
				s.metric(),
				plain(s.bound),
				n,
				of,
				d.at(from),
				d.at(to),
			),
		)
		return
	}
	if before, changed, after := change(all); changed >= 0 {
		d.say(
			FindingBuckets,
			diag.Warning,
			fmt.Sprintf("%s: the buckets changed between %s and %s: gone are %s, new are %s; a bound that is read must be there the whole time",
				s.metric(), d.at(before), d.at(changed), all[before].less(all[after]), all[after].less(all[before])),
		)
	}
}

// change is the last moment before the buckets changed and the first one after, and the one after that, when no series is left of
// before; -1 when they did not.
func change(all []layout) (before, changed, after int) {
	before, changed, after = -1, -1, -1
	for i, l := range all {
		switch {
		case l == nil:
		case changed >= 0:
			return before, changed, i
		case before >= 0 && !slices.Equal(all[before].sorted(), l.sorted()):
			changed, after = i, i
		default:
			before = i
		}
	}
	return before, changed, after
}

func (d *checker) at(i int) string { return d.grid.At(i).Format("2006-01-02 15:04") }

// plain is the bound as people write it.
func plain(m *labels.Matcher) string {
	return strings.TrimSuffix(m.Value, `(\.0)?`)
}
