package compile_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"

	"treadmill/rules"
	"treadmill/rules/compile"
	"treadmill/slo"
)

// fill evaluates passes over all of the time that has passed, as promtool does: each rule without seeing the others.
func (w *world) fill(passes [][]rules.Group) {
	w.t.Helper()
	late := config.StorageConfig{
		ExemplarsConfig: &config.ExemplarsConfig{},
		TSDBConfig:      &config.TSDBConfig{OutOfOrderTimeWindow: (24 * time.Hour).Milliseconds()},
	}
	if err := w.storage.ApplyConfig(&config.Config{StorageConfig: late}); err != nil {
		w.t.Fatal(err)
	}
	for _, pass := range passes {
		app := storage.AppenderV2AsLimitedV1(w.storage.AppenderV2(context.Background()))
		for _, g := range pass {
			for _, r := range g.Rules {
				w.fillRule(app, r, time.Duration(g.Interval))
			}
		}
		if err := app.Commit(); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) fillRule(app storage.LimitedAppenderV1, r rules.Rule, every time.Duration) {
	w.t.Helper()
	q, err := w.engine.NewRangeQuery(context.Background(), w.storage, nil, r.Expr, start.Add(every), w.now, every)
	if err != nil {
		w.t.Fatalf("%s: %v", r.Record, err)
	}
	defer q.Close()
	m, err := q.Exec(context.Background()).Matrix()
	if err != nil {
		w.t.Fatalf("%s: %v", r.Record, err)
	}
	for _, s := range m {
		b := labels.NewBuilder(s.Metric).Set(model.MetricNameLabel, r.Record)
		for k, v := range r.Labels {
			b.Set(k, v)
		}
		ls := b.Labels()
		for _, p := range s.Floats {
			if _, err := app.Append(0, ls, p.T, p.F); err != nil {
				w.t.Fatalf("%s: %v", ls, err)
			}
		}
	}
}

// TestFillIsWhatRulesRecord compares what the passes record for the past with what the rules have recorded while it was
// the present: windows and budgets, through an outage and while the series of idle groups do not exist.
func TestFillIsWhatRulesRecord(t *testing.T) {
	plain, slices, whole := availability(t, "99.9"), availability(t, "90"), availability(t, "99.9")
	plain.Period.Length, slices.Period.Length, whole.Period.Length = 2*slo.Day, slo.Day, 7*slo.Day
	slices.Indicator.Slice = slo.Slice{Window: slo.Tile, Target: slo.NewNumber(9, 10)}
	good := plain
	good.Indicator.Bad, good.Indicator.Good = slo.Query{}, slo.Query{Text: `sum(rate(requests_total{code!~"5.."}[5m]))`}
	whole.Components = []slo.Component{
		{Name: "a", Objective: whole.Objective, Weight: slo.NewNumber(1, 1), Indicator: whole.Indicator},
		{Name: "b", Objective: whole.Objective, Weight: slo.NewNumber(2, 1), Indicator: whole.Indicator}}
	for name, s := range map[string]slo.SLO{"bad events": plain, "good events": good, "slices": slices, "a composite": whole} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			traffic := func() []series {
				raw := requests(
					func(at time.Duration) float64 { return 9 + at.Hours() },
					func(at time.Duration) float64 { return when(at > 3*time.Hour && at < 4*time.Hour, 3) },
					time.Minute,
				)
				for i := range raw {
					f := raw[i].value
					raw[i].value = func(at time.Duration) float64 {
						if v := f(at); at < 6*time.Hour || at > 7*time.Hour {
							return v
						}
						return math.NaN()
					}
				}
				return raw
			}
			live, filled := newWorld(t, time.Minute, traffic()...), newWorld(t, time.Minute, traffic()...)
			draft := compile.Prepare([]slo.SLO{s}, slowly)[0]
			live.load(compile.Groups([]*compile.Draft{draft}))
			live.run(9*time.Hour, nil)
			filled.run(9*time.Hour, nil)
			filled.fill(draft.Fill())
			compared := 0
			for at := start.Add(time.Hour); !at.After(live.now); at = at.Add(5 * time.Minute) {
				want := live.recorded(at)
				got := filled.recorded(at)
				for series, v := range want {
					if g, ok := got[series]; !ok || !nearly(g, v, 1e-9) {
						t.Fatalf("%s after %s: %v, the rules recorded %v", series, at.Sub(start), g, v)
					}
					compared++
				}
			}
			if compared < 1000 {
				t.Errorf("only %d numbers were compared", compared)
			}
		})
	}
}

// recorded is what rules have recorded of events and budgets, by series.
func (w *world) recorded(at time.Time) map[string]float64 {
	w.t.Helper()
	v, err := w.query(context.Background(), `{__name__=~"slo:(events|slice|error_budget|component_budget).*"}`, at)
	if err != nil {
		w.t.Fatal(err)
	}
	out := map[string]float64{}
	for _, s := range v {
		out[s.Metric.String()] = s.F
	}
	return out
}
