package prom

import (
	"context"
	"fmt"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
)

// LoadedGroup is a group of rules as a server has it.
type LoadedGroup struct {
	Name, File string
	Interval   float64 // seconds
	Rules      []LoadedRule
}

// LoadedRule is a rule as a server has it, and what went wrong when it last evaluated it.
type LoadedRule struct {
	Alert, Record, Expr string
	For                 float64 // seconds
	Labels, Annotations map[string]string
	Error               string
}

// Rules are the groups that the server has loaded: Prometheus, the rulers of Thanos and Mimir.
func (c *Client) Rules(ctx context.Context) ([]LoadedGroup, error) {
	all, err := c.api.Rules(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("ask the server for its rules: %w", c.plain(err))
	}
	var out []LoadedGroup
	for _, g := range all.Groups {
		group := LoadedGroup{Name: g.Name, File: g.File, Interval: g.Interval}
		for _, r := range g.Rules {
			switch r := r.(type) {
			case v1.AlertingRule:
				group.Rules = append(group.Rules, LoadedRule{Alert: r.Name, Expr: r.Query, For: r.Duration, Labels: texts(r.Labels),
					Annotations: texts(r.Annotations), Error: failure(r.Health, r.LastError)})
			case v1.RecordingRule:
				group.Rules = append(group.Rules, LoadedRule{Record: r.Name, Expr: r.Query, Labels: texts(r.Labels),
					Error: failure(r.Health, r.LastError)})
			}
		}
		out = append(out, group)
	}
	return out, nil
}

// failure is why a rule could not be evaluated; "" for one that could.
func failure(h v1.RuleHealth, last string) string {
	switch {
	case h != v1.RuleHealthBad:
		return ""
	case last == "":
		return "the server does not say why"
	}
	return last
}

func texts(set model.LabelSet) map[string]string {
	out := make(map[string]string, len(set))
	for k, v := range set {
		out[string(k)] = string(v)
	}
	return out
}
