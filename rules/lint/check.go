package lint

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/rules"
	"treadmill/upgrade"
)

// The IDs of what Check finds.
const (
	FindingRemoved    = "rules/metric-removed"    // the version does not declare a metric that another one declares
	FindingHidden     = "rules/metric-hidden"     // the version declares it and does not serve it
	FindingDeprecated = "rules/metric-deprecated" // the version serves it, deprecated
	FindingNew        = "rules/metric-new"        // only a later version declares it
	FindingUnknown    = "rules/metric-unknown"    // has a name as Kubernetes' own, and no version declares it
	FindingLabel      = "rules/label-removed"     // the metric had the label in an earlier version
	FindingQuery      = "rules/query-unread"      // a panel whose query does not parse
)

// Report is what Check saw: how many queries, and how many metrics of Kubernetes are in them.
type Report struct {
	Queries, Metrics int
	Findings         []diag.Finding
}

// Check finds the queries that a version of Kubernetes breaks. recorded are the series that rules make.
func Check(queries []Query, recorded map[string]bool, c *Catalogue, to upgrade.Minor) Report {
	return check(queries, &checker{catalogue: c, recorded: recorded, to: to, seen: map[string]bool{}})
}

// CheckAll is Check, and finds what is wrong with queries at any version: metrics that exporters do not have, rates of gauges, ranges of
// less than two scrapes, matches by a label that nobody has.
func CheckAll(queries []Query, recorded map[string]bool, c *Catalogue, to upgrade.Minor, e *Exporters, scrape time.Duration) Report {
	return check(queries, &checker{catalogue: c, recorded: recorded, to: to, seen: map[string]bool{}, exporters: e, scrape: scrape})
}

func check(queries []Query, k *checker) Report {
	for _, q := range queries {
		expr, err := rules.ParseExpr(q.Expr)
		if err != nil {
			k.fail(q, FindingQuery, diag.Info, "the query does not parse, so that it was not checked")
			continue
		}
		k.query(q, expr)
		if k.exporters != nil {
			k.shape(q, expr)
		}
	}
	diag.Sort(k.findings)
	return Report{Queries: len(queries), Metrics: len(k.seen), Findings: slices.Compact(k.findings)}
}

type checker struct {
	catalogue *Catalogue
	recorded  map[string]bool
	to        upgrade.Minor
	seen      map[string]bool
	exporters *Exporters    // nil: only Kubernetes is looked at
	scrape    time.Duration // between two scrapes
	findings  []diag.Finding
}

func (k *checker) fail(q Query, id string, severity diag.Severity, format string, args ...any) {
	k.findings = append(k.findings,
		diag.Finding{ID: id, Severity: severity, Position: q.Pos, Message: q.Owner + ": " + fmt.Sprintf(format, args...)})
}

// query checks each selector of an expression, with the labels that the aggregations around it keep.
func (k *checker) query(q Query, expr parser.Expr) {
	parser.Inspect(expr, func(n parser.Node, path []parser.Node) error {
		if s, ok := n.(*parser.VectorSelector); ok {
			k.selector(q, s, path)
		}
		return nil
	})
}

func (k *checker) selector(q Query, s *parser.VectorSelector, path []parser.Node) {
	series := nameOf(s)
	if series == "" || strings.Contains(series, ":") || k.recorded[series] {
		return
	}
	k.renamedLabels(q, s, path, series)
	name, runs := k.catalogue.find(series)
	if name == "" {
		k.unknown(q, series)
		k.exporter(q, s, path, series)
		return
	}
	k.seen[name] = true
	m, there := k.catalogue.at(runs, k.to)
	last := runs[len(runs)-1]
	switch hidden := m.Hidden(); {
	case !there && k.to.Less(runs[0].From):
		k.fail(q, FindingNew, diag.Warning, "%s first appears in Kubernetes %s", name, runs[0].From)
	case !there:
		k.fail(q, FindingRemoved, diag.Error, "%s is gone %s%s%s", name, k.since(last.To.Add(1)), where(last), instead(last))
	case !hidden.IsZero() && !k.to.Less(hidden):
		k.fail(q, FindingHidden, diag.Error,
			"%s has no series since Kubernetes %s: it is deprecated since %s and hidden, unless a component runs with --show-hidden-metrics-for-version%s",
			name, hidden, m.Deprecated, instead(m))
	case !m.Deprecated.IsZero() && !k.to.Less(m.Deprecated):
		k.fail(q, FindingDeprecated, diag.Warning, "%s is deprecated since Kubernetes %s and has no series from %s on%s", name,
			m.Deprecated, hidden, instead(m))
	}
	if there {
		k.labels(q, name, runs, m, used(s, path))
	}
}

