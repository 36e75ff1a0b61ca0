package contain

import (
	"context"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/rules"
	"treadmill/rules/eval"
)

const step = time.Minute

// begin is when worlds begin: far enough from 0 for any look back.
func begin() time.Time { return time.Unix(40*24*3600, 0).UTC() }

// samples gives how long ago raw series have samples: enough for a rate over a minute as for one over a quarter of an hour.
func samples() []time.Duration {
	return []time.Duration{
		20 * time.Minute,
		15 * time.Minute,
		10 * time.Minute,
		5 * time.Minute,
		2 * time.Minute,
		time.Minute,
		30 * time.Second,
		0,
	}
}

// back is how long ago recorded series begin, and every how often they have a sample: longer than the slow windows of SLOs.
const (
	back  = 73 * time.Hour
	every = 5 * time.Minute
)

// world is a number of objects of which some are in a state.
type world struct {
	*generator
	size, bad int
	ill, well assignment
}

// fires reports whether the expression of the old alert is true.
func (w *world) fires(ctx context.Context) bool {
	return slices.ContainsFunc(
		w.settled(ctx, w.before, func(string) bool { return true }),
		func(a said) bool { return a.alert == w.alert.Alert },
	)
}

// said is an alert that fires.
type said struct {
	alert string
	hash  uint64 // of its labels and its expression
}

// settled are the alerts of some severities that are true of a world that has always been so. What a rule records of it was always what it
// is now, so each is evaluated once, after those that it reads.
func (w *world) settled(ctx context.Context, all []rules.Placed, wanted func(severity string) bool) []said {
	store := eval.NewStore()
	now := begin().Add(back)
	raw := w.series()
	for _, ago := range samples() {
		w.append(store, raw, now.Add(-ago))
	}
	e := eval.New(store, nil, eval.Options{Interval: step})
	var out []said
	for _, one := range all {
		v, err := e.Query(ctx, one.Rule.Expr, now)
		if err != nil {
			continue // a rule that fails says and records nothing
		}
		for _, sample := range v {
			b := labels.NewBuilder(sample.Metric)
			for name, value := range one.Labels() {
				b.Set(name, value)
			}
			switch severity := b.Get("severity"); {
			case one.Rule.Record != "":
				remember(store, b.Set(labels.MetricName, one.Rule.Record).Labels(), sample.F, now)
			case wanted(severity):
				out = append(out, said{one.Rule.Alert, b.Set("", one.Rule.Alert+one.Rule.Expr).Labels().Hash()})
			}
		}
	}
	return out
}

// remember gives a recorded series its past.
func remember(store *eval.Store, ls labels.Labels, value float64, now time.Time) {
	for at := begin(); !at.After(now); at = at.Add(every) {
		// Two rules may record one series; the first counts.
		_ = store.Append(ls, eval.Sample{Millis: at.UnixMilli(), Value: value})
	}
}

// inOrder are the rules of groups, each after those that record what it reads, as far as they do not go round in a circle.
func inOrder(groups []rules.Group) []rules.Placed {
	var out, rest []rules.Placed
	pending := map[string]int{}
	for i := range groups {
		for j := range groups[i].Rules {
			one := rules.Placed{Group: &groups[i], Rule: &groups[i].Rules[j]}
			rest = append(rest, one)
			pending[one.Rule.Record]++
		}
	}
	reads := map[*rules.Rule][]string{}
	for _, one := range rest {
		reads[one.Rule] = names(one.Rule.Expr)
	}
	for len(rest) > 0 {
		at := max(0, slices.IndexFunc(rest, func(p rules.Placed) bool {
			return !slices.ContainsFunc(reads[p.Rule], func(name string) bool { return pending[name] > 0 && name != p.Rule.Record })
		}))
		pending[rest[at].Rule.Record]--
		out = append(out, rest[at])
		rest = slices.Delete(rest, at, at+1)
	}
	return out
}

// names are the metrics that an expression reads.
func names(text string) []string {
	var out []string
	expr, err := rules.ParseExpr(text)
	if err != nil {
		return nil
	}
	parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
		if s, ok := n.(*parser.VectorSelector); ok {
			for _, m := range s.LabelMatchers {
				if m.Name == labels.MetricName && m.Type == labels.MatchEqual {
					out = append(out, m.Value)
				}
			}
		}
		return nil
	})
	return out
}
