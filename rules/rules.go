// Package rules holds the words of the Prometheus rule language: files of groups of recording and alerting rules.
//
// It reads and writes rule files in every wrapping that people keep them in and wraps the PromQL parser; it evaluates
// nothing and knows no SLOs.
package rules

import (
	"github.com/prometheus/common/model"

	"treadmill/internal/diag"
)

// Group is a rule group. Interval 0 and QueryOffset 0 mean the server's defaults.
type Group struct {
	Name                  string
	Interval, QueryOffset model.Duration
	Limit                 int
	Labels                map[string]string
	Rules                 []Rule
	Pos                   diag.Position
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
