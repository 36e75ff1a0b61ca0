package eval

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"

	"treadmill/rules"
)

// Options are what Prometheus takes from its configuration and flags.
type Options struct {
	Interval       time.Duration // between evaluations; also the step of subqueries that name none
	ExternalLabels map[string]string
	ExternalURL    string
	// Intervals makes a group whose interval is longer wait for it; otherwise, as in promtool, Eval evaluates every group.
	Intervals bool
	// NoAnnotations leaves the annotations of alerts out, for those who do not show them.
	NoAnnotations bool
}

// Evaluator evaluates groups over a store.
type Evaluator struct {
	store   *Store
	options Options
	engine  *promql.Engine
	rules   []*rule
}

// maxSamples is what one query may load: the default of the Prometheus server.
const maxSamples = 50_000_000

// New prepares groups for evaluation over a store, in the given order. The groups must stay as they are.
func New(store *Store, groups []rules.Group, o Options) *Evaluator {
	parse := rules.NewParser()
	e := &Evaluator{store: store, options: o, engine: promql.NewEngine(promql.EngineOpts{
		MaxSamples: maxSamples, Timeout: 2 * time.Minute, EnableAtModifier: true, EnableNegativeOffset: true, Parser: parse,
		NoStepSubqueryIntervalFn: func(int64) int64 { return max(o.Interval.Milliseconds(), 1) },
	})}
	for i := range groups {
		for j := range groups[i].Rules {
			one := rules.Placed{Group: &groups[i], Rule: &groups[i].Rules[j]}
			r := &rule{Rule: one.Rule, group: one.Group, expr: one.Rule.Expr, labels: labels.FromMap(one.Labels()), active: map[uint64]*instance{}}
			if tree, err := parse.ParseExpr(r.expr); err == nil {
				r.tree, r.needs = tree, needs(tree)
			}
			if !o.NoAnnotations {
				r.notes = labels.FromMap(one.Rule.Annotations)
			}
			e.rules = append(e.rules, r)
		}
	}
	return e
}

// Problem is a rule that could not be evaluated.
type Problem struct {
	Rule *rules.Rule
	At   time.Time
	Err  error
}

// Eval evaluates every rule at one time, each seeing what those before it wrote. Calls must go forward in time.
func (e *Evaluator) Eval(ctx context.Context, at time.Time) []Problem {
	var problems []Problem
	for _, r := range e.rules {
		if e.options.Intervals && time.Duration(r.group.Interval) > e.options.Interval && at.UnixNano()%int64(r.group.Interval) != 0 {
			continue
		}
		when := at.Add(-time.Duration(r.group.Offset()))
		var vector promql.Vector
		var out []output
		var err error
		if !e.store.sleeps(r.needs) {
			vector, err = e.Query(ctx, r.expr, when)
		}
		switch {
		case err != nil:
		case r.Alert != "":
			out, err = r.alert(ctx, e, vector, at, when)
		default:
			out, err = r.record(vector, when)
		}
		if err == nil {
			err = r.store(e.store, out, when)
		}
		if err != nil {
			problems = append(problems, Problem{Rule: r.Rule, At: at, Err: err})
		}
	}
	return problems
}

// Alerts gives every alert that is pending or firing, by the order of the rules and then by labels.
func (e *Evaluator) Alerts() []Alert {
	var out []Alert
	for _, r := range e.rules {
		var some []Alert
		for _, a := range r.active {
			if a.State != resolved {
				some = append(some, a.Alert)
			}
		}
		slices.SortFunc(some, func(a, b Alert) int { return labels.Compare(a.Labels, b.Labels) })
		out = append(out, some...)
	}
	return out
}

// Query evaluates an expression at one time. A scalar comes as a vector of one sample without labels.
func (e *Evaluator) Query(ctx context.Context, expr string, at time.Time) (promql.Vector, error) {
	if err := tooMany(expr, 0, e.options.Interval); err != nil {
		return nil, err
	}
	q, err := e.engine.NewInstantQuery(ctx, e.store, nil, expr, at)
	if err != nil {
		return nil, err
	}
	defer q.Close()
	switch res := q.Exec(ctx); v := res.Value.(type) {
	case promql.Vector:
		return slices.Clone(v), res.Err
	case promql.Scalar:
		return promql.Vector{{T: v.T, F: v.V}}, res.Err
	default:
		if res.Err != nil {
			return nil, res.Err
		}
		return nil, errors.New("the expression gives neither a vector nor a scalar")
	}
}
