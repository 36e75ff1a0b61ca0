package tsdb

import (
	"context"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/util/annotations"

	"treadmill/rules/eval"
)

// headQuerier reads the newest samples.
type headQuerier struct {
	noLabels
	head       *head
	mint, maxt int64
}

// Select gives the series that match, ordered by their labels. A log that breaks off at its end is a warning.
func (q *headQuerier) Select(ctx context.Context, _ bool, hints *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	mint, maxt := q.mint, q.maxt
	if hints != nil {
		mint, maxt = hints.Start, hints.End
	}
	all, err := q.head.named(ctx, matchers)
	if err != nil {
		return storage.ErrSeriesSet(err)
	}
	out := &set{at: -1}
	if all.broken != nil {
		out.warnings = annotations.New().Add(all.broken)
	}
	for _, n := range all.series {
		if eval.Matches(n.labels, matchers) {
			out.found = append(out.found, &headSeries{n, mint, maxt})
		}
	}
	return out
}

// headSeries is one series of the log.
type headSeries struct {
	newest     *newest
	mint, maxt int64
}

func (s *headSeries) Labels() labels.Labels { return s.newest.labels }

// Iterator decodes what was asked for.
func (s *headSeries) Iterator(chunkenc.Iterator) chunkenc.Iterator {
	samples, err := s.newest.samples(s.mint, s.maxt)
	if err != nil {
		return broken{chunkenc.NewNopIterator(), err}
	}
	return eval.Iterator(samples)
}
