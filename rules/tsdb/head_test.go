package tsdb_test

import (
	"context"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/tsdb/record"
	"github.com/prometheus/prometheus/tsdb/tombstones"
	"github.com/prometheus/prometheus/tsdb/wlog"
	"github.com/prometheus/prometheus/util/compression"

	"treadmill/rules/eval"
	"treadmill/rules/tsdb"
)

// logged writes series into a log as a server does: a record of the series, and then one of samples for each minute.
func logged(t *testing.T, dir string, how compression.Type, all []one) *wlog.WL {
	t.Helper()
	const small = 4 * 32 << 10
	w, err := wlog.NewSize(slog.New(slog.DiscardHandler), nil, dir, small, how)
	if err != nil {
		t.Fatal(err)
	}
	var series []record.RefSeries
	for i, s := range all {
		series = append(series, record.RefSeries{Ref: ref(i), Labels: s.labels})
	}
	var e record.Encoder
	put(t, w, e.Series(series, nil))
	for minute := range 400 {
		var floats []record.RefSample
		var histograms []record.RefFloatHistogramSample
		for i, s := range all {
			k, at := minute-s.from, start.UnixMilli()+int64(minute)*60_000
			switch {
			case k < 0 || k >= len(s.values):
			case s.histograms:
				histograms = append(histograms, record.RefFloatHistogramSample{Ref: ref(i), T: at, FH: sum(s.values[k])})
			default:
				floats = append(floats, record.RefSample{Ref: ref(i), T: at, V: s.values[k]})
			}
		}
		put(t, w, e.Samples(floats, nil))
		if len(histograms) > 0 {
			some, _ := e.FloatHistogramSamples(histograms, nil)
			put(t, w, some)
		}
	}
	return w
}

func ref(i int) chunks.HeadSeriesRef { return chunks.HeadSeriesRef(i + 1) }

func put(t *testing.T, w *wlog.WL, records ...[]byte) {
	t.Helper()
	if err := w.Log(records...); err != nil {
		t.Fatal(err)
	}
}

func closed(t *testing.T, w *wlog.WL) {
	t.Helper()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// wide is the history as one list, with much else beside it so that the log has several files.
func wide() []one {
	early, late := history()
	var out []one
	for _, s := range early {
		for _, l := range late {
			if labels.Equal(l.labels, s.labels) {
				s.values = append(s.values[:l.from-s.from:l.from-s.from], l.values...)
			}
		}
		out = append(out, s)
	}
	for i := range 200 {
		out = append(out, one{labels.FromStrings("__name__", "noise", "n", string(rune('a'+i%26))+string(rune('a'+i/26))), 0,
			count(0, 300, 7.3), false})
	}
	return out
}

func inMemory(t *testing.T, all []one) *eval.Store {
	t.Helper()
	store := eval.NewStore()
	for _, s := range all {
		for k, v := range s.values {
			at := eval.Sample{Millis: start.UnixMilli() + int64(s.from+k)*60_000, Value: v}
			if s.histograms {
				at.Value, at.Histogram = 0, sum(v)
			}
			if err := store.Append(s.labels, at); err != nil {
				t.Fatal(err)
			}
		}
	}
	return store
}

// same asks both for much.
func same(t *testing.T, db *tsdb.DB, store *eval.Store) {
	t.Helper()
	for _, expr := range []string{"up", `up{job="a"}`, `{job="a",__name__!="seconds"}`, `{__name__=~"up|hits"}`, `{job=~".+",__name__!="seconds"}`, "none", "sum by (job) (rate(up[10m]))", "increase(hits[30m])",
		"histogram_count(increase(seconds[15m]))", "max_over_time(up[1h:7m])", "sum(increase(noise[5m]))", "count_over_time(up[300m])"} {
		if got, want := ask(t, db, expr), ask(t, store, expr); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v\nwant %v", expr, got, want)
		}
	}
}

// A folder of which the newest samples, or all of them, stand in the write-ahead log answers as memory does, and is not changed.
func TestLogAnswersAsMemoryDoes(t *testing.T) {
	for name, c := range map[string]struct {
		how        compression.Type
		block      bool
		checkpoint bool
	}{
		"log alone":                      {compression.None, false, false},
		"log alone, snappy":              {compression.Snappy, false, false},
		"block and log, zstd":            {compression.Zstd, true, false},
		"block, checkpoint and log":      {compression.Snappy, true, true},
		"checkpoint that drops the past": {compression.None, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			w := logged(t, filepath.Join(dir, "wal"), c.how, wide())
			if c.block {
				early, _ := history()
				for i := range early {
					early[i].values = early[i].values[:100-early[i].from]
				}
				for _, s := range wide() {
					if s.labels.Get("__name__") == "noise" {
						early = append(early, one{s.labels, 0, s.values[:100], false})
					}
				}
				write(t, dir, first, early)
			}
			if c.checkpoint {
				_, last, err := wlog.Segments(w.Dir())
				if err != nil || last < 2 {
					t.Fatalf("%d files: %v", last, err)
				}
				keep := func(chunks.HeadSeriesRef) bool { return true }
				if _, err := wlog.Checkpoint(slog.New(slog.DiscardHandler), w, 0, last-1, keep, start.Add(100*time.Minute).UnixMilli(),
					false, true); err != nil {
					t.Fatal(err)
				}
				if err := w.Truncate(last); err != nil {
					t.Fatal(err)
				}
			}
			closed(t, w)
			before := listing(t, dir)
			same(t, opened(t, dir), inMemory(t, wide()))
			if after := listing(t, dir); after != before {
				t.Errorf("the folder changed:\n%s\nfrom\n%s", after, before)
			}
		})
	}
}

