// Package noise says how alerts behaved: how often they fired, for how long, how often somebody was told, and how often without a cause.
//
// The way through it: the recorded series ALERTS, in pieces → History.Add → Instances → Measure → Noise by rule; an
// Alertmanager configuration → ReadConfig → Config.Notify → notifications. The formulas are those that a promtool test
// holds in testdata/unittest/noise.yaml. It knows what was recorded and no more: a silence leaves no trace in ALERTS.
package noise

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"treadmill/slo"
)

// Query is what Add takes the answers of.
const Query = `ALERTS{alertstate="firing"}`

// Span is a time from From on, To excluded.
type Span struct{ From, To time.Time }

// Instance is one alert: a rule with labels, and when it fired, in order.
type Instance struct {
	Labels map[string]string
	Spans  []Span
}

// Rule is what ties an instance to the rule that made it.
type Rule struct{ Name, Severity string }

// Rule is the rule of an instance, as far as its labels tell.
func (i Instance) Rule() Rule { return Rule{i.Labels["alertname"], i.Labels["severity"]} }

// History collects instances. Replicas are the labels by which servers of one pair differ: what several of them recorded
// counts once.
type History struct {
	Replicas []string
	found    map[string]*Instance
}

// Add takes a piece of the history; pieces come in the order of time, on one grid.
func (h *History) Add(answer slo.Answer, grid slo.Grid) {
	if h.found == nil {
		h.found = map[string]*Instance{}
	}
	for _, s := range answer.Series {
		labels := maps.Clone(s.Labels)
		delete(labels, "__name__")
		delete(labels, "alertstate")
		for _, r := range h.Replicas {
			delete(labels, r)
		}
		key := keyOf(labels)
		i := h.found[key]
		if i == nil {
			i = &Instance{Labels: labels}
			h.found[key] = i
		}
		for n, v := range s.Values {
			if !math.IsNaN(v) {
				at := grid.At(n)
				i.Spans = append(i.Spans, Span{at, at.Add(time.Duration(grid.Step))})
			}
		}
		i.Spans = join(i.Spans)
	}
}

// Instances are all, by their labels.
func (h *History) Instances() []Instance {
	var out []Instance
	for _, key := range slices.Sorted(maps.Keys(h.found)) {
		out = append(out, *h.found[key])
	}
	return out
}

func keyOf(labels map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		b.WriteString(name + "\x00" + labels[name] + "\x00")
	}
	return b.String()
}

// join sorts spans and joins those that touch or overlap.
func join(spans []Span) []Span {
	slices.SortFunc(spans, func(a, b Span) int { return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To)) })
	out := spans[:0]
	for _, s := range spans {
		if n := len(out); n > 0 && !s.From.After(out[n-1].To) {
			if s.To.After(out[n-1].To) {
				out[n-1].To = s.To
			}
			continue
		}
		out = append(out, s)
	}
	return out
}

// length is how long spans are in sum.
func length(spans []Span) time.Duration {
	var sum time.Duration
	for _, s := range spans {
		sum += s.To.Sub(s.From)
	}
	return sum
}

// overlap is how long two lists of spans are both on; each is in order.
func overlap(a, b []Span) time.Duration {
	var sum time.Duration
	for i, j := 0, 0; i < len(a) && j < len(b); {
		from, to := later(a[i].From, b[j].From), earlier(a[i].To, b[j].To)
		sum += max(0, to.Sub(from))
		if a[i].To.Before(b[j].To) {
			i++
		} else {
			j++
		}
	}
	return sum
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// on reports whether spans cover a moment; they are in order.
func on(spans []Span, at time.Time) bool {
	i, found := slices.BinarySearchFunc(spans, at, func(s Span, at time.Time) int { return s.From.Compare(at) })
	return found || i > 0 && at.Before(spans[i-1].To)
}

// Join sorts spans and joins those that touch or overlap.
func Join(spans []Span) []Span { return join(slices.Clone(spans)) }

// Burns are the times in which an SLO spent its error budget faster than the budget comes: bad / total above 1 - objective.
// Step i of the grid ends at Grid.At(i).
func Burns(grid slo.Grid, total, bad []float64, objective float64) []Span {
	var out []Span
	for i := range total {
		if total[i] > 0 && bad[i]/total[i] > 1-objective {
			at := grid.At(i)
			out = append(out, Span{at.Add(-time.Duration(grid.Step)), at})
		}
	}
	return join(out)
}
