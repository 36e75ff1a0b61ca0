package tsdb_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/tsdb/index"
	"github.com/prometheus/prometheus/tsdb/tombstones"

	"treadmill/rules/eval"
	"treadmill/rules/tsdb"
)

var start = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

const (
	first  = "01KC00000000000000000000AA"
	second = "01KC00000000000000000000BB"
)

// files reads the real folder.
var files = tsdb.Files{
	List: func(dir string) ([]string, error) {
		entries, err := os.ReadDir(dir)
		var names []string
		for _, e := range entries {
			if e.IsDir() {
				names = append(names, e.Name()+"/")
			} else {
				names = append(names, e.Name())
			}
		}
		return names, err
	},
	Open: func(name string) (fs.File, error) { return os.Open(name) },
}

// one is a series of floats, or of native histograms, a sample a minute.
type one struct {
	labels     labels.Labels
	from       int // minute
	values     []float64
	histograms bool
}

func sum(v float64) *histogram.FloatHistogram {
	return &histogram.FloatHistogram{
		Schema:          0,
		Count:           v,
		Sum:             2 * v,
		PositiveSpans:   []histogram.Span{{Offset: 1, Length: 1}},
		PositiveBuckets: []float64{v},
	}
}

// chunked encodes a series in chunks of 50 samples.
func chunked(t *testing.T, s one) []chunks.Meta {
	t.Helper()
	var out []chunks.Meta
	for at := 0; at < len(s.values); at += 50 {
		var c chunkenc.Chunk = chunkenc.NewXORChunk()
		if s.histograms {
			c = chunkenc.NewFloatHistogramChunk()
		}
		app, err := c.Appender()
		if err != nil {
			t.Fatal(err)
		}
		m := chunks.Meta{Chunk: c, MinTime: start.UnixMilli() + int64(s.from+at)*60_000}
		for i, v := range s.values[at:min(at+50, len(s.values))] {
			m.MaxTime = m.MinTime + int64(i)*60_000
			if s.histograms {
				if _, _, _, err := app.AppendFloatHistogram(nil, 0, m.MaxTime, sum(v), false); err != nil {
					t.Fatal(err)
				}
			} else {
				app.Append(0, m.MaxTime, v)
			}
		}
		out = append(out, m)
	}
	return out
}

// write writes a block with the writers that Prometheus has.
func write(t *testing.T, dir, id string, all []one) {
	t.Helper()
	dir = filepath.Join(dir, id)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.MkdirAll(dir, 0o755))
	cw, err := chunks.NewWriter(filepath.Join(dir, "chunks"))
	must(err)
	iw, err := index.NewWriter(context.Background(), filepath.Join(dir, "index"))
	must(err)
	symbols := map[string]bool{}
	mint, maxt := start.AddDate(1, 0, 0).UnixMilli(), int64(0)
	for _, s := range all {
		s.labels.Range(func(l labels.Label) { symbols[l.Name], symbols[l.Value] = true, true })
	}
	for _, s := range slices.Sorted(maps.Keys(symbols)) {
		must(iw.AddSymbol(s))
	}
	slices.SortFunc(all, func(a, b one) int { return labels.Compare(a.labels, b.labels) })
	for i, s := range all {
		metas := chunked(t, s)
		mint, maxt = min(mint, metas[0].MinTime), max(maxt, metas[len(metas)-1].MaxTime+1)
		must(cw.WriteChunks(metas...))
		must(iw.AddSeries(storage.SeriesRef(i+1), s.labels, metas...))
	}
	must(cw.Close())
	must(iw.Close())
	meta, err := json.Marshal(map[string]any{"ulid": id, "minTime": mint, "maxTime": maxt, "version": 1})
	must(err)
	must(os.WriteFile(filepath.Join(dir, "meta.json"), meta, 0o644))
}

func count(from, n int, step float64) []float64 {
	var out []float64
	for i := range n {
		out = append(out, float64(from+i)*step)
	}
	return out
}

// history is two blocks that overlap by 20 minutes, in which both have the same samples.
func history() (early, late []one) {
	a, b := labels.FromStrings("__name__", "up", "job", "a", "zone", "x"), labels.FromStrings("__name__", "up", "job", "b")
	h, r := labels.FromStrings("__name__", "seconds", "job", "a"), labels.FromStrings("__name__", "hits", "job", "a")
	reset := append(count(0, 60, 3), count(0, 60, 3)...)
	early = []one{{a, 0, count(0, 120, 1), false}, {b, 30, count(30, 90, 2), false}, {h, 0, count(1, 120, 1), true}, {r, 0, reset, false}}
	late = []one{{a, 100, count(100, 200, 1), false}, {h, 100, count(101, 200, 1), true}}
	return early, late
}

