// Package quality finds what in raw series makes the events that queries count doubtful: counters that begin anew, series that an HA
// pair wrote twice, histograms whose buckets change, samples from the future.
//
// The way through it: the queries of an SLO → the selectors in them → a few coarse queries about their series, answered by a server
// or a store → findings without a place. Those queries cost a server about half of what counting costs it. It corrects nothing: what it
// finds is reported next to the numbers. Where there are no samples at all is not its matter, but that of package review.
package quality

import (
	"context"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/slo"
)

// The IDs of what Of finds.
const (
	FindingResets    = "history/resets"
	FindingReplicas  = "history/replicas"
	FindingBuckets   = "history/buckets"
	FindingClock     = "history/clock"
	FindingUnchecked = "history/unchecked"
)

// Source answers queries over a grid.
type Source func(ctx context.Context, query string, grid slo.Grid) (slo.Answer, error)

// Span is the time that is looked at.
type Span struct {
	Since, Now time.Time
	Clock      bool // Now is what the clock says: there can be no later samples
}

// Of asks about the series that queries count events by the labels by with. What cannot be asked is a finding too.
func Of(ctx context.Context, ask Source, queries, by []string, span Span) []diag.Finding {
	d := checker{ctx: ctx, ask: ask, by: by, span: span, grid: coarse(span)}
	if d.grid.N == 0 {
		return nil
	}
	all := selected(queries)
	for i, s := range all {
		shape, ok := d.shape(s)
		if !ok {
			return d.found // the server will not answer the other questions either
		}
		if i == 0 && !s.merged {
			d.replicas(s, shape)
		}
		if s.bound != nil {
			d.buckets(s, shape)
		}
		if s.counter && (s.bound == nil || len(all) == 1) {
			d.resets(s)
		}
		if i == 0 && span.Clock {
			d.future(s)
		}
	}
	return d.found
}

// checker are the findings while questions are asked.
type checker struct {
	ctx   context.Context
	ask   Source
	by    []string
	span  Span
	grid  slo.Grid
	found []diag.Finding
}

// coarse is about 60 moments of a span, on whole five minutes.
func coarse(span Span) slo.Grid {
	const moments = 60
	step := slo.Window(span.Now.Sub(span.Since)) / moments / slo.Tile * slo.Tile
	return slo.NewGrid(span.Since, span.Now, max(step, slo.Tile))
}

func (d *checker) say(id string, severity diag.Severity, message string) {
	d.found = append(d.found, diag.Finding{ID: id, Severity: severity, Message: message})
}

// asked is the answer to a question; none when there is none.
func (d *checker) asked(about, query string, grid slo.Grid) (slo.Answer, bool) {
	answer, err := d.ask(d.ctx, query, grid)
	if err != nil {
		d.say(FindingUnchecked, diag.Warning, "whether its series have "+about+" is not known: "+err.Error())
	}
	return answer, err == nil
}

// selector is a selector of a query, and what is done with it.
type selector struct {
	*parser.VectorSelector
	counter bool            // its increase is counted
	merged  bool            // of several series one is taken, or a mean
	bound   *labels.Matcher // the bucket that it reads
}

// selected is the selectors of queries, the widest of each metric, in the order in which the queries have them.
func selected(queries []string) []selector {
	var all []selector
	for _, q := range queries {
		expr, err := rules.ParseExpr(q)
		if err != nil {
			continue
		}
		parser.Inspect(expr, func(n parser.Node, path []parser.Node) error {
			if v, ok := n.(*parser.VectorSelector); ok {
				all = append(all, read(v, path))
			}
			return nil
		})
	}
	var out []selector
	for i, s := range all {
		if !slices.ContainsFunc(all[:i], s.within) &&
			!slices.ContainsFunc(all[i+1:], func(o selector) bool { return s.within(o) && !o.within(s) }) {
			out = append(out, s)
		}
	}
	return out
}

// within reports whether another selector finds all that this one does, by its matchers.
func (s selector) within(other selector) bool {
	for _, m := range other.LabelMatchers {
		if !slices.ContainsFunc(s.LabelMatchers, func(own *labels.Matcher) bool { return own.String() == m.String() }) {
			return false
		}
	}
	return true
}

func read(v *parser.VectorSelector, path []parser.Node) selector {
	s := selector{VectorSelector: &parser.VectorSelector{Name: v.Name, LabelMatchers: v.LabelMatchers}}
	for _, m := range v.LabelMatchers {
		if m.Name == labels.BucketLabel && !m.Matches("+Inf") {
			s.bound = m
		}
	}
	for _, n := range path {
		switch n := n.(type) {
		case *parser.Call:
			s.counter = s.counter || slices.Contains([]string{"increase", "rate", "irate"}, n.Func.Name)
		case *parser.AggregateExpr:
			s.merged = s.merged || n.Op != parser.SUM && n.Op != parser.COUNT
		}
	}
	return s
}

// without is the selector without matchers of a label.
func (s selector) without(label string) string {
	v := parser.VectorSelector{Name: s.Name}
	for _, m := range s.LabelMatchers {
		if m.Name != label {
			v.LabelMatchers = append(v.LabelMatchers, m)
		}
	}
	return v.String()
}

// metric is what people call the series.
func (s selector) metric() string {
	if s.Name != "" {
		return s.Name
	}
	return s.String()
}