// What a running server does to the log after it was opened changes nothing: files go away, and samples come.
func TestLogStaysAsItWasOpened(t *testing.T) {
	dir := t.TempDir()
	w := logged(t, filepath.Join(dir, "wal"), compression.Snappy, wide())
	db := opened(t, dir)
	var e record.Encoder
	put(t, w, e.Samples([]record.RefSample{{Ref: 1, T: start.Add(301 * time.Minute).UnixMilli(), V: 9}}, nil))
	if err := w.Truncate(1 << 20); err != nil {
		t.Fatal(err)
	}
	same(t, db, inMemory(t, wide()))
	closed(t, w)
}

// The odd things that are in logs: a series under two numbers, samples again, late and out of order, deleted ones, stale markers.
func TestWhatLogsHold(t *testing.T) {
	dir := t.TempDir()
	at := func(minute int) int64 { return start.UnixMilli() + int64(minute)*60_000 }
	up := labels.FromStrings("__name__", "up")
	var e record.Encoder
	w := logged(t, filepath.Join(dir, "wal"), compression.None, nil)
	put(t, w, e.Series([]record.RefSeries{{Ref: 1, Labels: up}, {Ref: 3, Labels: labels.FromStrings("__name__", "gone")},
		{Ref: 4, Labels: labels.FromStrings("__name__", "moved")}}, nil),
		e.Samples([]record.RefSample{{Ref: 1, T: at(10), V: 1}, {Ref: 1, T: at(12), V: 2}, {Ref: 1, T: at(11), V: 99},
			{Ref: 1, T: at(12), V: 98}, {Ref: 7, T: at(12), V: 97}}, nil),
		e.Series([]record.RefSeries{{Ref: 2, Labels: up}}, nil),
		e.Samples([]record.RefSample{{Ref: 2, T: at(14), V: 3}, {Ref: 2, T: at(15), V: math.Float64frombits(value.StaleNaN)},
			{Ref: 3, T: at(10), V: 1}, {Ref: 3, T: at(11), V: 2}, {Ref: 4, T: at(10), V: 1}}, nil),
		e.Tombstones([]tombstones.Stone{{Ref: 3, Intervals: tombstones.Intervals{{Mint: at(11), Maxt: at(20)}}},
			{Ref: 4, Intervals: tombstones.Intervals{{Mint: math.MinInt64, Maxt: math.MaxInt64}}}}, nil))
	closed(t, w)
	late := logged(t, filepath.Join(dir, "wbl"), compression.None, nil)
	put(t, late, e.Samples([]record.RefSample{{Ref: 2, T: at(13), V: 2.5}, {Ref: 1, T: at(8), V: 0.5}, {Ref: 1, T: at(12), V: 55}}, nil))
	closed(t, late)
	db := opened(t, dir)
	for expr, want := range map[string]string{
		"up[20m]":    "{__name__=\"up\"} => 0.5 @8 1 @10 2 @12 2.5 @13 3 @14 NaN @15",
		"gone[20m]":  "{__name__=\"gone\"} => 1 @10",
		"moved[20m]": "{__name__=\"moved\"} =>",
	} {
		q, err := db.Querier(at(0), at(30))
		if err != nil {
			t.Fatal(err)
		}
		if got := samplesOf(t, q, strings.TrimSuffix(expr, "[20m]")); got != want {
			t.Errorf("%s: %s\nwant %s", expr, got, want)
		}
	}
}

// newestFile is the name of the last file of the log in which the wide history is.
func newestFile(t *testing.T) string {
	t.Helper()
	w := logged(t, t.TempDir(), compression.None, wide())
	defer closed(t, w)
	_, last, err := wlog.Segments(w.Dir())
	if err != nil || last < 3 {
		t.Fatalf("%d files: %v", last, err)
	}
	return filepath.Base(wlog.SegmentName("", last))
}

