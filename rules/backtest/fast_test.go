package backtest_test

import (
	"context"
	"flag"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"pgregory.net/rapid"

	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/backtest"
	"treadmill/rules/compile"
	"treadmill/rules/eval"
	"treadmill/slo"
)

var start = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// spec is an SLO over two counters, with groups.
func spec(t testing.TB, percent string, period slo.Window, good bool, policy slo.Policy) slo.SLO {
	t.Helper()
	o, err := slo.ParsePercent(percent)
	if err != nil {
		t.Fatal(err)
	}
	s := slo.SLO{ID: "x", Name: "x", Objective: o, Period: slo.Period{Length: period}, Policy: policy,
		Indicator: slo.Indicator{Total: slo.Query{Text: "sum by (g) (rate(total[{{.window}}]))"}}}
	if part := (slo.Query{Text: "sum by (g) (rate(part[{{.window}}]))"}); good {
		s.Indicator.Good = part
	} else {
		s.Indicator.Bad = part
	}
	return s
}

// trace is counters: increments of each minute, negative where the series is not scraped, which marks it as ended; a reset starts them
// from 0.
type trace struct {
	total, part []int
	reset       map[int]bool
}

// load writes the counters of a group, or of a component of one.
func (tr trace) load(t testing.TB, store *eval.Store, of string) {
	t.Helper()
	group, component, _ := strings.Cut(of, " ")
	for name, increments := range map[string][]int{"total": tr.total, "part": tr.part} {
		sum := 0
		for i, n := range increments {
			sample := eval.Sample{Millis: start.Add(time.Duration(i) * time.Minute).UnixMilli()}
			switch {
			case n < 0 && (i == 0 || increments[i-1] < 0):
				continue
			case n < 0:
				sample.Value = math.Float64frombits(value.StaleNaN)
			case tr.reset[i]:
				sum, sample.Value = n, float64(n)
			default:
				sum += n
				sample.Value = float64(sum)
			}
			if err := store.Append(labels.FromStrings("__name__", name, "g", group, "c", component).WithoutEmpty(), sample); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// engine replays the rules of an SLO as Prometheus does and says at which evaluations each alert of a group fires.
func engine(t testing.TB, groups []rules.Group, store *eval.Store, grid slo.Grid) map[string][]bool {
	t.Helper()
	quick := eval.New(store, groups[:1], eval.Options{Interval: time.Duration(grid.Step)})
	budget := eval.New(store, groups[1:], eval.Options{Interval: time.Duration(slo.Tile)})
	out := map[string][]bool{}
	for i := range grid.N {
		at := grid.At(i)
		problems := quick.Eval(context.Background(), at)
		if at.UnixMilli()%(5*60_000) == 0 {
			problems = append(problems, budget.Eval(context.Background(), at)...)
		}
		if len(problems) > 0 {
			t.Fatalf("%v: %v", problems[0].Rule.Name(), problems[0].Err)
		}
		for _, a := range quick.Alerts() {
			key := a.Labels.Get("g") + " " + a.Labels.Get("slo_severity")
			if out[key] == nil {
				out[key] = make([]bool, grid.N)
			}
			out[key][i] = true
		}
	}
	return out
}

// agree compares the fast path with the engine at every evaluation, and says how many of them fire.
func agree(t testing.TB, s slo.SLO, every slo.Window, minutes int, traces map[string]trace) (fired int) {
	t.Helper()
	o := compile.Options{Evaluation: every}
	compiled := compile.Compile(s, o)
	if diag.Any(compiled.Findings, diag.Error) {
		t.Fatal(compiled.Findings)
	}
	raw, store := eval.NewStore(), eval.NewStore()
	for of, tr := range traces {
		tr.load(t, raw, of)
		tr.load(t, store, of)
	}
	grid := slo.NewGrid(start, start.Add(time.Duration(minutes)*time.Minute), every)
	replay := compile.ReplayOf(s, o)
	got := map[string][]bool{}
	var parts []backtest.Counts
	for _, p := range replay.Parts {
		parts = append(parts, backtest.Counts{Total: mustRange(t, raw, p.Total, grid), Part: mustRange(t, raw, p.Bad+p.Good, grid)})
	}
	for _, g := range backtest.Groups(parts, replay.By, grid.N) {
		for severity, fires := range backtest.Fast(&replay, grid, g) {
			got[g.Labels["g"]+" "+string(severity)] = fires
		}
	}
	want := engine(t, compiled.Groups, store, grid)
	for key, fires := range got {
		if want[key] == nil {
			want[key] = make([]bool, grid.N)
		}
		for i := range fires {
			if fires[i] {
				fired++
			}
			if fires[i] != want[key][i] {
				t.Fatalf("%s at %s (evaluation %d of %d): fast %t, engine %t", key, grid.At(i).Sub(start), i, grid.N, fires[i], want[key][i])
			}
		}
	}
	for key := range want {
		if got[key] == nil {
			t.Fatalf("the fast path does not know %s", key)
		}
	}
	return fired
}

func mustRange(t testing.TB, store *eval.Store, query string, grid slo.Grid) []slo.Series {
	t.Helper()
	answer, err := backtest.Local{Store: store}.Range(context.Background(), query, grid)
	if err != nil {
		t.Fatal(err)
	}
	return answer.Series
}

// short is a policy that fits into a day, with a pair whose windows are built in several steps.
func short() slo.Policy {
	return slo.Policy{
		{Severity: slo.Page, Share: slo.NewNumber(10, 100), Long: 30 * slo.Minute, Short: 5 * slo.Minute},
		{Severity: slo.Page, Share: slo.NewNumber(30, 100), Long: 2 * slo.Hour, Short: 10 * slo.Minute},
		{Severity: slo.Ticket, Share: slo.NewNumber(50, 100), Long: 3 * slo.Hour, Short: slo.Hour},
	}
}

// TestFastAgreesWithEngine is the promise of the fast path: on random traces, with outages, gaps, resets, groups that come
// late and groups that end, it says the same as the engine at every evaluation.
func TestFastAgreesWithEngine(t *testing.T) {
	agrees(t, 40, func(rt *rapid.T, s slo.SLO) slo.SLO { return s })
}

// TestFastAgreesOnSlices is the same where slices of time are counted.
func TestFastAgreesOnSlices(t *testing.T) {
	agrees(t, 25, drawSlices)
}

// TestFastAgreesOnComposites is the same for SLOs of two components, of events and of slices.
func TestFastAgreesOnComposites(t *testing.T) {
	agrees(t, 25, func(rt *rapid.T, s slo.SLO) slo.SLO {
		if rapid.Bool().Draw(rt, "slices") {
			s = drawSlices(rt, s)
		}
		return composed(rt, s)
	})
}

// drawSlices makes an SLO count slices of time, which are good or bad, or count by their shares.
func drawSlices(rt *rapid.T, s slo.SLO) slo.SLO {
	s.Indicator.Slice = slo.Slice{Window: rapid.SampledFrom([]slo.Window{slo.Minute, slo.Tile}).Draw(rt, "slice"),
		Target: rapid.SampledFrom([]slo.Number{{}, slo.NewNumber(95, 100), slo.NewNumber(999, 1000), slo.NewNumber(1, 1)}).Draw(rt, "target")}
	return s
}

// composed makes components out of an SLO, each with a selection of its own series.
func composed(rt *rapid.T, s slo.SLO) slo.SLO {
	for _, name := range []string{"cart", "pay"} {
		in := s.Indicator
		for _, q := range []*slo.Query{&in.Total, &in.Bad, &in.Good} {
			q.Text = strings.ReplaceAll(q.Text, "[", `{c="`+name+`"}[`)
		}
		c := slo.Component{
			Name:      name,
			Indicator: in,
			Weight:    rapid.SampledFrom([]slo.Number{slo.NewNumber(1, 1), slo.NewNumber(2, 1), slo.NewNumber(1, 3)}).Draw(rt, "weight"),
		}
		c.Objective, _ = slo.ParsePercent(rapid.SampledFrom([]string{"99", "99.9", "90"}).Draw(rt, "part"))
		s.Components = append(s.Components, c)
	}
	s.Objective, _ = slo.Strictest(s.Components)
	if s.Indicator.Slice.Window == 0 {
		s.Objective, _ = slo.Whole(s.Components)
	}
	s.Indicator = slo.Indicator{Slice: slo.Slice{Window: s.Indicator.Slice.Window}}
	return s
}

// agrees holds the fast path against the engine on random traces of SLOs that change makes out of one that counts events.
func agrees(t *testing.T, checks int, change func(*rapid.T, slo.SLO) slo.SLO) {
	if f := flag.Lookup("rapid.checks"); f != nil &&
		f.Value.String() == f.DefValue { // the engine is slow under the race detector; -rapid.checks=1000 looks further
		if err := f.Value.Set(strconv.Itoa(checks)); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = f.Value.Set(f.DefValue) }()
	}
	fired := 0
	rapid.Check(t, func(rt *rapid.T) {
		minutes := 60 * rapid.SampledFrom([]int{1, 2, 2, 4}).Draw(rt, "hours")
		good := rapid.Bool().Draw(rt, "good")
		s := change(rt, spec(t, rapid.SampledFrom([]string{"99", "99.9", "90", "97.3"}).Draw(rt, "objective"), slo.Day, good, short()))
		parts := []string{""}
		if len(s.Components) > 0 {
			parts = []string{" cart", " pay"}
		}
		traces := map[string]trace{}
		for _, group := range []string{"a", "b"}[:rapid.IntRange(1, 2).Draw(rt, "groups")] {
			for _, part := range parts {
				traces[group+part] = draw(rt, minutes, good)
			}
		}
		every := rapid.SampledFrom([]slo.Window{slo.Minute, slo.Minute, slo.Minute, slo.Minute, slo.Minute, slo.Minute / 2}).Draw(rt, "every")
		fired += agree(rt2tb{t, rt}, s, every, minutes, traces)
	})
	if fired == 0 && !testing.Short() { // which draws few traces
		t.Error("no alert fired in any of the traces, so nothing was compared")
	}
}

// rt2tb lets helpers that want a testing.TB fail a rapid check, so that it is shrunk.
type rt2tb struct {
	testing.TB
	rt *rapid.T
}

func (r rt2tb) Fatal(args ...any)            { r.rt.Fatal(args...) }
func (r rt2tb) Fatalf(f string, args ...any) { r.rt.Fatalf(f, args...) }
func (r rt2tb) Helper()                      {}

// draw makes a trace out of stretches of some minutes, each with its own traffic and share of bad events.
func draw(rt *rapid.T, minutes int, good bool) trace {
	tr := trace{reset: map[int]bool{}}
	for len(tr.total) < minutes {
		length := rapid.OneOf(rapid.IntRange(1, 90), rapid.IntRange(1, 6)).Draw(rt, "length")
		traffic := rapid.SampledFrom([]int{0, 1, 7, 100, 1000, -1}).Draw(rt, "traffic")
		share := rapid.SampledFrom([]float64{0, 0, 0.001, 0.01, 0.02, 0.1, 0.5, 1}).Draw(rt, "share")
		hidden := rapid.IntRange(0, 9).Draw(rt, "hidden") == 0
		tr.reset[len(tr.total)] = rapid.IntRange(0, 4).Draw(rt, "reset") == 0
		for range length {
			part := int(math.Round(share * float64(traffic)))
			if good {
				part = traffic - part
			}
			if traffic < 0 || hidden {
				part = -1
			}
			tr.total, tr.part = append(tr.total, traffic), append(tr.part, part)
		}
	}
	return tr
}

// TestFastOverDays is the default policy of the SRE Workbook over half a week, in which long windows have lost tiles. It evaluates twice
// a tile, as more would take the engine minutes; the random traces have evaluations of half a minute.
func TestFastOverDays(t *testing.T) {
	if testing.Short() {
		t.Skip("replays half a week in the engine")
	}
	minutes := 84 * 60
	tr := trace{reset: map[int]bool{500: true, 4000: true}}
	for i := range minutes {
		traffic, bad := 100+i%700, 0
		switch {
		case i > 300 && i < 340, i > 3000 && i < 3500 && i%3 == 0:
			bad = traffic / 5
		case i > 1500 && i < 2500:
			bad = traffic / 150
		case i > 4200 && i < 4900:
			traffic, bad = -1, -1
		}
		tr.total, tr.part = append(tr.total, traffic), append(tr.part, bad)
	}
	if agree(t, spec(t, "99.9", 30*slo.Day, false, nil), slo.Tile/2, minutes, map[string]trace{"a": tr}) == 0 {
		t.Error("nothing fired")
	}
}

func ExampleEpisodes() {
	grid := slo.Grid{From: start, Step: slo.Minute, N: 8}
	for _, e := range backtest.Episodes(grid, []bool{false, true, true, false, false, true, true, true}) {
		fmt.Println(e.Start.Format("15:04"), e.End.Format("15:04"))
	}
	// Output:
	// 00:01 00:03
	// 00:05 00:08
}
