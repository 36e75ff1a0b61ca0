package eval

import (
	"sort"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

// iterator walks over the samples of a series as the engine wants it. Histograms are handed out as copies, as the engine
// may change them.
type iterator struct {
	samples []Sample
	at      int
}

func (it *iterator) Next() chunkenc.ValueType {
	it.at++
	return it.kind()
}

// Seek goes to the first sample at or after a time, never back.
//
//nolint:govet // the engine asks for this method; it has nothing to do with io.Seeker
func (it *iterator) Seek(millis int64) chunkenc.ValueType {
	it.at = max(it.at, 0)
	if it.at < len(it.samples) && it.samples[it.at].Millis < millis {
		rest := it.samples[it.at:]
		it.at += sort.Search(len(rest), func(i int) bool { return rest[i].Millis >= millis })
	}
	return it.kind()
}

func (it *iterator) kind() chunkenc.ValueType {
	switch {
	case it.at >= len(it.samples):
		return chunkenc.ValNone
	case it.samples[it.at].H != nil:
		return chunkenc.ValFloatHistogram
	}
	return chunkenc.ValFloat
}

func (it *iterator) At() (int64, float64) { return it.samples[it.at].Millis, it.samples[it.at].Value }
func (it *iterator) AtT() int64           { return it.samples[it.at].Millis }
func (it *iterator) AtST() int64          { return 0 }
func (it *iterator) Err() error           { return nil }

func (it *iterator) AtFloatHistogram(*histogram.FloatHistogram) (int64, *histogram.FloatHistogram) {
	return it.samples[it.at].Millis, it.samples[it.at].H.Copy()
}

// AtHistogram is not asked for: every histogram here is one of floats.
func (it *iterator) AtHistogram(*histogram.Histogram) (int64, *histogram.Histogram) {
	return it.samples[it.at].Millis, nil
}