// both is the history as blocks in a folder, and in memory.
func both(t *testing.T) (string, *eval.Store) {
	t.Helper()
	dir, store := t.TempDir(), eval.NewStore()
	early, late := history()
	write(t, dir, first, early)
	write(t, dir, second, late)
	for i, s := range append(early, late...) {
		for k, v := range s.values {
			at := eval.Sample{Millis: start.UnixMilli() + int64(s.from+k)*60_000, Value: v}
			if s.histograms {
				at.Value, at.Histogram = 0, sum(v)
			}
			if i >= len(early) && s.from+k < 120 {
				continue
			}
			if err := store.Append(s.labels, at); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir, store
}

func opened(t *testing.T, dir string) *tsdb.DB {
	t.Helper()
	db, err := tsdb.Open(dir, files)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func ask(t *testing.T, q eval.Queryable, expr string) promql.Matrix {
	t.Helper()
	m, _, err := eval.Range(context.Background(), q, expr, start.Add(5*time.Minute), start.Add(310*time.Minute), time.Minute)
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	return m
}

// Every query gives over blocks what it gives over the same samples in memory.
func TestBlocksAnswerAsMemoryDoes(t *testing.T) {
	dir, store := both(t)
	before := listing(t, dir)
	db := opened(t, dir)
	for _, expr := range []string{"up", `up{job="a"}`, `up{job!="a"}`, `up{job=~"a|b",zone=""}`, `{job="a",__name__!="seconds"}`, `up{zone=~".*"}`, `up{zone!~"x|"}`, "none",
		"sum by (job) (rate(up[10m]))", "increase(hits[30m])", "resets(hits[2h])", "histogram_count(increase(seconds[15m]))",
		"max_over_time(up[1h:7m])", "up offset 20m"} {
		if got, want := ask(t, db, expr), ask(t, store, expr); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v\nwant %v", expr, got, want)
		}
	}
	if after := listing(t, dir); after != before {
		t.Errorf("the folder changed:\n%s\nfrom\n%s", after, before)
	}
}

// listing is the names, sizes, times and contents of all files.
func listing(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	if err := filepath.Walk(dir, func(name string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		fmt.Fprintf(&b, "%s %d %s %x\n", name, info.Size(), info.ModTime(), sha256.Sum256(data))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWhatWasDeletedIsGone(t *testing.T) {
	dir := t.TempDir()
	early, _ := history()
	write(t, dir, first, early)
	gone := tombstones.NewMemTombstones()
	for ref := range storage.SeriesRef(200) { // references are places in the index
		gone.AddInterval(ref, tombstones.Interval{Mint: start.Add(10 * time.Minute).UnixMilli(), Maxt: start.Add(80 * time.Minute).UnixMilli()})
	}
	if _, err := tombstones.WriteFile(nil, filepath.Join(dir, first), gone); err != nil {
		t.Fatal(err)
	}
	m := ask(t, opened(t, dir), `count_over_time(up{job="a"}[310m])`)
	if n := m[0].Floats[len(m[0].Floats)-1].F; n != 120-71-1 {
		t.Errorf("%g samples are left", n)
	}
}

func TestBrokenBlocksAreErrors(t *testing.T) {
	cut := func(name string, to int64) func(dir string) error {
		return func(dir string) error { return os.Truncate(filepath.Join(dir, first, name), to) }
	}
	text := func(name, s string) func(dir string) error {
		return func(dir string) error { return os.WriteFile(filepath.Join(dir, first, name), []byte(s), 0o644) }
	}
	for _, test := range []struct {
		name   string
		breaks func(dir string) error
		want   string
	}{
		{"no folder", os.RemoveAll, "cannot be listed"},
		{"no blocks", func(dir string) error { return os.RemoveAll(filepath.Join(dir, first)) }, "holds no blocks"},
		{"no description", func(dir string) error { return os.Remove(filepath.Join(dir, first, "meta.json")) },
			"AA/meta.json: the block has no description"},
		{"no JSON", text("meta.json", "{"), "AA/meta.json: the description"},
		{"another version", text("meta.json", `{"version":2,"minTime":1,"maxTime":2}`), "version 2"},
		{"no index", func(dir string) error { return os.Remove(filepath.Join(dir, first, "index")) }, "AA/index: the index"},
		{"an index cut off", cut("index", 300), "AA/index: the index"},
		{"an empty index", cut("index", 0), "AA/index: the index"},
		{"no chunks", func(dir string) error { return os.RemoveAll(filepath.Join(dir, first, "chunks")) }, "AA/chunks: the chunks"},
		{"no header of the chunks", cut("chunks/000001", 4), "AA/chunks: the chunks"},
		{"tombstones of another kind", text("tombstones", "xxxxxxxxxxxxxxxx"), "AA/tombstones: what was deleted"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			early, _ := history()
			write(t, dir, first, early)
			if err := test.breaks(dir); err != nil {
				t.Fatal(err)
			}
			if _, err := tsdb.Open(dir, files); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %s", err, test.want)
			}
		})
	}
	for name, breaks := range map[string]func([]byte) []byte{
		"cut off":        func(b []byte) []byte { return b[:len(b)/2] },
		"other bytes":    func(b []byte) []byte { b[len(b)/3] ^= 1; return b },
		"an empty chunk": func(b []byte) []byte { return b[:8] },
	} {
		t.Run("chunks: "+name, func(t *testing.T) {
			dir := t.TempDir()
			early, _ := history()
			write(t, dir, first, early)
			file := filepath.Join(dir, first, "chunks", "000001")
			data, err := os.ReadFile(file)
			if err == nil {
				err = os.WriteFile(file, breaks(data), 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
			_, _, err = eval.Range(context.Background(), opened(t, dir), `{job=~".+"}`, start, start.Add(2*time.Hour), time.Minute)
			if err == nil || !strings.Contains(err.Error(), first+"/chunks") {
				t.Errorf("%v", err)
			}
		})
	}
}

// samplesOf is the raw samples of a metric as text, with minutes from the start.
func samplesOf(t *testing.T, q storage.Querier, name string) string {
	t.Helper()
	set := q.Select(context.Background(), true, nil, labels.MustNewMatcher(labels.MatchEqual, "__name__", name))
	var b strings.Builder
	for set.Next() {
		fmt.Fprintf(&b, "%s =>", set.At().Labels())
		it := set.At().Iterator(nil)
		for it.Next() != chunkenc.ValNone {
			at, v := it.At()
			fmt.Fprintf(&b, " %v @%d", v, (at-start.UnixMilli())/60_000)
		}
		if it.Err() != nil {
			t.Error(it.Err())
		}
	}
	if set.Err() != nil {
		t.Error(set.Err())
	}
	return b.String()
}
