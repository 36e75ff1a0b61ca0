package eval

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"

	"treadmill/rules"
)

// Queryable is samples that the engine can read: a Store, or those of another package.
type Queryable = storage.Queryable

// Range evaluates an expression over a store at from, from + step, … up to to, as a server does for a range query.
func Range(ctx context.Context, store Queryable, expr string, from, to time.Time, step time.Duration) (promql.Matrix, []string, error) {
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: maxSamples, Timeout: 10 * time.Minute, EnableAtModifier: true,
		EnableNegativeOffset: true, Parser: rules.NewParser(), NoStepSubqueryIntervalFn: func(int64) int64 { return step.Milliseconds() }})
	q, err := engine.NewRangeQuery(ctx, store, nil, expr, from, to, step)
	if err != nil {
		return nil, nil, err
	}
	defer q.Close()
	res := q.Exec(ctx)
	if res.Err != nil {
		return nil, nil, res.Err
	}
	m, err := res.Matrix()
	if err != nil {
		return nil, nil, fmt.Errorf("the expression gives no series: %w", err)
	}
	warnings, _ := res.Warnings.AsStrings(expr, 10, 0)
	out := make(promql.Matrix, len(m))
	for i, s := range m { // the engine takes its slices back when the query is closed
		out[i] = promql.Series{Metric: s.Metric, Floats: append([]promql.FPoint(nil), s.Floats...), Histograms: append([]promql.HPoint(nil), s.Histograms...)}
	}
	return out, warnings, nil
}
