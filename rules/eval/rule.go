package eval

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/template"

	"treadmill/rules"
)

// State is how far an alert has come.
type State uint8

// The states.
const (
	Pending State = iota
	Firing
	resolved // kept for a while, as Prometheus does, and never shown
)

// String returns "pending" or "firing", the words of the label alertstate.
func (s State) String() string { return [...]string{"pending", "firing", "inactive"}[s] }

// retention is how long Prometheus keeps a resolved alert (rules/alerting.go, resolvedRetention).
const retention = 15 * time.Minute

// Alert is one instance of an alerting rule that is pending or firing.
type Alert struct {
	Rule        *rules.Rule
	Group       *rules.Group
	State       State
	Labels      labels.Labels
	Annotations labels.Labels
	Value       float64
	ActiveAt    time.Time // since when the expression holds
	FiredAt     time.Time // zero while pending
}

// rule is a rule with what it remembers between evaluations.
type rule struct {
	*rules.Rule
	group    *rules.Group
	labels   labels.Labels
	notes    labels.Labels
	expr     string
	tree     parser.Expr         // the expression parsed, to be read only; nil when it does not parse
	needs    [][]*labels.Matcher // see needs
	tooMany  error               // why it is never evaluated
	active   map[uint64]*instance
	returned map[string]labels.Labels // the series of the evaluation before
}

type instance struct {
	Alert
	keptSince, resolvedAt time.Time
}

// output is one evaluation's samples of a rule.
type output struct {
	labels labels.Labels
	sample Sample
}

func millis(t time.Time) int64 { return t.UnixMilli() }

// record evaluates a recording rule.
func (r *rule) record(vector promql.Vector, at time.Time) ([]output, error) {
	out := make([]output, 0, len(vector))
	seen := map[string]bool{}
	for _, s := range vector {
		b := labels.NewBuilder(s.Metric)
		b.Set(labels.MetricName, r.Record)
		r.labels.Range(func(l labels.Label) { b.Set(l.Name, l.Value) })
		ls := b.Labels()
		if seen[ls.String()] {
			return nil, errors.New("vector contains metrics with the same labelset after applying rule labels")
		}
		seen[ls.String()] = true
		out = append(out, output{ls, Sample{Millis: millis(at), Value: s.F, Histogram: s.H}})
	}
	if r.group.Limit > 0 && len(vector) > r.group.Limit {
		return nil, fmt.Errorf("exceeded limit of %d with %d series", r.group.Limit, len(vector))
	}
	return out, nil
}

// alert evaluates an alerting rule: it moves the states of its instances on and gives the samples of ALERTS and
// ALERTS_FOR_STATE, which carry the time that was asked about (when) while states go by the time of evaluation (at). The transitions are
// those of Prometheus v3.16 (rules/alerting.go, AlertingRule.Eval).
func (r *rule) alert(ctx context.Context, e *Evaluator, vector promql.Vector, at, when time.Time) ([]output, error) {
	now := map[uint64]*instance{}
	for _, s := range vector {
		found := r.instance(ctx, e, s, at)
		h := found.Labels.Hash()
		if now[h] != nil {
			return nil, errors.New("vector contains metrics with the same labelset after applying alert labels")
		}
		now[h] = found
	}
	for h, found := range now {
		if known := r.active[h]; known != nil && known.State != resolved {
			known.Value, known.Annotations = found.Value, found.Annotations
		} else {
			r.active[h] = found
		}
	}
	var out []output
	count := 0
	for h, a := range r.active {
		if !r.step(a, now[h] != nil, at) {
			if a.State == Pending || a.State == resolved && !a.resolvedAt.IsZero() && at.Sub(a.resolvedAt) > retention {
				delete(r.active, h)
			}
			if a.State != resolved {
				a.State, a.resolvedAt = resolved, at
			}
			continue
		}
		count++
		out = append(out, r.samples(a, when)...)
	}
	if r.group.Limit > 0 && count > r.group.Limit {
		r.active = map[uint64]*instance{}
		return nil, fmt.Errorf("exceeded limit of %d with %d alerts", r.group.Limit, count)
	}
	slices.SortFunc(out, func(a, b output) int { return labels.Compare(a.labels, b.labels) })
	return out, nil
}

