// Package backtest says what rules would have done: when they would have fired, for what, and whether rightly.
//
// The way through it: a source of history (a server, or a Local one out of samples in a file) answers queries over a grid →
// Fast replays the rules of an SLO in plain arithmetic, Replay any other alert → Episodes, beside the incidents that package
// review finds → Score. It asks no server and knows no file.
package backtest

import (
	"context"
	"time"

	"treadmill/rules/eval"
	"treadmill/slo"
)

// Local answers queries from samples at hand, with the engine of Prometheus.
type Local struct{ Store eval.Queryable }

// Held is the samples.
func (l Local) Held() eval.Queryable { return l.Store }

// Range answers a query at every moment of a grid.
func (l Local) Range(ctx context.Context, query string, grid slo.Grid) (slo.Answer, error) {
	if grid.N == 0 {
		return slo.Answer{}, nil
	}
	m, warnings, err := eval.Range(ctx, l.Store, query, grid.From, grid.At(grid.N-1), time.Duration(grid.Step))
	if err != nil {
		return slo.Answer{}, err
	}
	out := slo.Answer{Warnings: warnings}
	for _, s := range m {
		one := slo.NewSeries(s.Metric.Map(), grid.N)
		for _, p := range s.Floats {
			if i, ok := grid.Index(time.UnixMilli(p.T)); ok {
				one.Values[i] = p.F
				if p.F != p.F {
					out.NaN++
				}
			}
		}
		out.Series = append(out.Series, one)
	}
	return out, nil
}