// since says from which release on something is gone; a pre-release may still bring it back.
func (k *checker) since(m upgrade.Minor) string {
	if m == k.catalogue.Preview {
		return fmt.Sprintf("in the pre-release of Kubernetes %s (%s)", m, k.catalogue.PreviewVersion)
	}
	return fmt.Sprintf("since Kubernetes %s", m)
}

// where says who has no more of a series that a cAdvisor of its own may still show.
func where(m Metric) string {
	if m.Stability == Cadvisor {
		return " from the kubelet's /metrics/cadvisor"
	}
	return ""
}

func instead(m Metric) string {
	if m.Use == "" {
		return ""
	}
	return "; use " + m.Use
}

// labels reports the labels that a query uses, that the metric had before, and that it has no more.
func (k *checker) labels(q Query, name string, runs []Metric, now Metric, used []string) {
	if now.Labels == nil {
		return
	}
	for _, label := range used {
		if slices.Contains(now.Labels, label) {
			continue
		}
		for _, before := range slices.Backward(runs) {
			if before.From.Less(now.From) && slices.Contains(before.Labels, label) {
				k.fail(q, FindingLabel, diag.Error, "%s has no label %q since Kubernetes %s: its labels are %s", name, label,
					before.To.Add(1), strings.Join(now.Labels, ", "))
				break
			}
		}
	}
}

// own are the beginnings of names that only the components of Kubernetes use.
func own() []string {
	return []string{
		"apiserver_", "scheduler_", "kubelet_", "kubeproxy_", "aggregator_", "apiextensions_", "storage_operation_", "workqueue_",
		"rest_client_",
	}
}

func (k *checker) unknown(q Query, series string) {
	if !slices.ContainsFunc(own(), func(p string) bool { return strings.HasPrefix(series, p) }) {
		return
	}
	near := ""
	if n := yamlx.Nearest(series, k.catalogue.names()); n != "" {
		near = "; did you mean " + n + "?"
	}
	k.fail(q, FindingUnknown, diag.Warning, "no source of Kubernetes %s to %s declares %s%s", k.catalogue.Oldest, k.catalogue.Newest,
		series, near)
}

func (c *Catalogue) names() []string {
	names := make([]string, 0, len(c.metrics))
	for name := range c.metrics {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func nameOf(s *parser.VectorSelector) string {
	if s.Name != "" {
		return s.Name
	}
	for _, m := range s.LabelMatchers {
		if m.Name == labels.MetricName && m.Type == labels.MatchEqual {
			return m.Value
		}
	}
	return ""
}

// used are the labels that a selector itself must have: those it is matched by, and those that the nearest vector
// matching or aggregation names, unless they may come from another series or from a function before it.
func used(s *parser.VectorSelector, path []parser.Node) []string {
	var names []string
	for _, m := range s.LabelMatchers {
		if m.Name != labels.MetricName && !m.Matches("") {
			names = append(names, m.Name)
		}
	}
	for _, n := range slices.Backward(path) {
		switch n := n.(type) {
		case *parser.AggregateExpr:
			if !n.Without {
				names = append(names, n.Grouping...)
			}
			return names
		case *parser.BinaryExpr:
			if n.VectorMatching == nil {
				continue // with a number
			}
			if n.VectorMatching.On {
				names = append(names, n.VectorMatching.MatchingLabels...)
			}
			return names
		case *parser.Call:
			if strings.HasPrefix(n.Func.Name, "label_") {
				return names
			}
		}
	}
	return names
}