// step moves an instance on and reports whether it is pending or firing afterwards.
func (r *rule) step(a *instance, holds bool, at time.Time) bool {
	if holds {
		a.keptSince = time.Time{}
	} else {
		if a.State != Firing || r.KeepFiringFor == 0 {
			return false
		}
		if a.keptSince.IsZero() {
			a.keptSince = at
		}
		if at.Sub(a.keptSince) >= time.Duration(r.KeepFiringFor) {
			return false
		}
	}
	if a.State == Pending && at.Sub(a.ActiveAt) >= time.Duration(r.For) {
		a.State, a.FiredAt = Firing, at
	}
	return true
}

// instance makes an alert of a sample, its templates expanded.
func (r *rule) instance(ctx context.Context, e *Evaluator, s promql.Sample, at time.Time) *instance {
	expand := func(text string) string { return e.expand(ctx, r.Alert, text, s, at) }
	b := labels.NewBuilder(s.Metric)
	b.Del(labels.MetricName)
	r.labels.Range(func(l labels.Label) { b.Set(l.Name, expand(l.Value)) })
	b.Set(labels.AlertName, r.Alert)
	var notes []labels.Label
	r.notes.Range(func(l labels.Label) { notes = append(notes, labels.Label{Name: l.Name, Value: expand(l.Value)}) })
	return &instance{
		Alert: Alert{Rule: r.Rule, Group: r.group, Labels: b.Labels(), Annotations: labels.New(notes...), Value: s.F, ActiveAt: at},
	}
}

// alerts gives the alerts of the rule that are in some state, by their labels.
func (r *rule) alerts(in func(State) bool) []Alert {
	var out []Alert
	for _, a := range r.active {
		if in(a.State) {
			out = append(out, a.Alert)
		}
	}
	slices.SortFunc(out, func(a, b Alert) int { return labels.Compare(a.Labels, b.Labels) })
	return out
}

func (r *rule) samples(a *instance, at time.Time) []output {
	b := labels.NewBuilder(r.labels)
	a.Labels.Range(func(l labels.Label) { b.Set(l.Name, l.Value) })
	b.Set(labels.AlertName, r.Alert)
	b.Set(labels.MetricName, "ALERTS_FOR_STATE")
	since := output{b.Labels(), Sample{Millis: millis(at), Value: float64(a.ActiveAt.Unix())}}
	b.Set(labels.MetricName, "ALERTS")
	b.Set("alertstate", a.State.String())
	return []output{{b.Labels(), Sample{Millis: millis(at), Value: 1}}, since}
}

// store appends what a rule gave and marks the series that it no longer gives as stale.
func (r *rule) store(s *Store, out []output, at time.Time) error {
	var failed error
	returned := map[string]labels.Labels{}
	for _, o := range out {
		if err := s.Append(o.labels, o.sample); err != nil {
			failed = cmp.Or(failed, err)
			continue
		}
		returned[o.labels.String()] = o.labels
	}
	for key, ls := range r.returned {
		if _, still := returned[key]; !still {
			// A series that another rule has written since is not stale, so a refusal is as it should be.
			_ = s.Append(ls, Sample{Millis: millis(at), Value: math.Float64frombits(value.StaleNaN)})
		}
	}
	r.returned = returned
	return failed
}

// expand fills in a template as Prometheus does, with $labels, $value, $externalLabels and $externalURL.
func (e *Evaluator) expand(ctx context.Context, alert, text string, s promql.Sample, at time.Time) string {
	if !strings.Contains(text, "{{") {
		return text
	}
	const words = "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}"
	data := template.AlertTemplateData(s.Metric.Map(), e.options.ExternalLabels, e.options.ExternalURL, s)
	external, err := url.Parse(e.options.ExternalURL)
	if err != nil {
		external = &url.URL{}
	}
	result, err := template.NewTemplateExpander(ctx, words+text, "__alert_"+alert, data, model.Time(millis(at)), e.Query, external, nil).
		Expand()
	if err != nil {
		return fmt.Sprintf("<error expanding template: %v>", err)
	}
	return result
}
