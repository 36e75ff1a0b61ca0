package compile_test

import (
	"context"
	"log/slog"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	promrules "github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/teststorage"

	"treadmill/rules"
)

// world is a Prometheus in which time passes by hand: its real storage, engine and rule groups.
type world struct {
	t       testing.TB
	storage *teststorage.TestStorage
	engine  *promql.Engine
	opts    *promrules.ManagerOptions
	groups  []*promrules.Group
	series  []series
	now     time.Time
	scrape  time.Duration
	samples int64 // samples that the rules read
	warns   map[string]bool
	quiet   bool // queries may fail
}

// series is a raw series: its labels and its value at each scrape, NaN where it is not there.
type series struct {
	labels labels.Labels
	value  func(at time.Duration) float64
}

// start is when worlds begin; it lies on a whole five minutes.
var start = time.Unix(1_800_000_000, 0).UTC()

func newWorld(t testing.TB, scrape time.Duration, raw ...series) *world {
	t.Helper()
	w := &world{t: t, storage: teststorage.New(t), now: start, scrape: scrape, series: raw, warns: map[string]bool{}}
	w.engine = promql.NewEngine(promql.EngineOpts{MaxSamples: 50_000_000, Timeout: time.Minute, LookbackDelta: 5 * time.Minute})
	t.Cleanup(func() { _ = w.engine.Close() })
	w.opts = &promrules.ManagerOptions{
		NameValidationScheme: model.UTF8Validation, Context: context.Background(), AppendableV2: w.storage, Queryable: w.storage,
		QueryFunc: w.query, Logger: slog.New(slog.DiscardHandler), NotifyFunc: func(context.Context, string, ...*promrules.Alert) {},
		Metrics: promrules.NewGroupMetrics(nil), DefaultRuleQueryOffset: func() time.Duration { return 0 },
	}
	return w
}

func (w *world) query(ctx context.Context, qs string, at time.Time) (promql.Vector, error) {
	q, err := w.engine.NewInstantQuery(ctx, w.storage, nil, qs, at)
	if err != nil {
		w.complain(qs, err)
		return nil, err
	}
	defer q.Close()
	res := q.Exec(ctx)
	if res.Err != nil {
		w.complain(qs, res.Err)
		return nil, res.Err
	}
	for _, warn := range res.Warnings {
		if s := warn.Error(); !w.warns[s] {
			w.warns[s] = true
		}
	}
	w.samples += q.Stats().Samples.TotalSamples
	switch v := res.Value.(type) {
	case promql.Scalar:
		return promql.Vector{{T: v.T, F: v.V}}, nil
	default:
		vec, err := res.Vector()
		return slices.Clone(vec), err
	}
}

func (w *world) complain(qs string, err error) {
	w.t.Helper()
	if !w.quiet {
		w.t.Errorf("query %s: %v", qs, err)
	}
}

// load adds rule groups.
func (w *world) load(groups []rules.Group) {
	w.t.Helper()
	for _, g := range groups {
		o := promrules.GroupOptions{Name: g.Name, Interval: time.Duration(g.Interval), Opts: w.opts}
		for _, r := range g.Rules {
			expr, err := parser.NewParser(parser.Options{}).ParseExpr(r.Expr)
			if err != nil {
				w.t.Fatalf("%s: %v\n%s", r.Name(), err, r.Expr)
			}
			ls := labels.FromMap(r.Labels)
			if r.Record != "" {
				o.Rules = append(o.Rules, promrules.NewRecordingRule(r.Record, expr, ls))
			} else {
				o.Rules = append(o.Rules, promrules.NewAlertingRule(r.Alert, expr, time.Duration(r.For), time.Duration(r.KeepFiringFor), ls,
					labels.FromMap(r.Annotations), labels.EmptyLabels(), "http://prometheus", true, w.opts.Logger))
			}
		}
		w.groups = append(w.groups, promrules.NewGroup(o))
	}
}

// run lets time pass. Rules are evaluated at whole intervals, after the scrape of the same moment; check is called after
// each moment and ends the run by returning false.
func (w *world) run(d time.Duration, check func(at time.Duration) bool) {
	w.t.Helper()
	for end := w.now.Add(d); w.now.Before(end); {
		w.step(true)
		if check != nil && !check(w.now.Sub(start)) {
			return
		}
	}
}

// down lets time pass in which Prometheus does nothing at all.
func (w *world) down(d time.Duration) { w.now = w.now.Add(d) }

func (w *world) interval() time.Duration {
	if len(w.groups) == 0 {
		return w.scrape
	}
	return min(w.scrape, w.groups[0].Interval())
}

func (w *world) step(evaluate bool) {
	w.now = w.now.Add(w.interval())
	at := w.now.Sub(start)
	if at%w.scrape == 0 {
		w.ingest(at)
	}
	for _, g := range w.groups {
		if evaluate && at%g.Interval() == 0 {
			g.Eval(context.Background(), w.now)
		}
	}
}

func (w *world) ingest(at time.Duration) {
	app := storage.AppenderV2AsLimitedV1(w.storage.AppenderV2(context.Background()))
	for _, s := range w.series {
		if v := s.value(at); !math.IsNaN(v) {
			if _, err := app.Append(0, s.labels, w.now.UnixMilli(), v); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	if err := app.Commit(); err != nil {
		w.t.Fatal(err)
	}
}

// firing lists the severities whose alerts fire, with the given label of each.
func (w *world) firing(label string) []string {
	var out []string
	for _, g := range w.groups {
		for _, r := range g.AlertingRules() {
			for _, a := range r.ActiveAlerts() {
				if a.State == promrules.StateFiring {
					out = append(out, a.Labels.Get(label))
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

// value is the value of a query that has one element, NaN when it has none.
func (w *world) value(qs string) float64 {
	w.t.Helper()
	v, err := w.query(context.Background(), qs, w.now)
	if err != nil || len(v) > 1 {
		w.t.Fatalf("%s has %d elements: %v", qs, len(v), err)
	}
	if len(v) == 0 {
		return math.NaN()
	}
	return v[0].F
}

// counter is a counter that grows by so many a second.
func counter(perSecond func(at time.Duration) float64, step time.Duration) func(time.Duration) float64 {
	sum, last := 0.0, time.Duration(0)
	return func(at time.Duration) float64 {
		for ; last < at; last += step {
			sum += perSecond(last) * step.Seconds()
		}
		return sum
	}
}

func steady(v float64) func(time.Duration) float64 { return func(time.Duration) float64 { return v } }

func metric(name string, pairs ...string) labels.Labels {
	return labels.FromStrings(append([]string{model.MetricNameLabel, name}, pairs...)...)
}

func nearly(a, b, relative float64) bool {
	return math.Abs(a-b) <= relative*math.Max(math.Abs(a), math.Abs(b))
}
