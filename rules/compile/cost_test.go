package compile_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"

	"treadmill/rules"
	"treadmill/rules/compile"
)

// pods is a service of so many series, a quarter of them of bad events, scraped every 30 s.
func pods(n int) []labels.Labels {
	var out []labels.Labels
	for i := range n {
		out = append(out, metric("requests_total", "pod", fmt.Sprint(i/4), "code", []string{"200", "201", "404", "500"}[i%4]))
	}
	return out
}

// history writes series as if they had been there for a time, a sample every 30 s, each growing by one.
func (w *world) history(d time.Duration, all []labels.Labels) {
	w.t.Helper()
	for chunk := w.now.Add(-d); chunk.Before(w.now); chunk = chunk.Add(2 * time.Hour) {
		app := storage.AppenderV2AsLimitedV1(w.storage.AppenderV2(context.Background()))
		for _, ls := range all {
			var ref storage.SeriesRef
			for at := chunk; at.Before(chunk.Add(2 * time.Hour)); at = at.Add(30 * time.Second) {
				var err error
				if ref, err = app.Append(ref, ls, at.Add(30*time.Second).UnixMilli(), float64(at.Unix()%1_000_000_000)/30); err != nil {
					w.t.Fatal(err)
				}
			}
		}
		if err := app.Commit(); err != nil {
			w.t.Fatal(err)
		}
	}
}

// cost is the samples a second that groups read, by evaluating each once.
func (w *world) cost(groups []rules.Group) float64 {
	w.t.Helper()
	total := 0.0
	for _, g := range groups {
		before := w.samples
		for _, r := range g.Rules {
			if _, err := w.query(context.Background(), r.Expr, w.now); err != nil {
				w.t.Fatal(err)
			}
		}
		total += float64(w.samples-before) / time.Duration(g.Interval).Seconds()
	}
	return total
}

// ours is the cost of our rules over so many series at a period of 30 days.
func ours(t testing.TB, n int) float64 {
	r := compiled(t, availability(t, "99.9"), compile.Options{})
	w := newWorld(t, 30*time.Second)
	var recorded []labels.Labels
	for _, g := range r.Groups {
		for _, rule := range g.Rules {
			if strings.HasPrefix(rule.Record, "slo:events") {
				recorded = append(recorded, metric(rule.Record, "slo", "web-availability"))
			}
		}
	}
	w.history(31*24*time.Hour, recorded)
	w.history(2*time.Hour, pods(n))
	return w.cost(r.Groups)
}

// slothShape is the rules that Sloth 0.16 makes of the same SLO: each ratio over its whole window, the period as the
// average of the 5m ratios, and two alerts.
func slothShape() []rules.Group {
	g := rules.Group{Interval: model.Duration(30 * time.Second)}
	for _, w := range []string{"5m", "30m", "1h", "2h", "6h", "1d", "3d"} {
		g.Rules = append(
			g.Rules,
			rules.Rule{Record: "ratio" + w, Expr: fmt.Sprintf(`sum(rate(requests_total{code=~"5.."}[%s])) / sum(rate(requests_total[%s]))`, w, w)},
		)
	}
	return []rules.Group{g}
}

// pyrraShape is the burn rates that Pyrra makes of the same SLO at 28 days. Its increase over the whole period, which
// costs most, is left out.
func pyrraShape() []rules.Group {
	g := slothShape()[0]
	g.Rules[len(g.Rules)-1].Expr = strings.ReplaceAll(g.Rules[len(g.Rules)-1].Expr, "[3d]", "[4d]")
	return []rules.Group{g}
}

// theirs is the cost of other shapes over so many series. They read raw series alone, so that it is that of a tenth of them, ten times.
func theirs(t testing.TB, n int) (sloth, pyrra float64) {
	w := newWorld(t, 30*time.Second)
	w.history(4*24*time.Hour, pods(n/10))
	return 10 * w.cost(slothShape()), 10 * w.cost(pyrraShape())
}

// TestCostAgainstOtherShapes holds the cost of 250 series far below that of rules that read raw series over days. Samples
// are counted by the engine, so the numbers are the same on every machine.
func TestCostAgainstOtherShapes(t *testing.T) {
	if testing.Short() {
		t.Skip("writes four days of 250 series")
	}
	const n = 250
	we := ours(t, n)
	sloth, pyrra := theirs(t, n)
	t.Logf(
		"samples a second: ours %.1f, Sloth's shape %.0f (%.0f times), Pyrra's shape %.0f (%.0f times)",
		we,
		sloth,
		sloth/we,
		pyrra,
		pyrra/we,
	)
	if sloth/we < 400 || pyrra/we < 400 {
		t.Error("less than four hundred times cheaper")
	}
	ingested := n / 30.0
	if raw := we / ingested; raw > 36 {
		t.Errorf("%.1f samples are read for each that is ingested", raw)
	}
	r := compiled(t, availability(t, "99.9"), compile.Options{})
	told := r.Cost.Recorded.Float() + r.Cost.PerSeries.Float()*n*1.25 + n/300.0
	if !nearly(told, we, 0.1) {
		t.Errorf("explain tells %.1f samples a second, the engine counts %.1f", told, we)
	}
}

// BenchmarkEvaluate evaluates the rules of one SLO once, over ever more series.
func BenchmarkEvaluate(b *testing.B) {
	for _, n := range []int{250, 1100} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			r := compiled(b, availability(b, "99.9"), compile.Options{})
			w := newWorld(b, 30*time.Second)
			w.history(2*time.Hour, pods(n))
			for b.Loop() {
				w.cost(r.Groups)
			}
			b.ReportMetric(float64(w.samples)/float64(b.N), "samples/op")
		})
	}
}

// BenchmarkShapes counts the samples a second that our rules and the shapes of others read, once over the same data, and
// how many samples ours read for each that is ingested. The numbers are the engine's and the same on every machine.
func BenchmarkShapes(b *testing.B) {
	for _, n := range []int{250, 1100} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var we, sloth, pyrra float64
			for b.Loop() {
				we = ours(b, n)
				sloth, pyrra = theirs(b, n)
			}
			b.ReportMetric(we, "ours/s")
			b.ReportMetric(sloth, "sloth/s")
			b.ReportMetric(pyrra, "pyrra/s")
			b.ReportMetric(min(sloth, pyrra)/we, "times")
			b.ReportMetric(we/(float64(n)/30), "amplification")
		})
	}
}
