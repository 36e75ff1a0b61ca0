package eval

import (
	"context"
	"slices"
	"time"

	"github.com/prometheus/prometheus/promql"
)

// Moment is what one evaluation of all rules came to: the alerts that fire then, in the order of the rules, and the rules that failed.
type Moment struct {
	At       time.Time
	Firing   []Alert
	Problems []Problem
}

// Run evaluates at from and every Interval after it, up to to. Before an evaluation load appends the samples of its time. Each gives what Eval
// would give, but a rule that waits for no other is evaluated at all times in one query, which costs a fraction.
func (e *Evaluator) Run(ctx context.Context, from, to time.Time, load func(at time.Time)) []Moment {
	r := run{e: e, firing: make([][][]Alert, len(e.rules)), problems: make([][]Problem, len(e.rules))}
	for at := from; !at.After(to); at = at.Add(e.options.Interval) {
		r.moments = append(r.moments, Moment{At: at})
	}
	g := newGraph(e.rules)
	if g.peeks { // what comes later must not be there yet
		r.byTheMinute(ctx, g.everyone(), load)
		return r.result()
	}
	for _, m := range r.moments {
		load(m.At)
	}
	for _, some := range g.together() {
		if len(some) > 1 || g.reads[some[0]].sees(g.writes[some[0]]) || !r.alone(ctx, some[0]) {
			r.byTheMinute(ctx, some, func(time.Time) {})
		}
	}
	return r.result()
}

type run struct {
	e        *Evaluator
	moments  []Moment
	firing   [][][]Alert // of each rule, at each moment
	problems [][]Problem // of each rule
}

// byTheMinute evaluates rules that look at one another, at one moment after the other.
func (r *run) byTheMinute(ctx context.Context, some []int, load func(at time.Time)) {
	for i := range r.moments {
		load(r.moments[i].At)
		for _, at := range some {
			one := r.e.rules[at]
			if r.e.due(one, r.moments[i].At) {
				if err := r.e.evaluate(ctx, one, r.moments[i].At); err != nil {
					r.problems[at] = append(r.problems[at], Problem{Rule: one.Rule, At: r.moments[i].At, Err: err})
				}
			}
			r.note(at, one)
		}
	}
}

// alone evaluates a rule at all moments in one query, and reports whether it could.
func (r *run) alone(ctx context.Context, at int) bool {
	one := r.e.rules[at]
	var due []time.Time
	for _, m := range r.moments {
		if r.e.due(one, m.At) {
			due = append(due, m.At)
		}
	}
	vectors, err := r.e.vectors(ctx, one, due)
	if err != nil {
		return false // which moment it is, and what comes of the others, is seen at each alone
	}
	for _, m := range r.moments {
		if len(due) > 0 && due[0].Equal(m.At) {
			if err := r.e.take(ctx, one, vectors[0], m.At); err != nil {
				r.problems[at] = append(r.problems[at], Problem{Rule: one.Rule, At: m.At, Err: err})
			}
			due, vectors = due[1:], vectors[1:]
		}
		r.note(at, one)
	}
	return true
}

// vectors is what the expression of a rule gives at evenly spaced evaluations.
func (e *Evaluator) vectors(ctx context.Context, r *rule, at []time.Time) ([]promql.Vector, error) {
	out := make([]promql.Vector, len(at))
	if len(at) == 0 || r.tooMany == nil && e.store.sleeps(r.needs) {
		return out, nil
	}
	step := e.options.Interval
	if len(at) > 1 {
		step = at[1].Sub(at[0])
	}
	offset := -time.Duration(r.group.Offset())
	from, to := at[0].Add(offset), at[len(at)-1].Add(offset)
	if r.tree != nil {
		if err := tooManyOf(r.tree, to.Sub(from), e.options.Interval); err != nil {
			return nil, err
		}
	}
	q, err := e.engine.NewRangeQuery(ctx, e.store, nil, r.expr, from, to, step)
	if err != nil {
		return nil, err
	}
	defer q.Close()
	found, err := q.Exec(ctx).Matrix()
	if err != nil {
		return nil, err
	}
	for _, s := range found {
		for _, f := range s.Floats {
			i := (f.T - from.UnixMilli()) / step.Milliseconds()
			out[i] = append(out[i], promql.Sample{T: f.T, F: f.F, Metric: s.Metric})
		}
		for _, h := range s.Histograms {
			i := (h.T - from.UnixMilli()) / step.Milliseconds()
			out[i] = append(out[i], promql.Sample{T: h.T, H: h.H.Copy(), Metric: s.Metric})
		}
	}
	return out, nil
}

// note keeps which alerts of a rule fire after an evaluation.
func (r *run) note(at int, one *rule) {
	var some []Alert
	if one.Alert != "" {
		some = one.alerts(func(s State) bool { return s == Firing })
	}
	r.firing[at] = append(r.firing[at], some)
}

// result puts what the rules gave into the order of time, and of the rules.
func (r *run) result() []Moment {
	for rule := range r.firing {
		problems := r.problems[rule]
		for i := range r.moments {
			m := &r.moments[i]
			m.Firing = append(m.Firing, r.firing[rule][i]...)
			n := slices.IndexFunc(problems, func(p Problem) bool { return p.At.After(m.At) })
			if n < 0 {
				n = len(problems)
			}
			m.Problems, problems = append(m.Problems, problems[:n]...), problems[n:]
		}
	}
	return r.moments
}
