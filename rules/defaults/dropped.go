package defaults

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/rules"
)

// DroppedMetric is the ID of a finding on a selector whose series a stack drops by default while it scrapes.
const DroppedMetric = "audit/dropped-metric"

//go:embed data/dropped.yaml
var droppedData []byte

// drop is one row of what a stack drops while it scrapes.
type drop struct {
	Pos     diag.Position
	Metrics string   `yaml:"metrics,required"`
	Buckets []string `yaml:"buckets"`
	Source  string   `yaml:"source,required"`
	Date    string   `yaml:"date,required"`

	name *labels.Matcher
}

func dropped() []drop {
	docs, _ := yamlx.Documents("dropped.yaml", droppedData)
	var out []drop
	for _, doc := range docs {
		var file struct {
			Version int    `yaml:"version,required"`
			Rows    []drop `yaml:"rows,required"`
		}
		yamlx.Decode(doc, &file)
		for _, row := range file.Rows {
			if m, err := labels.NewMatcher(labels.MatchRegexp, labels.MetricName, row.Metrics); err == nil {
				row.name = m
				out = append(out, row)
			}
		}
	}
	return out
}

// droppedDefects reports the selectors of a rule whose series are dropped before any rule can see them.
func droppedDefects(p rules.Placed, expr parser.Expr, drops []drop) []diag.Finding {
	var out []diag.Finding
	parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
		vs, ok := n.(*parser.VectorSelector)
		if !ok || vs.Name == "" {
			return nil
		}
		for _, d := range drops {
			if d.name.Matches(vs.Name) && !d.keeps(vs.LabelMatchers) {
				out = append(out, diag.Finding{ID: DroppedMetric, Severity: diag.Warning, Position: p.Rule.ExprPos,
					Message: fmt.Sprintf("%s: %s drops %s while scraping, by default", p.Rule.Name(), d.Source, vs)})
			}
		}
		return nil
	})
	return out
}

// keeps reports whether a selector can match a bucket that stays.
func (d drop) keeps(ms []*labels.Matcher) bool {
	if len(d.Buckets) == 0 {
		return false
	}
	return slices.ContainsFunc(d.Buckets, func(bound string) bool {
		return !slices.ContainsFunc(ms, func(m *labels.Matcher) bool {
			return m.Name == labels.BucketLabel && !m.Matches(bound) && !m.Matches(normal(bound))
		})
	})
}

// normal writes a bucket's bound as Prometheus 3 stores it: 5 as 5.0.
func normal(bound string) string {
	if _, err := strconv.Atoi(bound); err == nil {
		return bound + ".0"
	}
	return bound
}
