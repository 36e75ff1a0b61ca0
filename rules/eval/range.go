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

// Both is the samples of a and, where there is one, of b. What they have of one series is taken together.
func Both(a, b Queryable) Queryable {
	if b == nil {
		return a
	}
	return both{a, b}
}

type both [2]Queryable

// Querier opens both.
func (b both) Querier(mint, maxt int64) (storage.Querier, error) {
	var out [2]storage.Querier
	for i, q := range b {
		var err error
		if out[i], err = q.Querier(mint, maxt); err != nil {
			if i > 0 {
				_ = out[0].Close()
			}
			return nil, err
		}
	}
	return storage.NewMergeQuerier(out[:], nil, storage.ChainedSeriesMerge), nil
}

// Range evaluates an expression over a store at from, from + step, … up to to, as a server does for a range query.
func Range(ctx context.Context, store Queryable, expr string, from, to time.Time, step time.Duration) (promql.Matrix, []string, error) {
	if err := tooMany(expr, to.Sub(from), step); err != nil {
		return nil, nil, err
	}
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
		out[i] = promql.Series{
			Metric:     s.Metric,
			Floats:     append([]promql.FPoint(nil), s.Floats...),
			Histograms: append([]promql.HPoint(nil), s.Histograms...),
		}
	}
	return out, warnings, nil
}
