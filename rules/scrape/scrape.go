// Package scrape says whether the queries of SLOs can find something in what is scraped: the series of a target, after
// what the scrape configuration drops.
//
// The way through it: a /metrics page → Page; metric_relabel_configs → Drops; queries → Check. It knows no target: labels
// that a scrape adds (job, instance, namespace …) are not on a page, so matchers on labels that a metric does not have
// there are taken to match.
package scrape

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/relabel"
	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/rules"
)

// The IDs of what Check finds.
const (
	FindingBucket   = "slo/bucket"    // a bound that the histogram does not have
	FindingNoSeries = "slo/no-series" // the metric is there, and no series of it with these labels
	FindingDropped  = "slo/dropped"   // the scrape configuration drops every series that the query reads
)

// Page is the series of a target by the name of their metric.
type Page map[string][]labels.Labels

// ReadPage reads what a target's /metrics answers, in the text format of Prometheus.
func ReadPage(text []byte) (Page, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	page := Page{}
	for _, name := range slices.Sorted(maps.Keys(families)) {
		for _, m := range families[name].GetMetric() {
			page.add(name, m)
		}
	}
	return page, nil
}

// add puts in the series of a metric, as Prometheus names them.
func (p Page) add(name string, m *dto.Metric) {
	base := map[string]string{}
	for _, l := range m.GetLabel() {
		base[l.GetName()] = l.GetValue()
	}
	put := func(name string, extra ...string) {
		set := maps.Clone(base)
		set[labels.MetricName] = name
		if len(extra) == 2 {
			set[extra[0]] = extra[1]
		}
		p[name] = append(p[name], labels.FromMap(set))
	}
	if h := m.GetHistogram(); h != nil {
		for _, b := range h.GetBucket() {
			put(name+"_bucket", labels.BucketLabel, bound(b.GetUpperBound()))
		}
		put(name + "_sum")
		put(name + "_count")
		return
	}
	if s := m.GetSummary(); s != nil {
		put(name + "_sum")
		put(name + "_count")
	}
	put(name)
}

// bound writes a bucket's bound as Prometheus 3 stores it: 5 as 5.0.
func bound(v float64) string {
	text := strconv.FormatFloat(v, 'g', -1, 64)
	if !strings.ContainsAny(text, ".einfINF") {
		text += ".0"
	}
	return text
}

// Drops is what a scrape configuration does to series.
type Drops []*relabel.Config

// ReadDrops reads metric_relabel_configs as Prometheus has them, or metricRelabelings as a ServiceMonitor has them: the list
// itself, or a map with the list under that name.
func ReadDrops(text []byte) (Drops, error) {
	var n yaml.Node
	if err := yaml.Unmarshal(text, &n); err != nil {
		return nil, err
	}
	if len(n.Content) == 0 {
		return nil, fmt.Errorf("is empty: want a list of metric_relabel_configs")
	}
	list := n.Content[0]
	for i := 0; list.Kind == yaml.MappingNode && i+1 < len(list.Content); i += 2 {
		if key := list.Content[i].Value; key == "metric_relabel_configs" || key == "metricRelabelings" {
			list = list.Content[i+1]
		}
	}
	if list.Kind != yaml.SequenceNode {
		return nil, fmt.Errorf("holds no list: want metric_relabel_configs")
	}
	for _, one := range list.Content {
		snake(one)
	}
	var out Drops
	if err := list.Decode(&out); err != nil {
		return nil, err
	}
	for i, c := range out {
		if c == nil {
			return nil, fmt.Errorf("entry %d is empty", i+1)
		}
		c.NameValidationScheme = model.UTF8Validation
		if err := c.Validate(model.UTF8Validation); err != nil {
			return nil, fmt.Errorf("entry %d: %w", i+1, err)
		}
	}
	return out, nil
}

