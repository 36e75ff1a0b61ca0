package unittest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"

	"treadmill/rules/eval"
)

// compareAlerts compares the firing alerts of one name with the expected ones, whatever their order.
func (r *run) compareAlerts(t AlertTest) {
	var want, got []string
	for _, a := range t.Expected {
		ls := labels.NewBuilder(labels.FromMap(a.Labels)).Set(labels.AlertName, t.Alert.V).Labels()
		want = append(want, alertText(ls, labels.FromMap(a.Annotations)))
	}
	for _, a := range r.eval.Alerts() {
		if a.State == eval.Firing && a.Rule.Alert == t.Alert.V {
			got = append(got, alertText(a.Labels, a.Annotations))
		}
	}
	missing, unexpected := difference(want, got)
	if len(missing)+len(unexpected) > 0 {
		r.fail(t.Pos, FindingAlert, missing, unexpected, "%s at %s: %s", t.Alert.V, t.EvalTime, summary("alert", len(want), len(got), missing))
	}
}

func alertText(ls, notes labels.Labels) string {
	ls = labels.NewBuilder(ls).Del(labels.AlertName).Labels()
	if notes.IsEmpty() {
		return ls.String()
	}
	return ls.String() + " annotations " + notes.String()
}

// compareSamples compares what an expression gives with the expected samples, whatever their order.
func (r *run) compareSamples(ctx context.Context, t ExprTest) {
	vector, err := r.eval.Query(ctx, t.Expr.V, r.start.Add(time.Duration(t.EvalTime)))
	if err != nil {
		r.fail(t.Pos, FindingEval, nil, nil, "%s at %s: %v", oneLine(t.Expr.V), t.EvalTime, err)
		return
	}
	var want, got []sample
	for _, e := range t.Expected {
		want = append(want, sample{e.labels, float64(e.Value), histogramText(e.h)})
	}
	for _, s := range vector {
		got = append(got, sample{s.Metric, s.F, histogramText(s.H)})
	}
	r.alignFloats(want, got)
	missing, unexpected := difference(texts(want), texts(got))
	if len(missing)+len(unexpected) > 0 {
		r.fail(
			t.Pos,
			FindingSample,
			missing,
			unexpected,
			"%s at %s: %s",
			oneLine(t.Expr.V),
			t.EvalTime,
			summary("sample", len(want), len(got), missing),
		)
	}
}

type sample struct {
	labels    labels.Labels
	value     float64
	histogram string
}

func (s sample) text() string {
	value := s.histogram
	if value == "" {
		value = strconv.FormatFloat(s.value, 'g', -1, 64)
	}
	return seriesText(s.labels) + " " + value
}

// seriesText writes labels as people write series: the name first.
func seriesText(ls labels.Labels) string {
	name := ls.Get(labels.MetricName)
	rest := labels.NewBuilder(ls).Del(labels.MetricName).Labels()
	if name != "" && rest.IsEmpty() {
		return name
	}
	return name + rest.String()
}

func texts(samples []sample) []string {
	out := make([]string, len(samples))
	for i, s := range samples {
		out[i] = s.text()
	}
	return out
}

// alignFloats makes values equal that count as equal: with fuzzy_compare those that differ in the last bit.
func (r *run) alignFloats(want, got []sample) {
	for i := range want {
		for j := range got {
			if w, g := &want[i], &got[j]; labels.Equal(w.labels, g.labels) && r.same(w.value, g.value) {
				g.value = w.value
			}
		}
	}
}

func (r *run) same(x, y float64) bool {
	return x == y || r.suite.FuzzyCompare && (math.Nextafter(x, math.Inf(-1)) == y || math.Nextafter(x, math.Inf(1)) == y)
}

func histogramText(h *histogram.FloatHistogram) string {
	if h == nil {
		return ""
	}
	return h.TestExpression()
}

// difference takes equal texts out of both lists and returns what is left of each, sorted.
func difference(want, got []string) (missing, unexpected []string) {
	unexpected = slices.Clone(got)
	for _, w := range want {
		if i := slices.Index(unexpected, w); i >= 0 {
			unexpected = slices.Delete(unexpected, i, i+1)
		} else {
			missing = append(missing, w)
		}
	}
	slices.Sort(missing)
	slices.Sort(unexpected)
	return missing, unexpected
}

func summary(what string, want, got int, missing []string) string {
	switch {
	case got == 0:
		return fmt.Sprintf("want %s, got none", count(want, what))
	case want == 0:
		return fmt.Sprintf("want none, got %s", count(got, what))
	case want == got:
		return fmt.Sprintf("the %ss differ (%d of %d)", what, len(missing), want)
	}
	return fmt.Sprintf("want %s, got %d", count(want, what), got)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// oneLine shortens an expression for a message.
func oneLine(expr string) string {
	s := strings.Join(strings.Fields(expr), " ")
	if len(s) > 80 {
		return s[:77] + "…"
	}
	return s
}
