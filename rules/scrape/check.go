package scrape

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/internal/diag"
	"treadmill/rules"
)

// The IDs of what Compare and Check find.
const (
	FindingBucket   = "slo/bucket"    // a bound that the histogram does not have
	FindingNoSeries = "slo/no-series" // the metric is there, and no series of it with these labels; or no metric is there
	FindingOffPage  = "slo/off-page"  // metrics that are not on the page, where others are
	FindingDropped  = "slo/dropped"   // the scrape configuration drops every series that the query reads
)

// Query is an expression of an SLO, and where the SLO stands. What counts bad events may find none while all is well.
type Query struct {
	SLO, Expr string
	Bad       bool
	Pos       diag.Position
}

// selectors are those of a query that name a metric; none of what does not parse, which is a finding of its own.
func (q Query) selectors() []*parser.VectorSelector {
	expr, err := rules.ParseExpr(q.Expr)
	if err != nil {
		return nil
	}
	var out []*parser.VectorSelector
	parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
		if s, ok := n.(*parser.VectorSelector); ok && s.Name != "" {
			out = append(out, s)
		}
		return nil
	})
	return out
}

// Compare says which metrics of the queries a page does not have, so that they are not checked. A page that has none of them is
// that of another service, or what is left of a request that failed: an error. Name is that of the page.
func Compare(queries []Query, name string, page Page) []diag.Finding {
	asked := map[string]bool{}
	for _, q := range queries {
		for _, s := range q.selectors() {
			asked[s.Name] = true
		}
	}
	all := len(asked)
	maps.DeleteFunc(asked, func(metric string, _ bool) bool { return page[metric] != nil })
	missing := strings.Join(slices.Sorted(maps.Keys(asked)), ", ")
	switch len(asked) {
	case 0:
		return nil
	case all:
		return []diag.Finding{{ID: FindingNoSeries, Severity: diag.Error, Position: diag.Position{File: name},
			Message: fmt.Sprintf(
				"a page of %d metrics, none of them one that the SLOs read: %s; want the page of the service that they watch",
				len(page),
				missing,
			)}}
	}
	return []diag.Finding{
		{
			ID:       FindingOffPage,
			Severity: diag.Info,
			Position: diag.Position{File: name},
			Message:  "not on the page, and so not checked: " + missing,
		},
	}
}

// Check finds the selectors that can find nothing. Without a page, only what is surely dropped is found.
func Check(queries []Query, page Page, drops Drops) []diag.Finding {
	var out []diag.Finding
	for _, q := range queries {
		for _, s := range q.selectors() {
			id, why := page.check(s, drops)
			if why == "" {
				continue
			}
			f := diag.Finding{ID: id, Severity: diag.Error, Position: q.Pos, Message: q.SLO + ": " + why}
			if q.Bad && id == FindingNoSeries {
				f.Severity, f.Message = diag.Warning, f.Message+": as it should be if none was bad yet; if some were, none is ever counted"
			}
			out = append(out, f)
		}
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
