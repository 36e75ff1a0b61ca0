// Package rules holds the words of the Prometheus rule language: files of groups of recording and alerting rules.
//
// It reads and writes rule files in every wrapping that people keep them in and wraps the PromQL parser; it evaluates
// nothing and knows no SLOs.
package rules

import (
	"cmp"

	"github.com/prometheus/common/model"

	"treadmill/internal/diag"
)

// Group is a rule group. Interval 0 and a QueryOffset of nil mean the server's defaults; an offset of 0 is one.
type Group struct {
	Name        string
	Interval    model.Duration
	QueryOffset *model.Duration
	Limit       int
	Labels      map[string]string
	Rules       []Rule
	Pos         diag.Position
	Ruler       Ruler
}

// Offset is how far before its evaluation a group reads, as far as it says.
func (g Group) Offset() model.Duration {
	if offset := cmp.Or(g.QueryOffset, g.Ruler.EvaluationDelay); offset != nil {
		return *offset
	}
	return 0
}

// Ruler is what only some servers know of a group, in their own words.
type Ruler struct {
	PartialResponse string          // Thanos: "warn" or "abort"; "" for its default
	SourceTenants   []string        // Mimir: whose series are read
	EvaluationDelay *model.Duration // Mimir: the older name of the offset
	AlignEvaluation bool            // Mimir: evaluations begin at multiples of the interval
}

// Rule is a recording rule (Record is set) or an alerting rule (Alert is set).
type Rule struct {
	Record, Alert      string
	Expr               string
	For, KeepFiringFor model.Duration
	Labels             map[string]string
	Annotations        map[string]string
	Pos                diag.Position // of the rule; ExprPos is where the expression's text starts
	ExprPos            diag.Position
}

// Name is the alert's or the recorded series' name.
func (r Rule) Name() string {
	if r.Alert != "" {
		return r.Alert
	}
	return r.Record
}