// snake turns the operator's spelling into Prometheus's: sourceLabels into source_labels, Keep into keep.
func snake(one *yaml.Node) {
	for i := 0; one.Kind == yaml.MappingNode && i+1 < len(one.Content); i += 2 {
		var b strings.Builder
		for _, r := range one.Content[i].Value {
			if unicode.IsUpper(r) {
				b.WriteByte('_')
			}
			b.WriteRune(unicode.ToLower(r))
		}
		if one.Content[i].Value = b.String(); one.Content[i].Value == "action" {
			one.Content[i+1].Value = strings.ToLower(one.Content[i+1].Value)
		}
	}
}

// keeps reports whether a series is stored, under a name that it can be found by.
func (d Drops) keeps(series labels.Labels) bool {
	b := labels.NewBuilder(series)
	return relabel.ProcessBuilder(b, d...) && b.Get(labels.MetricName) == series.Get(labels.MetricName)
}

// Query is an expression of an SLO, and where the SLO stands.
type Query struct {
	SLO, Expr string
	Pos       diag.Position
}

// Check finds the selectors that can find nothing. Without a page, only what is surely dropped is found.
func Check(queries []Query, page Page, drops Drops) []diag.Finding {
	var out []diag.Finding
	for _, q := range queries {
		expr, err := rules.ParseExpr(q.Expr)
		if err != nil {
			continue // which is a finding of its own
		}
		parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
			if s, ok := n.(*parser.VectorSelector); ok && s.Name != "" {
				if id, why := page.check(s, drops); why != "" {
					out = append(out, diag.Finding{ID: id, Severity: diag.Error, Position: q.Pos, Message: q.SLO + ": " + why})
				}
			}
			return nil
		})
	}
	diag.Sort(out)
	return slices.Compact(out)
}

func (p Page) check(s *parser.VectorSelector, drops Drops) (id, why string) {
	all, known := p[s.Name]
	if !known {
		all = []labels.Labels{synthetic(s)}
	}
	matched := all
	if known {
		matched = slices.DeleteFunc(slices.Clone(all), func(l labels.Labels) bool { return !matches(s, l, all, "") })
	}
	switch {
	case len(matched) == 0 && slices.ContainsFunc(all, func(l labels.Labels) bool { return matches(s, l, all, labels.BucketLabel) }):
		return FindingBucket, fmt.Sprintf("%s: the histogram has no such bound; it has %s", s.Name, strings.Join(bounds(all), ", "))
	case len(matched) == 0:
		return FindingNoSeries, fmt.Sprintf("no series of %s on the page has the labels of %s", s.Name, s)
	case !slices.ContainsFunc(matched, drops.keeps):
		return FindingDropped, fmt.Sprintf("the scrape configuration drops every series of %s", s)
	}
	return "", ""
}

// matches reports whether a series has what a selector wants, labels that no series of the metric has and one more left aside.
func matches(s *parser.VectorSelector, series labels.Labels, all []labels.Labels, aside string) bool {
	for _, m := range s.LabelMatchers {
		onPage := slices.ContainsFunc(all, func(l labels.Labels) bool { return l.Has(m.Name) })
		if m.Name == aside || !onPage {
			continue
		}
		v := series.Get(m.Name)
		if !m.Matches(v) && (m.Name != labels.BucketLabel || !m.Matches(strings.TrimSuffix(v, ".0"))) {
			return false
		}
	}
	return true
}

// synthetic is a series as a selector asks for it: with the labels that it names the values of.
func synthetic(s *parser.VectorSelector) labels.Labels {
	set := map[string]string{labels.MetricName: s.Name}
	for _, m := range s.LabelMatchers {
		if m.Type == labels.MatchEqual {
			set[m.Name] = m.Value
		}
	}
	return labels.FromMap(set)
}

func bounds(all []labels.Labels) []string {
	var out []float64
	for _, l := range all {
		if v, err := strconv.ParseFloat(l.Get(labels.BucketLabel), 64); err == nil {
			out = append(out, v)
		}
	}
	slices.Sort(out)
	var texts []string
	for _, v := range slices.Compact(out) {
		texts = append(texts, strconv.FormatFloat(v, 'g', -1, 64))
	}
	return texts
}
