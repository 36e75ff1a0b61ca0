package query

import (
	"treadmill/internal/diag"
	"treadmill/slo"
)

// Measure is how the events of an SLO are counted: what its rules record, as queries that any server answers without them.
type Measure struct {
	Total     string // events within Window before each moment, by the labels By
	Bad, Good string // of those; one of the two is set
	By        []string
	Window    slo.Window // the tile, or the slice where slices of time are counted
	Slice     slo.Slice
	Counted   bool // the numbers are events, so that statistics of events hold
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
	return Measure{Total: e.Total, Bad: e.Bad, Good: e.Good, By: e.By, Window: w, Slice: s.Indicator.Slice, Counted: e.Counted}, e.Findings
}
