// Package scrape says whether the queries of SLOs can find something in what is scraped: the series of a target, after
// what the scrape configuration drops.
//
// The way through it: a /metrics page → Page; metric_relabel_configs → Drops; queries → Compare and Check. It knows no target: labels
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
	"go.yaml.in/yaml/v3"

	"treadmill/internal/yamlx"
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
	for _, key := range []string{"metric_relabel_configs", "metricRelabelings"} {
		if inner := yamlx.Child(list, key); inner != nil {
			list = inner
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
	for key, value := range yamlx.Pairs(one) {
		var b strings.Builder
		for _, r := range key.Value {
			if unicode.IsUpper(r) {
				b.WriteByte('_')
			}
			b.WriteRune(unicode.ToLower(r))
		}
		if key.Value = b.String(); key.Value == "action" {
			value.Value = strings.ToLower(value.Value)
		}
	}
}

// keeps reports whether a series is stored, under a name that it can be found by.
func (d Drops) keeps(series labels.Labels) bool {
	b := labels.NewBuilder(series)
	return relabel.ProcessBuilder(b, d...) && b.Get(labels.MetricName) == series.Get(labels.MetricName)
}