// A log that breaks off at its end is a warning, and one that breaks off in the middle an error; so is one of which a file is missing.
func TestBrokenLogs(t *testing.T) {
	flip := func(name string, at int64) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			file := filepath.Join(dir, "wal", name)
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if at < 0 {
				at += int64(len(data))
			}
			data[at] ^= 1
			if err := os.WriteFile(file, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	last := newestFile(t)
	for name, c := range map[string]struct {
		breaks        func(t *testing.T, dir string)
		opens, asks   string // errors
		warns         string
		stillFirstRow bool
	}{
		"a byte in the middle": {flip("00000001", 40_000), "", "wal/00000001: the log breaks off at byte", "", false},
		"the end": {func(t *testing.T, dir string) {
			file := filepath.Join(dir, "wal", last)
			info, err := os.Stat(file)
			if err != nil || os.Truncate(file, info.Size()/2+11) != nil {
				t.Fatal(err)
			}
		}, "", "", "the last record is not whole; what the server wrote after it is not known", true},
		"a byte in the last file": {flip(last, 100), "", "", "unexpected checksum", true},
		"a file is missing": {func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "wal", "00000001")); err != nil {
				t.Fatal(err)
			}
		}, "the file between 00000000 and 00000002 is missing", "", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			closed(t, logged(t, filepath.Join(dir, "wal"), compression.None, wide()))
			c.breaks(t, dir)
			db, err := tsdb.Open(dir, files)
			if c.opens != "" {
				if err == nil || !strings.Contains(err.Error(), c.opens) {
					t.Errorf("%v, want %s", err, c.opens)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			m, warnings, err := eval.Range(context.Background(), db, "up", start, start.Add(5*time.Hour), time.Minute)
			if c.asks != "" && (err == nil || !strings.Contains(err.Error(), c.asks)) || c.asks == "" && err != nil {
				t.Errorf("%v, want %s", err, c.asks)
			}
			if !strings.Contains(strings.Join(warnings, "\n"), c.warns) || c.stillFirstRow && len(m) == 0 {
				t.Errorf("%q with %d series, want %s", warnings, len(m), c.warns)
			}
		})
	}
}

// FuzzLog: whatever bytes a log has, they are read, or are an error or a warning.
func FuzzLog(f *testing.F) {
	dir := f.TempDir()
	w, err := wlog.New(slog.New(slog.DiscardHandler), nil, dir, compression.Snappy)
	if err != nil {
		f.Fatal(err)
	}
	var e record.Encoder
	samples, _ := e.FloatHistogramSamples([]record.RefFloatHistogramSample{{Ref: 1, T: start.UnixMilli(), FH: sum(3)}}, nil)
	for _, rec := range [][]byte{e.Series([]record.RefSeries{{Ref: 1, Labels: labels.FromStrings("__name__", "up")}}, nil),
		e.Samples([]record.RefSample{{Ref: 1, T: start.UnixMilli(), V: 1}}, nil), samples} {
		if err := w.Log(rec); err != nil {
			f.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		f.Fatal(err)
	}
	seed, err := os.ReadFile(filepath.Join(dir, "00000000"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add(seed[:len(seed)/2])
	f.Add([]byte{0})
	f.Add(make([]byte, 32<<10))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		if err := os.MkdirAll(filepath.Join(dir, "wal"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "wal", "00000000"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := tsdb.Open(dir, files)
		if err != nil {
			return
		}
		defer func() { _ = db.Close() }()
		m, warnings, err := eval.Range(context.Background(), db, "up", start, start.Add(time.Minute), time.Minute)
		if err != nil && len(m)+len(warnings) > 0 {
			t.Errorf("%v beside %v and %v", err, m, warnings)
		}
	})
}

// BenchmarkLog reads one of a hundred metrics out of a log of two hours, 2,000 series at a scrape every 15 s.
func BenchmarkLog(b *testing.B) {
	dir := b.TempDir()
	w, err := wlog.New(slog.New(slog.DiscardHandler), nil, filepath.Join(dir, "wal"), compression.Snappy)
	if err != nil {
		b.Fatal(err)
	}
	var e record.Encoder
	var series []record.RefSeries
	for i := range 2000 {
		series = append(series, record.RefSeries{Ref: ref(i), Labels: labels.FromStrings("__name__",
			"metric_"+strconv.Itoa(i%100), "n", strconv.Itoa(i))})
	}
	log := [][]byte{e.Series(series, nil)}
	for k := range 480 {
		var samples []record.RefSample
		for i := range series {
			samples = append(samples, record.RefSample{Ref: ref(i), T: start.UnixMilli() + int64(k)*15_000, V: float64(k * i)})
		}
		log = append(log, e.Samples(samples, nil))
	}
	if err := w.Log(log...); err != nil {
		b.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		db, err := tsdb.Open(dir, files)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := eval.Range(context.Background(), db, "sum(increase(metric_7[5m]))", start, start.Add(2*time.Hour),
			5*time.Minute); err != nil {
			b.Fatal(err)
		}
		_ = db.Close()
	}
}
