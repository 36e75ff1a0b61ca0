package query

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/slo"
)

// Precise is the measure for those who look back and need every event once. The rules' increase() over a tile knows the
// increments between the tile's own scrapes and scales them up, so that the one between two tiles is guessed, which at a scrape a
// minute is one of five. Precise reads each counter at both ends of a tile, so that tiles join without a gap at any spacing of
// scrapes below a tile. Where a counter was reset it takes the increase from the scrape before the tile on, and where it was born or
// lost within the tile what the rules take. Native histograms and slices of time stay as the rules have them.
//
// Scrape is the time between two scrapes (Spacing), 0 where it is not known.
func (m Measure) Precise(scrape slo.Window) Measure {
	if scrape == 0 {
		scrape = slo.Minute
	}
	for _, text := range []*string{&m.Total, &m.Bad, &m.Good} {
		*text = m.counters(*text, func(v *parser.VectorSelector) parser.Expr { return m.precise(v, m.Window+scrape) })
	}
	return m
}

// counters is a query with what f gives in the place of each increase(counter[tile]).
func (m Measure) counters(text string, f func(*parser.VectorSelector) parser.Expr) string {
	e := parsed(text)
	if e == nil || m.Slice.Window > 0 {
		return text
	}
	return replaced(e, func(e parser.Expr) parser.Expr {
		if v := m.counter(e); v != nil {
			return f(v)
		}
		if c, ok := e.(*parser.Call); ok && strings.HasPrefix(c.Func.Name, "histogram_") {
			return c
		}
		return nil
	}).String()
}

// parsed is a query as a tree, nil where there is none.
func parsed(text string) parser.Expr {
	e, err := parser.NewParser(parser.Options{}).ParseExpr(text)
	if err != nil {
		return nil // of a measure, only the text "" is none
	}
	return e
}

// precise is the increase of a counter over a tile; wide is the tile and the scrape before it.
func (m Measure) precise(v *parser.VectorSelector, wide slo.Window) parser.Expr {
	past := *v
	past.OriginalOffset += time.Duration(m.Window)
	return parsed(fmt.Sprintf("(%[1]s - %[2]s >= 0 unless resets(%[3]s) > 0 or increase(%[3]s) * %[5]v / %[6]v and %[2]s or increase(%[4]s))",
		v, &past, over(v, wide), over(v, m.Window), time.Duration(m.Window).Seconds(), time.Duration(wide).Seconds()))
}

func over(v *parser.VectorSelector, w slo.Window) string {
	return (&parser.MatrixSelector{VectorSelector: v, Range: time.Duration(w)}).String()
}

// counter is the selector of increase(selector[tile]), nil for any other expression.
func (m Measure) counter(e parser.Expr) *parser.VectorSelector {
	c, ok := e.(*parser.Call)
	if !ok || c.Func.Name != "increase" {
		return nil
	}
	s, ok := c.Args[0].(*parser.MatrixSelector)
	if !ok || s.Range != time.Duration(m.Window) {
		return nil
	}
	v, _ := s.VectorSelector.(*parser.VectorSelector)
	return v
}

// probed is the time in which Probe counts scrapes.
const probed = slo.Hour / 2

// Probe is a query for how often the counters of the measure were scraped in half an hour, as the median of their series;
// "" where it reads no counter.
func (m Measure) Probe() string {
	var counts []string
	for _, text := range []string{m.Total, m.Bad, m.Good} {
		m.counters(text, func(v *parser.VectorSelector) parser.Expr {
			counts = append(counts, "count_over_time("+over(v, probed)+")")
			return v
		})
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
