// Package eval runs rule groups over samples in memory with Prometheus's own PromQL engine.
//
// The way through it: NewStore → Append samples → New(store, groups) → Eval at each interval → Alerts and Query. It keeps
// the state of alerts as Prometheus does: pending until "for" has passed, kept firing by "keep_firing_for", stale when gone.
// It neither knows where samples come from nor what an alert ought to do, and it notifies nobody.
package eval

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/util/annotations"
)

// Sample is a value of a series at a time in milliseconds since 1970: a float, or a histogram where there is one.
type Sample struct {
	Millis    int64
	Value     float64
	Histogram *histogram.FloatHistogram
}

// Store holds series in memory, ready for the engine. It is not safe for concurrent use.
type Store struct {
	byHash map[uint64][]*series
	byName map[string][]*series
}

type series struct {
	labels  labels.Labels
	samples samples
}

// NewStore is an empty store.
func NewStore() *Store {
	return &Store{byHash: map[uint64][]*series{}, byName: map[string][]*series{}}
}

// Append adds a sample to a series. As in Prometheus's own storage, a sample that is older than the newest one of its
// series is refused, and so is another value at the same time; the same value again is accepted and changes nothing.
func (s *Store) Append(ls labels.Labels, at Sample) error {
	one := s.series(ls)
	var before *histogram.FloatHistogram
	if n := len(one.samples); n > 0 {
		last := one.samples[n-1]
		before = last.Histogram
		switch {
		case at.Millis < last.Millis:
			return fmt.Errorf("%s: the sample is out of order: a later one is already stored", ls)
		case at.Millis == last.Millis && equal(at, last):
			return nil
		case at.Millis == last.Millis:
			return fmt.Errorf("%s: another value is already stored at this time", ls)
		}
	}
	at.Histogram = hinted(at.Histogram, before)
	one.samples = append(one.samples, at)
	return nil
}

// Drop forgets the series of a name.
func (s *Store) Drop(name string) {
	for _, one := range s.byName[name] {
		h := one.labels.Hash()
		s.byHash[h] = slices.DeleteFunc(s.byHash[h], func(x *series) bool { return x == one })
	}
	delete(s.byName, name)
}

func (s *Store) series(ls labels.Labels) *series {
	h := ls.Hash()
	for _, one := range s.byHash[h] {
		if labels.Equal(one.labels, ls) {
			return one
		}
	}
	one := &series{labels: ls}
	s.add(one)
	return one
}

func (s *Store) add(one *series) {
	h, name := one.labels.Hash(), one.labels.Get(labels.MetricName)
	s.byHash[h] = append(s.byHash[h], one)
	s.byName[name] = append(s.byName[name], one)
}

func equal(a, b Sample) bool {
	if a.Histogram != nil || b.Histogram != nil {
		return a.Histogram != nil && b.Histogram != nil && a.Histogram.Equals(b.Histogram)
	}
	return math.Float64bits(a.Value) == math.Float64bits(b.Value)
}

// hinted says of a histogram what the storage would on reading: that it goes on from the one before, or nothing.
func hinted(h, before *histogram.FloatHistogram) *histogram.FloatHistogram {
	if h == nil || h.CounterResetHint == histogram.GaugeType || value.IsStaleNaN(h.Sum) {
		return h
	}
	h = h.Copy()
	if h.CounterResetHint == histogram.NotCounterReset {
		h.CounterResetHint = histogram.UnknownCounterReset // storage looks for itself
	}
	reset := before == nil || h.DetectReset(before)
	h.CounterResetHint = histogram.NotCounterReset
	if reset {
		h.CounterResetHint = histogram.UnknownCounterReset
	}
	return h
}

// Querier opens the store for a time range in milliseconds, both ends included, as the engine asks for it.
func (s *Store) Querier(mint, maxt int64) (storage.Querier, error) {
	return &querier{store: s, mint: mint, maxt: maxt}, nil
}

type querier struct {
	store      *Store
	mint, maxt int64
}

// Select gives the series that match, ordered by their labels.
func (q *querier) Select(_ context.Context, _ bool, hints *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	mint, maxt := q.mint, q.maxt
	if hints != nil {
		mint, maxt = hints.Start, hints.End
	}
	var found []*series
	for _, one := range q.store.candidates(matchers) {
		if Matches(one.labels, matchers) {
			found = append(found, one)
		}
	}
	slices.SortFunc(found, func(a, b *series) int { return labels.Compare(a.labels, b.labels) })
	out := &seriesSet{at: -1}
	for _, one := range found {
		from := sort.Search(len(one.samples), func(i int) bool { return one.samples[i].Millis >= mint })
		to := sort.Search(len(one.samples), func(i int) bool { return one.samples[i].Millis > maxt })
		if from < to {
			out.series = append(out.series, entry{one.labels, one.samples[from:to]})
		}
	}
	return out
}

func (s *Store) candidates(matchers []*labels.Matcher) []*series {
	if at := slices.IndexFunc(matchers, named); at >= 0 {
		return s.byName[matchers[at].Value]
	}
	var all []*series
	for _, some := range s.byName {
		all = append(all, some...)
	}
	return all
}

// Matches reports whether labels match every matcher; a label that is not there is empty.
func Matches(ls labels.Labels, matchers []*labels.Matcher) bool {
	for _, m := range matchers {
		if !m.Matches(ls.Get(m.Name)) {
			return false
		}
	}
	return true
}

// LabelValues and LabelNames are not used by the engine.
func (q *querier) LabelValues(context.Context, string, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

func (q *querier) LabelNames(context.Context, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

func (q *querier) Close() error { return nil }

type entry struct {
	labels  labels.Labels
	samples samples
}

func (e entry) Labels() labels.Labels { return e.labels }
func (e entry) Iterator(chunkenc.Iterator) chunkenc.Iterator {
	return Iterator(e.samples)
}

type seriesSet struct {
	series []entry
	at     int
}

func (s *seriesSet) Next() bool                        { s.at++; return s.at < len(s.series) }
func (s *seriesSet) At() storage.Series                { return s.series[s.at] }
func (s *seriesSet) Err() error                        { return nil }
func (s *seriesSet) Warnings() annotations.Annotations { return nil }

// Iterator goes through samples in the order of time.
func Iterator(of []Sample) chunkenc.Iterator { return storage.NewListSeriesIterator(samples(of)) }

// samples and stored give the engine's words for our samples. Histograms are handed out as copies, as the engine may change them.
type samples []Sample

func (s samples) Get(i int) chunks.Sample { return (*stored)(&s[i]) }
func (s samples) Len() int                { return len(s) }

type stored Sample

func (s *stored) T() int64                      { return s.Millis }
func (s *stored) ST() int64                     { return 0 }
func (s *stored) F() float64                    { return s.Value }
func (s *stored) H() *histogram.Histogram       { return nil }
func (s *stored) FH() *histogram.FloatHistogram { return s.Histogram.Copy() }

func (s *stored) Copy() chunks.Sample {
	out := *s
	return &out
}

func (s *stored) Type() chunkenc.ValueType {
	if s.Histogram != nil {
		return chunkenc.ValFloatHistogram
	}
	return chunkenc.ValFloat
}
