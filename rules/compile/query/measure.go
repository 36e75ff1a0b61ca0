package query

import (
	"strconv"
	"strings"
	"time"

	"treadmill/internal/diag"
	"treadmill/slo"
)

// Measure is how the events of an SLO are counted: what its rules record, as queries that any server
// answers without them.
type Measure struct {
	Total     string // events within Window before each moment, by the labels By
	Bad, Good string // of those; one of the two is set
	By        []string
	Window    slo.Window // the tile, or the slice where slices of time are counted
	Slice     slo.Slice
	Counted   bool // the numbers are events, so that statistics of events hold
	Counters  []Counter
	Written   []string // the total and the part of it in short

	fine [2]string // total and part, with marks
	good bool      // the part is good events
}

// MeasureOf gives the queries of an SLO. They are empty when a finding is an error.
func MeasureOf(s slo.SLO) (Measure, []diag.Finding) {
	w := slo.Tile
	if s.Indicator.Slice.Window > 0 {
		w = s.Indicator.Slice.Window
	}
	e := Count(s.Indicator, w)
	if diag.Any(e.Findings, diag.Error) {
		return Measure{}, e.Findings
	}
	m := Measure{
		fine:     e.fine(),
		good:     e.Good,
		By:       e.By,
		Window:   w,
		Slice:    s.Indicator.Slice,
		Counted:  e.Counted,
		Counters: e.Counters,
		Written:  e.Written,
	}
	return m.Scraped(0), e.Findings
}

// Scraped is the measure of counters that are scraped so often (Spacing), 0 where that is not known: at resets it looks one scrape
// further back.
func (m Measure) Scraped(every slo.Window) Measure {
	if every == 0 {
		every = slo.Minute
	}
	wide := m.Window + every
	marks := strings.NewReplacer(wideMark, wide.String(), wideSeconds, strconv.FormatFloat(time.Duration(wide).Seconds(), 'f', -1, 64))
	m.Total = marks.Replace(m.fine[0])
	part := &m.Bad
	if m.good {
		part = &m.Good
	}
	*part = marks.Replace(m.fine[1])
	return m
}
