package openslo

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/slo"
)

// Encode writes an SLO as an openslo/v1 object and lists what the standard has no place for.
func Encode(s slo.SLO) (text []byte, lost []string, err error) {
	if s.Object.Namespace != "" || len(s.Object.Labels) > 0 {
		lost = append(lost, "the namespace and the labels of its Kubernetes object, which rules generate --label gives to those of the rules")
	}
	if name := objectName(s.ID); name != s.ID {
		lost = append(lost, "the name "+s.ID+", which becomes "+name)
	}
	meta := yamlMap{{"name", objectName(s.ID)}}
	if s.DisplayName != "" {
		meta = append(meta, entry{"displayName", s.DisplayName})
	}
	if len(s.Labels) > 0 {
		meta = append(meta, entry{"labels", s.Labels})
	}
	service := s.Service
	if service == "" {
		service = s.ID
	}
	spec := yamlMap{{"service", service}}
	if s.Description != "" {
		spec = append(spec, entry{"description", s.Description})
	}
	if len(s.Components) == 0 {
		spec = append(spec, entry{"indicator", indicatorOf(s.ID, s.Indicator)})
	}
	method, objectives := objectivesOf(s)
	spec = append(spec, entry{"timeWindow", []yamlMap{windowOf(s.Period)}}, entry{"budgetingMethod", method}, entry{"objectives", objectives})
	if s.Policy != nil || routed(s.Alerting) {
		spec = append(spec, entry{"alertPolicies", []yamlMap{policyOf(s)}})
	}
	text, err = yaml.Marshal(yamlMap{{"apiVersion", V1}, {"kind", "SLO"}, {"metadata", meta}, {"spec", spec}}.node())
	return text, lost, err
}

func indicatorOf(name string, in slo.Indicator) yamlMap {
	return yamlMap{{"metadata", yamlMap{{"name", objectName(name)}}}, {"spec", yamlMap{{"ratioMetric", ratioOf(in)}}}}
}

// objectivesOf is the budgeting method and the objectives: one, or those of the components.
func objectivesOf(s slo.SLO) (string, []yamlMap) {
	method, objective := methodOf("Good", s.Objective, s.Indicator.Slice)
	if len(s.Components) == 0 {
		return method, []yamlMap{objective}
	}
	var out []yamlMap
	for _, c := range s.Components {
		_, objective := methodOf(c.Name, c.Objective, c.Indicator.Slice)
		if c.Weight.Cmp(slo.NewNumber(1, 1)) != 0 {
			objective = append(objective, entry{"compositeWeight", number(c.Weight)})
		}
		out = append(out, append(objective, entry{"indicator", indicatorOf(s.ID+"-"+c.Name, c.Indicator)}))
	}
	return method, out
}

func methodOf(name string, o slo.Objective, slice slo.Slice) (string, yamlMap) {
	objective := yamlMap{{"displayName", name}, {"target", number(o.Number)}}
	switch {
	case slice.Window == 0:
		return "Occurrences", objective
	case slice.Target.Cmp(slo.NewNumber(0, 1)) > 0:
		return "Timeslices", append(objective, entry{"timeSliceTarget", number(slice.Target)}, entry{"timeSliceWindow", duration(slice.Window)})
	default:
		return "RatioTimeslices", append(objective, entry{"timeSliceWindow", duration(slice.Window)})
	}
}

func ratioOf(in slo.Indicator) yamlMap {
	source := func(q slo.Query) yamlMap {
		return yamlMap{{"metricSource", yamlMap{{"type", "Prometheus"}, {"spec", yamlMap{{"query", q.Text}}}}}}
	}
	out := yamlMap{{"counter", !in.Gauge}}
	switch {
	case !in.Ratio.IsZero():
		kind := "failure"
		if in.RatioOfGood {
			kind = "success"
		}
		return append(out, entry{"rawType", kind}, entry{"raw", source(in.Ratio)})
	case !in.Good.IsZero():
		out = append(out, entry{"good", source(in.Good)})
	default:
		out = append(out, entry{"bad", source(in.Bad)})
	}
	return append(out, entry{"total", source(in.Total)})
}

func windowOf(p slo.Period) yamlMap {
	if c := p.Calendar; c != nil {
		return yamlMap{{"duration", c.Unit}, {"isRolling", false}, {"calendar", yamlMap{{"startTime", c.Start}, {"timeZone", c.Zone}}}}
	}
	return yamlMap{{"duration", duration(p.Length)}, {"isRolling", true}}
}

// duration writes a window in the one unit that OpenSLO allows.
func duration(w slo.Window) string {
	switch {
	case w%slo.Day == 0:
		return strconv.FormatInt(int64(w/slo.Day), 10) + "d"
	case w%slo.Hour == 0:
		return strconv.FormatInt(int64(w/slo.Hour), 10) + "h"
	default:
		return strconv.FormatInt(int64(w/slo.Minute), 10) + "m"
	}
}

// objectName makes a name that OpenSLO allows out of any.
func objectName(s string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(s))
	return strings.Trim(name[:min(len(name), 63)], "-")
}

// yamlMap is a map that keeps its order.
type yamlMap []entry

type entry struct {
	key   string
	value any
}

// number is written as it is, with all of its digits.
type number slo.Number

func (m yamlMap) node() *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for _, p := range m {
		n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: p.key}, valueNode(p.value))
	}
	return n
}

func valueNode(v any) *yaml.Node {
	switch v := v.(type) {
	case yamlMap:
		return v.node()
	case []yamlMap:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for _, m := range v {
			n.Content = append(n.Content, m.node())
		}
		return n
	case number:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: slo.Number(v).String()}
	default:
		n := new(yaml.Node)
		if err := n.Encode(v); err != nil {
			return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"}
		}
		return n
	}
}
