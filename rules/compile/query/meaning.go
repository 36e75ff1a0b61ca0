package query

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// meaningful refuses a query that parses and still counts nothing, or not what it says. Good says that it counts good events.
func meaningful(e parser.Expr, good bool) error {
	var all []*parser.VectorSelector
	free := false // the buckets' bounds are kept, or a function minds them
	parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
		switch n := n.(type) {
		case *parser.VectorSelector:
			all = append(all, n)
		case *parser.AggregateExpr:
			free = free || !n.Without && slices.Contains(n.Grouping, "le")
		case *parser.Call:
			free = free || strings.HasPrefix(n.Func.Name, "histogram_")
		}
		return nil
	})
	if len(all) == 0 {
		return errors.New(
			"the query reads no metric, so nothing can come of it; write one that counts events, such as sum(rate(requests_total[5m]))",
		)
	}
	for _, v := range all {
		if name := metricOf(v); strings.HasSuffix(name, "_bucket") && !free {
			if err := bound(v, name, good && len(all) == 1); err != nil {
				return err
			}
		}
	}
	return nil
}

// metricOf is the name of the metric that a selector reads, "" where it does not say.
func metricOf(v *parser.VectorSelector) string {
	for _, m := range v.LabelMatchers {
		if m.Name == labels.MetricName && m.Type == labels.MatchEqual {
			return m.Value
		}
	}
	return v.Name
}

// bound checks which bucket of a histogram is read. Each holds those below it too, so that their sum counts events many times.
func bound(v *parser.VectorSelector, name string, alone bool) error {
	i := slices.IndexFunc(v.LabelMatchers, func(m *labels.Matcher) bool { return m.Name == "le" })
	if i < 0 {
		return fmt.Errorf(
			`%s is read without a bound, and its buckets added up count an event many times; add the bucket, such as le="0.5", or read %s_count for all events`,
			name,
			strings.TrimSuffix(name, "_bucket"),
		)
	}
	m := v.LabelMatchers[i]
	if m.Type != labels.MatchEqual {
		return nil
	}
	if _, err := strconv.ParseFloat(m.Value, 64); err != nil {
		return fmt.Errorf("le=%q is no bound of a bucket; write a number of the histogram's, such as le=\"0.5\"", m.Value)
	}
	if m.Value == "+Inf" && alone {
		return fmt.Errorf(
			"the bucket le=%q holds all events, so that none is bad; write the bound that good ones keep, such as le=\"0.5\"",
			m.Value,
		)
	}
	return nil
}
