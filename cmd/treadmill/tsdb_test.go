package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/tsdb/index"
	"github.com/prometheus/prometheus/tsdb/record"
	"github.com/prometheus/prometheus/tsdb/wlog"
	"github.com/prometheus/prometheus/util/compression"
	"github.com/rogpeppe/go-internal/testscript"

	"treadmill/internal/diag"
	"treadmill/rules/backtest"
	"treadmill/rules/eval"
)

// cmdTSDB makes the folder of a server's data out of a file of samples: tsdb DIR FILE TIME. What is older than the time is a
// block, the rest the write-ahead log, both written by Prometheus's own writers.
func cmdTSDB(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: tsdb DIR FILE TIME")
	}
	cut, err := time.Parse(time.RFC3339, args[2])
	ts.Check(err)
	data, err := os.ReadFile(args[1])
	ts.Check(err)
	store := eval.NewStore()
	if problems := backtest.ReadSamples(store, args[1], data); diag.Any(problems, diag.Error) {
		ts.Fatalf("%v", problems)
	}
	dir := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Join(dir, "wal"), 0o755))
	ts.Check(writeBlock(filepath.Join(dir, "01KC00000000000000000000AA"), seriesOf(store, 0, cut.UnixMilli()-1)))
	ts.Check(writeLog(filepath.Join(dir, "wal"), seriesOf(store, cut.UnixMilli(), math.MaxInt64)))
}

// rawSeries is the floats of one series.
type rawSeries struct {
	labels labels.Labels
	times  []int64
	values []float64
}

// seriesOf is what a store has in a range of time, by labels.
func seriesOf(store *eval.Store, mint, maxt int64) []rawSeries {
	q, _ := store.Querier(mint, maxt) // a store in memory does not fail
	var out []rawSeries
	for set := q.Select(context.Background(), true, nil); set.Next(); {
		s := rawSeries{labels: set.At().Labels()}
		it := set.At().Iterator(nil)
		for it.Next() != chunkenc.ValNone {
			t, v := it.At()
			s.times, s.values = append(s.times, t), append(s.values, v)
		}
		out = append(out, s)
	}
	return out
}

func writeBlock(dir string, all []rawSeries) error {
	cw, err := chunks.NewWriter(filepath.Join(dir, "chunks"))
	if err != nil {
		return err
	}
	iw, err := index.NewWriter(context.Background(), filepath.Join(dir, "index"))
	if err != nil {
		return err
	}
	symbols := map[string]bool{}
	for _, s := range all {
		s.labels.Range(func(l labels.Label) { symbols[l.Name], symbols[l.Value] = true, true })
	}
	for _, s := range slices.Sorted(maps.Keys(symbols)) {
		if err := iw.AddSymbol(s); err != nil {
			return err
		}
	}
	mint, maxt := int64(math.MaxInt64), int64(0)
	for i, s := range all {
		var metas []chunks.Meta
		for at := range slices.Chunk(s.times, 120) {
			c := chunkenc.NewXORChunk()
			app, err := c.Appender()
			if err != nil {
				return err
			}
			for k, t := range at {
				app.Append(0, t, s.values[len(metas)*120+k])
			}
			metas = append(metas, chunks.Meta{Chunk: c, MinTime: at[0], MaxTime: at[len(at)-1]})
			mint, maxt = min(mint, at[0]), max(maxt, at[len(at)-1]+1)
		}
		if err := cw.WriteChunks(metas...); err != nil {
			return err
		}
		if err := iw.AddSeries(storage.SeriesRef(i+1), s.labels, metas...); err != nil {
			return err
		}
	}
	meta, err := json.Marshal(map[string]any{"ulid": filepath.Base(dir), "minTime": mint, "maxTime": maxt, "version": 1})
	if err != nil {
		return err
	}
	for _, end := range []func() error{cw.Close, iw.Close, func() error {
		return os.WriteFile(filepath.Join(dir,
			"meta.json"), meta, 0o600)
	}} {
		if err := end(); err != nil {
			return err
		}
	}
	return nil
}

func writeLog(dir string, all []rawSeries) error {
	w, err := wlog.New(slog.New(slog.DiscardHandler), nil, dir, compression.Snappy)
	if err != nil {
		return err
	}
	var e record.Encoder
	for i, s := range all {
		ref := chunks.HeadSeriesRef(i + 1)
		samples := make([]record.RefSample, len(s.times))
		for k, t := range s.times {
			samples[k] = record.RefSample{Ref: ref, T: t, V: s.values[k]}
		}
		if err := w.Log(e.Series([]record.RefSeries{{Ref: ref, Labels: s.labels}}, nil), e.Samples(samples, nil)); err != nil {
			return err
		}
	}
	return w.Close()
}
