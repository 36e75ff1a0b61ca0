package query

import (
	"math"
	"slices"
	"strings"
	"time"

	"treadmill/slo"
)

// probed is the time in which Probe counts scrapes.
const probed = slo.Hour / 2

// Probe is a query for how often the counters of the measure were scraped in half an hour, as the median of their series;
// "" where it reads no counter.
func (m Measure) Probe() string {
	var counts []string
	for _, c := range m.Counters {
		counts = append(counts, "count_over_time("+over(c.selector, probed)+")")
	}
	if counts == nil {
		return ""
	}
	return "quantile(0.5, " + strings.Join(counts, " or ") + ")"
}

// Spacing is the time between two scrapes by what Probe answered at some moments, 0 when it answered nothing. A scrape that was
// missed makes it no longer: it is the median, in whole seconds below ten and in steps of five above.
func Spacing(counts []float64) slo.Window {
	known := slices.DeleteFunc(slices.Clone(counts), func(n float64) bool { return math.IsNaN(n) || n < 1 })
	if len(known) == 0 {
		return 0
	}
	slices.Sort(known)
	step := slo.Window(time.Second)
	each := slo.Window(float64(probed) / known[len(known)/2])
	if each > 10*step {
		step *= 5
	}
	return max(step, (each+step/2)/step*step)
}
