package tsdb

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/tsdb/record"

	"treadmill/rules/eval"
)

// replay goes through a log and keeps the series whose names match, by the rules of the server's own replay
// (https://github.com/prometheus/prometheus/blob/main/tsdb/head_wal.go, read 2026-11): a series may have several numbers, samples
// in order are kept once, older ones than the blocks' end not at all.
type replay struct {
	ctx    context.Context
	names  []*labels.Matcher
	from   int64
	late   bool // the log of samples out of order is being read
	all    []*newest
	byRef  map[chunks.HeadSeriesRef]*newest
	byHash map[uint64][]*newest

	decoder    record.Decoder
	series     []record.RefSeries
	samples    []record.RefSample
	histograms []record.RefHistogramSample
	floats     []record.RefFloatHistogramSample
}

// read reads both logs. A file that breaks off is an error, unless it is the last one of a log: there a server may be writing, or it
// was killed. What cannot be read then is told apart from the error, as broken.
func (r *replay) read(log, late []*segment) (broken, err error) {
	r.decoder = record.NewDecoder(nil, slog.New(slog.DiscardHandler))
	for _, all := range [][]*segment{log, late} {
		for i, s := range all {
			err := s.records(r.record)
			var torn *brokenLog
			switch {
			case err == nil:
			case r.ctx.Err() != nil:
				return nil, r.ctx.Err()
			case i == len(all)-1 && errors.As(err, &torn):
				broken = errors.Join(broken, fmt.Errorf("%w; what the server wrote after it is not known", err))
			default:
				return nil, err
			}
		}
		r.late = true
	}
	for _, n := range r.all {
		n.app = nil
	}
	slices.SortFunc(r.all, func(a, b *newest) int { return labels.Compare(a.labels, b.labels) })
	return broken, nil
}

// record takes one record in. The decoder trusts what it reads: that it panics on bytes which no server writes is an error as well.
func (r *replay) record(rec []byte) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the record cannot be decoded: %v", p)
		}
	}()
	if err := r.ctx.Err(); err != nil {
		return err
	}
	switch r.decoder.Type(rec) {
	case record.Series:
		err = r.takeSeries(rec)
	case record.Samples, record.SamplesV2:
		r.samples, err = r.decoder.Samples(rec, r.samples[:0])
		for _, s := range r.samples {
			r.take(s.Ref, eval.Sample{Millis: s.T, Value: s.V})
		}
	case record.HistogramSamples, record.CustomBucketsHistogramSamples, record.HistogramSamplesV2:
		r.histograms, err = r.decoder.HistogramSamples(rec, r.histograms[:0])
		for _, s := range r.histograms {
			if r.byRef[s.Ref] != nil {
				r.take(s.Ref, eval.Sample{Millis: s.T, Histogram: s.H.ToFloat(nil)})
			}
		}
	case record.FloatHistogramSamples, record.CustomBucketsFloatHistogramSamples, record.FloatHistogramSamplesV2:
		r.floats, err = r.decoder.FloatHistogramSamples(rec, r.floats[:0])
		for _, s := range r.floats {
			r.take(s.Ref, eval.Sample{Millis: s.T, Histogram: s.FH})
		}
	case record.Tombstones:
		err = r.takeTombstones(rec)
	case record.MinValidTime:
		var mint int64
		mint, err = r.decoder.MinValidTime(rec)
		r.from = max(r.from, mint)
	}
	return err
}

func (r *replay) takeSeries(rec []byte) (err error) {
	r.series, err = r.decoder.Series(rec, r.series[:0])
	for _, s := range r.series {
		if !eval.Matches(s.Labels, r.names) {
			continue
		}
		h := s.Labels.Hash()
		i := slices.IndexFunc(r.byHash[h], func(n *newest) bool { return labels.Equal(n.labels, s.Labels) })
		if i < 0 {
			i = len(r.byHash[h])
			n := &newest{labels: s.Labels.Copy(), maxt: math.MinInt64}
			r.all, r.byHash[h] = append(r.all, n), append(r.byHash[h], n)
		}
		r.byRef[s.Ref] = r.byHash[h][i]
	}
	return err
}

// take puts a sample into its series, where that is one of those which are kept.
func (r *replay) take(ref chunks.HeadSeriesRef, s eval.Sample) {
	n := r.byRef[ref]
	if n == nil || !r.late && s.Millis < r.from {
		return
	}
	if s.Histogram == nil && !r.late {
		n.add(s.Millis, s.Value)
		return
	}
	if h := s.Histogram; h != nil && h.CounterResetHint != histogram.GaugeType {
		h.CounterResetHint = histogram.UnknownCounterReset
	}
	if !r.late {
		if s.Millis <= n.maxt {
			return
		}
		n.maxt = s.Millis
	}
	n.others = append(n.others, s)
}

func (r *replay) takeTombstones(rec []byte) error {
	stones, err := r.decoder.Tombstones(rec, nil)
	for _, s := range stones {
		n := r.byRef[chunks.HeadSeriesRef(s.Ref)]
		for _, i := range s.Intervals {
			switch {
			case n == nil:
			case i.Mint == math.MinInt64 && i.Maxt == math.MaxInt64: // the series went into a block of its own
				*n = newest{labels: n.labels, maxt: math.MinInt64}
			default:
				n.gone = n.gone.Add(i)
			}
		}
	}
	return err
}
