package tsdb

import (
	"context"
	"fmt"
	"slices"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/tsdb/index"
	"github.com/prometheus/prometheus/tsdb/tombstones"
	"github.com/prometheus/prometheus/util/annotations"

	"treadmill/rules/eval"
)

// querier reads one block.
type querier struct {
	noLabels
	block      *block
	mint, maxt int64
}

// Select gives the series that match, ordered by their labels.
func (q *querier) Select(ctx context.Context, _ bool, hints *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	mint, maxt := q.mint, q.maxt
	if hints != nil {
		mint, maxt = hints.Start, hints.End
	}
	postings, err := q.postings(ctx, matchers)
	if err != nil {
		return storage.ErrSeriesSet(q.located("index", err))
	}
	var found []storage.Series
	var builder labels.ScratchBuilder
	for postings.Next() {
		var metas []chunks.Meta
		if err := q.block.index.Series(postings.At(), &builder, &metas); err != nil {
			return storage.ErrSeriesSet(q.located("index", err))
		}
		metas = slices.DeleteFunc(metas, func(m chunks.Meta) bool { return !m.OverlapsClosedInterval(mint, maxt) })
		gone, err := q.block.deleted.Get(postings.At())
		if err != nil {
			return storage.ErrSeriesSet(q.located(tombstones.TombstonesFilename, err))
		}
		if len(metas) > 0 {
			found = append(found, &series{q, builder.Labels(), metas, gone, mint, maxt})
		}
	}
	if err := postings.Err(); err != nil {
		return storage.ErrSeriesSet(q.located("index", err))
	}
	slices.SortFunc(found, func(a, b storage.Series) int { return labels.Compare(a.Labels(), b.Labels()) })
	return &set{found: found, at: -1}
}

func (q *querier) located(file string, err error) error {
	return fmt.Errorf("%s/%s: %w", q.block.dir, file, err)
}

// postings are the series that all matchers match. What matches a label that is not there is taken away rather than looked up.
func (q *querier) postings(ctx context.Context, matchers []*labels.Matcher) (index.Postings, error) {
	ir := q.block.index
	var all, without []index.Postings
	for _, m := range matchers {
		switch {
		case m.Matches(""):
			without = append(without, ir.PostingsForLabelMatching(ctx, m.Name, func(v string) bool { return !m.Matches(v) }))
		case m.Type == labels.MatchEqual:
			p, err := ir.Postings(ctx, m.Name, m.Value)
			if err != nil {
				return nil, err
			}
			all = append(all, p)
		default:
			all = append(all, ir.PostingsForLabelMatching(ctx, m.Name, m.Matches))
		}
	}
	if len(all) == 0 {
		name, value := index.AllPostingsKey()
		p, err := ir.Postings(ctx, name, value)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	out := index.Intersect(all...)
	for _, p := range without {
		out = index.Without(out, p)
	}
	return out, nil
}

// noLabels is the part of a querier that the engine does not use.
type noLabels struct{}

// LabelValues and LabelNames are not used by the engine.
func (noLabels) LabelValues(context.Context, string, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

func (noLabels) LabelNames(context.Context, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

// Close has nothing to do: the files belong to the DB.
func (noLabels) Close() error { return nil }

// series is one series of a block.
type series struct {
	q          *querier
	labels     labels.Labels
	metas      []chunks.Meta
	gone       tombstones.Intervals
	mint, maxt int64
}

func (s *series) Labels() labels.Labels { return s.labels }

// Iterator decodes what was asked for and not deleted since.
func (s *series) Iterator(chunkenc.Iterator) chunkenc.Iterator {
	var out []eval.Sample
	for _, meta := range s.metas {
		chunk, _, err := s.q.block.chunks.ChunkOrIterable(meta)
		if err == nil {
			out, err = s.decode(out, chunk)
		}
		if err != nil {
			return broken{chunkenc.NewNopIterator(), s.q.located("chunks", fmt.Errorf("%s: %w", s.labels, err))}
		}
	}
	return eval.Iterator(out)
}

func (s *series) decode(out []eval.Sample, chunk chunkenc.Chunk) ([]eval.Sample, error) {
	it := chunk.Iterator(nil)
	sure := false // that nothing was left out before a histogram
	for kind := it.Next(); kind != chunkenc.ValNone; kind = it.Next() {
		t := it.AtT()
		if t < s.mint || t > s.maxt || deleted(s.gone, t) {
			sure = false
			continue
		}
		one := eval.Sample{Millis: t}
		if kind == chunkenc.ValFloat {
			_, one.Value = it.At()
		} else if _, one.Histogram = it.AtFloatHistogram(nil); !sure && one.Histogram.CounterResetHint != histogram.GaugeType {
			one.Histogram.CounterResetHint = histogram.UnknownCounterReset
		}
		out, sure = append(out, one), true
	}
	return out, it.Err()
}

// broken is a series that cannot be read.
type broken struct {
	chunkenc.Iterator
	err error
}

func (b broken) Err() error { return b.err }

type set struct {
	found    []storage.Series
	at       int
	warnings annotations.Annotations
}

func (s *set) Next() bool                        { s.at++; return s.at < len(s.found) }
func (s *set) At() storage.Series                { return s.found[s.at] }
func (s *set) Err() error                        { return nil }
func (s *set) Warnings() annotations.Annotations { return s.warnings }
