package unittest

import (
	"context"
	"slices"
	"time"

	"github.com/prometheus/common/model"

	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/eval"
)

// The IDs of expectations that fail.
const (
	FindingAlert  = "unittest/alert"  // an alert fires that should not, or the other way round
	FindingSample = "unittest/sample" // an expression gives other samples
	FindingEval   = "unittest/eval"   // a rule or an expression cannot be evaluated
)

// Result is what came of a suite's tests, in their order.
type Result struct {
	File  string   `json:"file"`
	Tests []Tested `json:"tests"`
}

// Unrun is the result of a suite that has errors of its own, or whose rules have: no test of it says anything.
func Unrun(s Suite) Result {
	out := Result{File: s.File, Tests: []Tested{}}
	for _, t := range s.Tests {
		out.Tests = append(out.Tests, Tested{Name: t.Name, Outcome: NotRun, Failures: []Failure{}, Position: t.Pos})
	}
	return out
}

// Outcome is how a test ended.
type Outcome string

// The outcomes.
const (
	Passed Outcome = "passed"
	Failed Outcome = "failed"
	NotRun Outcome = "not run"
)

// Tested is one test.
type Tested struct {
	Name     string    `json:"name"`
	Outcome  Outcome   `json:"outcome"`
	Failures []Failure `json:"failures"`
	diag.Position
}

// Failure is one expectation that failed, with what was expected and what came in its place. Only what differs is listed.
type Failure struct {
	diag.Finding
	Missing    []string `json:"missing"`
	Unexpected []string `json:"unexpected"`
}

// Run runs every test of a suite over the rules of its files. Each test has a store and a state of its own.
func Run(ctx context.Context, s Suite, files []rules.File) Result {
	groups := ordered(s, files)
	out := Result{File: s.File, Tests: []Tested{}}
	for i := range s.Tests {
		t := &s.Tests[i]
		r := &run{suite: s, test: t, store: eval.NewStore(), start: time.Unix(0, 0).UTC()}
		if !t.Start.IsZero() {
			r.start = t.Start.Time
		}
		r.eval = eval.New(
			r.store,
			groups,
			eval.Options{Interval: time.Duration(s.EvaluationInterval), ExternalLabels: t.ExternalLabels, ExternalURL: t.ExternalURL},
		)
		r.load()
		r.do(ctx)
		outcome := Passed
		if len(r.failures) > 0 {
			outcome = Failed
		}
		out.Tests = append(out.Tests, Tested{Name: t.Name, Outcome: outcome, Failures: append([]Failure{}, r.failures...), Position: t.Pos})
	}
	return out
}

// ordered puts the groups that group_eval_order names first, in that order, and then the others as they stand in the files.
func ordered(s Suite, files []rules.File) []rules.Group {
	var groups []rules.Group
	for _, f := range files {
		groups = append(groups, f.Groups...)
	}
	rank := func(g rules.Group) int {
		for i, name := range s.GroupEvalOrder {
			if name.V == g.Name {
				return i
			}
		}
		return len(s.GroupEvalOrder)
	}
	slices.SortStableFunc(groups, func(a, b rules.Group) int { return rank(a) - rank(b) })
	return groups
}

// run is one test while it runs.
type run struct {
	suite    Suite
	test     *Test
	store    *eval.Store
	eval     *eval.Evaluator
	start    time.Time
	pending  []pending
	failures []Failure
}

// pending are the samples of an input series that are not stored yet. They are stored as time goes on, as rules may
// write to the same series.
type pending struct {
	*Series
	samples []eval.Sample
}

func (r *run) load() {
	for i := range r.test.Input {
		in := &r.test.Input[i]
		p := pending{Series: in}
		at := r.start
		for _, v := range in.values {
			if !v.Omitted {
				p.samples = append(p.samples, eval.Sample{Millis: at.UnixMilli(), Value: v.Value, Histogram: v.Histogram})
			}
			at = at.Add(time.Duration(r.test.Interval))
		}
		r.pending = slices.DeleteFunc(r.pending, func(o pending) bool { return o.labels.String() == in.labels.String() })
		r.pending = append(r.pending, p)
	}
}

// storeUntil stores the input up to a time.
func (r *run) storeUntil(at time.Time) {
	for i := range r.pending {
		p := &r.pending[i]
		for len(p.samples) > 0 && p.samples[0].Millis <= at.UnixMilli() {
			if err := r.store.Append(p.labels, p.samples[0]); err != nil {
				r.fail(p.Series.Series.Pos, FindingEval, nil, nil, "input series at %s: %v", r.since(at), err)
			}
			p.samples = p.samples[1:]
		}
	}
}

// maxEvaluations bounds a test: a year at one evaluation a minute is half of it.
const maxEvaluations = 1_000_000

// do evaluates the rules at every interval up to the last time that an expectation asks for. Alerts are compared at the
// evaluation at or before their time, expressions at the end, at their exact time, as promtool does.
func (r *run) do(ctx context.Context) {
	interval := time.Duration(r.suite.EvaluationInterval)
	if n := r.end() / interval; n > maxEvaluations {
		r.fail(
			r.test.Pos,
			FindingEval,
			nil,
			nil,
			"%s: %d evaluations up to %s are too many: use a longer evaluation_interval",
			r.test.Name,
			n,
			model.Duration(r.end()),
		)
		return
	}
	alerts := slices.Clone(r.test.Alerts)
	slices.SortStableFunc(alerts, func(a, b AlertTest) int { return int(a.EvalTime - b.EvalTime) })
	for at, end := r.start, r.start.Add(r.end()); !at.After(end); at = at.Add(interval) {
		r.storeUntil(at)
		problems := r.eval.Eval(ctx, at)
		for _, p := range problems {
			r.fail(p.Rule.ExprPos, FindingEval, nil, nil, "%s cannot be evaluated at %s of %q: %v", p.Rule.Name(), r.since(at), r.test.Name, p.Err)
		}
		if len(problems) > 0 || ctx.Err() != nil {
			return
		}
		for len(alerts) > 0 && time.Duration(alerts[0].EvalTime) < at.Add(interval).Sub(r.start) {
			r.compareAlerts(alerts[0])
			alerts = alerts[1:]
		}
	}
	for _, e := range r.test.Exprs {
		r.compareSamples(ctx, e)
	}
	slices.SortStableFunc(r.failures, func(a, b Failure) int { return diag.Compare(a.Finding, b.Finding) })
}

func (r *run) end() time.Duration {
	var end model.Duration
	for _, a := range r.test.Alerts {
		end = max(end, a.EvalTime)
	}
	for _, e := range r.test.Exprs {
		end = max(end, e.EvalTime)
	}
	return time.Duration(end)
}

func (r *run) since(at time.Time) model.Duration { return model.Duration(at.Sub(r.start)) }

func (r *run) fail(at diag.Position, id string, missing, unexpected []string, format string, args ...any) {
	r.failures = append(r.failures, Failure{Missing: append([]string{}, missing...), Unexpected: append([]string{}, unexpected...),
		Finding: diag.Errorf(id, at, format, args...)})
}
