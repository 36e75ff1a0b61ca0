package tsdb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/tsdb/tombstones"

	"treadmill/rules/eval"
)

// head is the newest samples, which a server has in its write-ahead log and in no block yet. The log has no index: it is read
// through once for each metric that is asked for, and the last few metrics are kept, compressed as in blocks. So it takes two or
// three bytes of memory for a sample of those metrics, however long the log is.
type head struct {
	from     int64 // what is older stands in blocks
	log      []*segment
	late     []*segment // the log of samples that came out of order
	mu       sync.Mutex
	replayed []*replayed // the newest last
}

// keptMetrics is how many metrics are kept. The queries of one SLO have two or three.
const keptMetrics = 8

// replayed is all series of the log whose name matches.
type replayed struct {
	names  string // the matchers
	series []*newest
	broken error // the end of the log cannot be read
}

// newest is the samples of one series in the log.
type newest struct {
	labels labels.Labels
	chunks []chunks.Meta // floats, in order
	app    chunkenc.Appender
	maxt   int64
	others []eval.Sample // histograms, and what came out of order
	gone   tombstones.Intervals
}

// openHead opens the logs of a folder; nil when it has none.
func openHead(dir string, names []string, files Files) (*head, error) {
	h := &head{from: math.MinInt64}
	var err error
	if slices.Contains(names, "wal/") {
		if h.log, err = openLog(filepath.Join(dir, "wal"), files); err != nil {
			return nil, err
		}
	}
	if slices.Contains(names, "wbl/") && len(h.log) > 0 {
		if h.late, err = openLog(filepath.Join(dir, "wbl"), files); err != nil {
			return nil, errors.Join(err, h.close())
		}
	}
	for _, s := range h.log {
		if s.size > 0 {
			return h, nil
		}
	}
	return nil, h.close()
}

func (h *head) close() error {
	if h == nil {
		return nil
	}
	return errors.Join(closeAll(h.log), closeAll(h.late))
}

// has reports whether there may be samples in a time range.
func (h *head) has(maxt int64) bool { return h != nil && (maxt >= h.from || len(h.late) > 0) }

// named is the series whose name matches: from memory, or else from the log.
func (h *head) named(ctx context.Context, matchers []*labels.Matcher) (*replayed, error) {
	var words []string
	var names []*labels.Matcher
	for _, m := range matchers {
		if m.Name == labels.MetricName {
			names, words = append(names, m), append(words, m.String())
		}
	}
	slices.Sort(words)
	key := strings.Join(words, ",")
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, r := range h.replayed {
		if r.names == key {
			h.replayed = append(slices.Delete(h.replayed, i, i+1), r)
			return r, nil
		}
	}
	r := replay{ctx: ctx, names: names, from: h.from, byRef: map[chunks.HeadSeriesRef]*newest{}, byHash: map[uint64][]*newest{}}
	broken, err := r.read(h.log, h.late)
	if err != nil {
		return nil, err
	}
	out := &replayed{names: key, series: r.all, broken: broken}
	h.replayed = append(h.replayed, out)
	h.replayed = h.replayed[max(0, len(h.replayed)-keptMetrics):]
	return out, nil
}

// add appends a sample in order; what is not in order was refused by the server too, or stands in the other log.
func (n *newest) add(t int64, v float64) {
	if t <= n.maxt {
		return
	}
	const most = 240 // samples of a chunk
	if n.app == nil || n.chunks[len(n.chunks)-1].Chunk.NumSamples() >= most {
		c := chunkenc.NewXORChunk()
		n.app, _ = c.Appender() // an empty chunk has nothing that could be wrong
		n.chunks = append(n.chunks, chunks.Meta{Chunk: c, MinTime: t})
	}
	n.app.Append(0, t, v)
	n.maxt, n.chunks[len(n.chunks)-1].MaxTime = t, t
}

// samples is what the series has in a range of time, in order; of two at one time, that which came in order.
func (n *newest) samples(mint, maxt int64) ([]eval.Sample, error) {
	var out []eval.Sample
	keep := func(t int64) bool { return t >= mint && t <= maxt && !deleted(n.gone, t) }
	for _, m := range n.chunks {
		if !m.OverlapsClosedInterval(mint, maxt) {
			continue
		}
		it := m.Chunk.Iterator(nil)
		for it.Next() != chunkenc.ValNone {
			if t, v := it.At(); keep(t) {
				out = append(out, eval.Sample{Millis: t, Value: v})
			}
		}
		if err := it.Err(); err != nil {
			return nil, fmt.Errorf("%s: %w", n.labels, err)
		}
	}
	for _, s := range n.others {
		if keep(s.Millis) {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b eval.Sample) int { return cmp.Compare(a.Millis, b.Millis) })
	return slices.CompactFunc(out, func(a, b eval.Sample) bool { return a.Millis == b.Millis }), nil
}

func deleted(gone tombstones.Intervals, t int64) bool {
	return slices.ContainsFunc(gone, func(i tombstones.Interval) bool { return i.InBounds(t) })
}
