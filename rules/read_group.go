package rules

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
)

// groupSpec is a group as it is written. The last four fields belong to Thanos and Mimir.
type groupSpec struct {
	Pos             diag.Position
	Name            yamlx.At[string]  `yaml:"name,required"`
	Interval        model.Duration    `yaml:"interval"`
	QueryOffset     *model.Duration   `yaml:"query_offset"`
	Limit           int               `yaml:"limit"`
	Labels          map[string]string `yaml:"labels"`
	Rules           []ruleSpec        `yaml:"rules"`
	PartialResponse yamlx.At[string]  `yaml:"partial_response_strategy"`
	SourceTenants   []string          `yaml:"source_tenants"`
	EvaluationDelay *model.Duration   `yaml:"evaluation_delay"`
	AlignEvaluation bool              `yaml:"align_evaluation_time_on_interval"`
}

type ruleSpec struct {
	Pos           diag.Position
	Record        yamlx.At[string] `yaml:"record"`
	Alert         yamlx.At[string] `yaml:"alert"`
	Expr          *yaml.Node       `yaml:"expr"`
	For           model.Duration   `yaml:"for"`
	KeepFiringFor model.Duration   `yaml:"keep_firing_for"`
	Labels        texts            `yaml:"labels"`
	Annotations   texts            `yaml:"annotations"`
}

// texts are labels or annotations, each with its place.
type texts map[string]yamlx.At[string]

// plain are the texts without their places.
func (t texts) plain() map[string]string {
	if t == nil {
		return nil
	}
	out := map[string]string{}
	for k, v := range t {
		out[k] = v.V
	}
	return out
}

// groups checks the groups of one source and keeps the good ones, each with its good rules.
func (r *reader) groups(specs []groupSpec) []Group {
	first := map[string]diag.Position{}
	var out []Group
	for _, s := range specs {
		if s.Name.V == "" {
			if s.Name.Set() {
				r.fail(s.Name.Pos, FindingRule, diag.Error, "a group needs a name")
			}
			continue
		}
		if at, twice := first[s.Name.V]; twice {
			r.fail(s.Name.Pos, FindingGroupTwice, diag.Error,
				"group %q is already on line %d; Prometheus loads neither: merge them or rename one", s.Name.V, at.Line)
		} else {
			first[s.Name.V] = s.Name.Pos
		}
		r.labels(s.Pos, "group "+s.Name.V, s.Labels)
		g := Group{Name: s.Name.V, Interval: s.Interval, QueryOffset: s.QueryOffset, Limit: s.Limit, Labels: s.Labels, Pos: s.Pos,
			Ruler: Ruler{
				PartialResponse: s.PartialResponse.V,
				SourceTenants:   s.SourceTenants,
				EvaluationDelay: s.EvaluationDelay,
				AlignEvaluation: s.AlignEvaluation,
			}}
		if p := s.PartialResponse; p.V != "" && p.V != "warn" && p.V != "abort" {
			r.fail(p.Pos, FindingRule, diag.Error, "partial_response_strategy is %q: want warn or abort", p.V)
		}
		for _, rule := range s.Rules {
			if rule.Pos.Line == 0 {
				continue // not a map, which is a finding by now
			}
			if rule, ok := r.rule(rule); ok {
				g.Rules = append(g.Rules, rule)
			}
		}
		r.twins(g)
		out = append(out, g)
	}
	return out
}

// rule checks a rule by the checks that Prometheus makes when it loads a file (model/rulefmt in its source, v3.16).
func (r *reader) rule(s ruleSpec) (Rule, bool) {
	out := Rule{Record: s.Record.V, Alert: s.Alert.V, For: s.For, KeepFiringFor: s.KeepFiringFor,
		Labels: s.Labels.plain(), Annotations: s.Annotations.plain(), Pos: s.Pos, ExprPos: s.Pos}
	before := len(r.findings)
	switch {
	case s.Record.V != "" && s.Alert.V != "":
		r.fail(s.Pos, FindingRule, diag.Error, "a rule is either a record or an alert; this one is both")
	case s.Record.V == "" && s.Alert.V == "":
		r.fail(s.Pos, FindingRule, diag.Error, "a rule needs \"alert\" or \"record\"")
	case s.Record.V != "":
		r.recording(s)
	}
	r.templated(s)
	r.labels(s.Pos, out.Name(), out.Labels)
	if s.Expr == nil || s.Expr.Kind != yaml.ScalarNode || strings.TrimSpace(s.Expr.Value) == "" {
		r.fail(s.Pos, FindingRule, diag.Error, "%s: \"expr\" is missing", cmp.Or(out.Name(), "rule"))
		return out, false
	}
	out.Expr = s.Expr.Value
	at := r.source.Within(r.name, s.Expr)
	out.ExprPos = at(0)
	r.expression(out, at)
	return out, !slices.ContainsFunc(r.findings[before:], func(f diag.Finding) bool { return f.Severity == diag.Error })
}

func (r *reader) recording(s ruleSpec) {
	if !model.UTF8Validation.IsValidMetricName(s.Record.V) || strings.Contains(s.Record.V, "{") {
		r.fail(s.Record.Pos, FindingRule, diag.Error, "%q is not a metric name", s.Record.V)
	}
	for _, field := range []struct {
		name string
		set  bool
	}{{"annotations", len(s.Annotations) > 0}, {"for", s.For != 0}, {"keep_firing_for", s.KeepFiringFor != 0}} {
		if field.set {
			r.fail(s.Record.Pos, FindingRule, diag.Error, "%s: a recording rule has no %q", s.Record.V, field.name)
		}
	}
}

// templated reports templating where Prometheus expands none, in names, and what it cannot parse of it in labels and annotations.
func (r *reader) templated(s ruleSpec) {
	name := s.Alert
	if s.Record.V != "" {
		name = s.Record
	}
	if strings.Contains(name.V, "{{") {
		r.fail(name.Pos, FindingTemplate, diag.Error, "templating is left in the name; %s", renderFirst)
	}
	if s.Alert.V == "" {
		return
	}
	for what, set := range map[string]texts{"label": s.Labels, "annotation": s.Annotations} {
		for _, key := range slices.Sorted(maps.Keys(set)) {
			if err := CheckTemplate(set[key].V); err != nil {
				r.fail(
					set[key].Pos,
					FindingText,
					diag.Error,
					"%s: Prometheus refuses the whole file, as the %s %q does not parse as a template: %v",
					s.Alert.V,
					what,
					key,
					err,
				)
			}
		}
	}
}

func (r *reader) labels(at diag.Position, owner string, labels map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		if !model.UTF8Validation.IsValidLabelName(name) || name == model.MetricNameLabel {
			r.fail(at, FindingRule, diag.Error, "%s: %q is not a label that a rule can set", owner, name)
		}
	}
}

// twins reports rules of one group that Prometheus takes for one: same name, same labels.
func (r *reader) twins(g Group) {
	first := map[string]diag.Position{}
	for _, rule := range g.Rules {
		key := rule.Record + "\x00" + rule.Alert + "\x00" + fmt.Sprint(rule.Labels) + "\x00" + strings.Join(strings.Fields(rule.Expr), " ")
		if at, twice := first[key]; twice {
			r.fail(rule.Pos, FindingRuleTwice, diag.Warning, "%s is already on line %d with the same labels and expression", rule.Name(), at.Line)
			continue
		}
		first[key] = rule.Pos
	}
}
