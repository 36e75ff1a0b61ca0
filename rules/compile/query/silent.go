package query

import (
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/slo"
)

// Silent is the series of counters that do not answer, as long as they do not: their last values, each under the label Of, which names the
// SLO and the counter. Without it a target that fails to answer scrapes would take its last value with it, as Prometheus marks its series
// as ended.
const (
	Silent = "slo:silent:last"
	Since  = "slo:silent:since" // the time at which each began to be kept
	Of     = "slo_counter"
)

const ignoring = "ignoring (" + Of + ") "

// Counter is a selector of counters that are counted.
type Counter struct {
	Key      string // the value of the label Of, with a mark in it
	selector *parser.VectorSelector
}

// Keep is the expression of the series Silent for a counter, for rules that are evaluated so often: the last values of what was there one
// or two evaluations ago, or is kept already, and is not there now. What was kept for as long as a gap may be is let go.
func (c Counter) Keep(every slo.Window) string {
	ago := func(n slo.Window) string { return shifted(c.selector, n*every).String() }
	return "(" + ago(1) + " or " + ago(2) + " or " + ignoring + c.of(Silent) + ")\n" +
		"unless " + ignoring + c.selector.String() + "\n" +
		"unless " + ignoring + "(" + c.of(Since) + " <= time() - " + strconv.Itoa(int(time.Duration(Bridge).Seconds())) + ")"
}

// Began is the expression of the series Since for a counter, evaluated after Keep.
func (c Counter) Began() string {
	return c.of(Since) + " and " + c.of(Silent) + "\nor timestamp(" + c.of(Silent) + ")"
}

// of is what a series holds of the counter.
func (c Counter) of(series string) string {
	return series + "{" + Of + "=" + strconv.Quote(c.Key) + "}"
}

// silentOf selects of the series Silent of a counter what a selector takes of the counter.
func silentOf(c Counter, v *parser.VectorSelector) string {
	matchers := []*labels.Matcher{labels.MustNewMatcher(labels.MatchEqual, Of, c.Key)}
	for _, m := range v.LabelMatchers {
		if m.Name != labels.MetricName &&
			!slices.ContainsFunc(c.selector.LabelMatchers, func(x *labels.Matcher) bool { return x.String() == m.String() }) {
			matchers = append(matchers, m)
		}
	}
	return (&parser.VectorSelector{Name: Silent, LabelMatchers: matchers}).String()
}

// covers reports whether a counter selects whatever another selector does: that has the same name, and all of its matchers.
func (c Counter) covers(v *parser.VectorSelector) bool {
	return metricOf(c.selector) != "" && metricOf(c.selector) == metricOf(v) && c.selector.OriginalOffset == v.OriginalOffset &&
		!slices.ContainsFunc(c.selector.LabelMatchers, func(m *labels.Matcher) bool {
			return m.Name != labels.MetricName &&
				!slices.ContainsFunc(v.LabelMatchers, func(x *labels.Matcher) bool { return x.String() == m.String() })
		})
}
