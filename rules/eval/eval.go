package eval

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"

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
	parse := parsed{Parser: rules.NewParser(), known: map[string]parser.Expr{}}
	e := &Evaluator{store: store, options: o, engine: promql.NewEngine(promql.EngineOpts{
		MaxSamples: maxSamples, Timeout: 2 * time.Minute, EnableAtModifier: true, EnableNegativeOffset: true, Parser: parse,
		NoStepSubqueryIntervalFn: func(int64) int64 { return max(o.Interval.Milliseconds(), 1) },
	})}
	for i := range groups {
		for j := range groups[i].Rules {
			one := rules.Placed{Group: &groups[i], Rule: &groups[i].Rules[j]}
			r := &rule{Rule: one.Rule, group: one.Group, expr: one.Rule.Expr, labels: labels.FromMap(one.Labels()), active: map[uint64]*instance{}}
			if tree, err := parse.Parser.ParseExpr(r.expr); err == nil {
				r.tree, r.needs, parse.known[r.expr] = tree, needs(tree), tree
				r.tooMany = tooManyOf(tree, 0, o.Interval)
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
		if !e.due(r, at) {
			continue
		}
		if err := e.evaluate(ctx, r, at); err != nil {
			problems = append(problems, Problem{Rule: r.Rule, At: at, Err: err})
		}
	}
	return problems
}

// due reports whether the group of a rule is evaluated at a time.
func (e *Evaluator) due(r *rule, at time.Time) bool {
	return !e.options.Intervals || time.Duration(r.group.Interval) <= e.options.Interval || at.UnixNano()%int64(r.group.Interval) == 0
}

func (e *Evaluator) evaluate(ctx context.Context, r *rule, at time.Time) error {
	var vector promql.Vector
	if r.tooMany != nil {
		return r.tooMany
	}
	if !e.store.sleeps(r.needs) {
		var err error
		if vector, err = e.query(ctx, r.expr, at.Add(-time.Duration(r.group.Offset()))); err != nil {
			return err
		}
	}
	return e.take(ctx, r, vector, at)
}

// take makes alerts or samples of what the expression of a rule gives.
func (e *Evaluator) take(ctx context.Context, r *rule, vector promql.Vector, at time.Time) error {
	if len(vector) == 0 && len(r.active) == 0 && len(r.returned) == 0 {
		return nil
	}
	when := at.Add(-time.Duration(r.group.Offset()))
	var out []output
	var err error
	if r.Alert != "" {
		out, err = r.alert(ctx, e, vector, at, when)
	} else {
		out, err = r.record(vector, when)
	}
	if err != nil {
		return err
	}
	return r.store(e.store, out, when)
}

// Alerts gives every alert that is pending or firing, by the order of the rules and then by labels.
func (e *Evaluator) Alerts() []Alert {
	var out []Alert
	for _, r := range e.rules {
		out = append(out, r.alerts(func(s State) bool { return s != resolved })...)
	}
	return out
}

// Query evaluates an expression at one time. A scalar comes as a vector of one sample without labels.
func (e *Evaluator) Query(ctx context.Context, expr string, at time.Time) (promql.Vector, error) {
	if err := tooMany(expr, 0, e.options.Interval); err != nil {
		return nil, err
	}
	return e.query(ctx, expr, at)
}

func (e *Evaluator) query(ctx context.Context, expr string, at time.Time) (promql.Vector, error) {
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
