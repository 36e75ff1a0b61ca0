package rules

import (
	"slices"
	"strings"

	"treadmill/internal/diag"
)

// FindingFormat is the ID of a finding about a group that has what a format cannot hold.
const FindingFormat = "rules/format"

// takers are the formats that hold a field of a group which not all do: as rulefmt of Prometheus v3.16 and of Mimir, and the custom
// resources of prometheus-operator (RuleGroup) and of the operator of VictoriaMetrics (RuleGroup) have them.
func takers(field string) []Format {
	switch field {
	case "query_offset":
		return []Format{Prometheus, PrometheusRule, Mimir, Thanos}
	case "partial_response_strategy":
		return []Format{PrometheusRule, Thanos}
	default:
		return []Format{Mimir}
	}
}

// Lost are the fields of a group that a format cannot hold: written in it, the group would mean something else, or not be loaded.
func (f Format) Lost(g Group) []string {
	var out []string
	for _, field := range []struct {
		name string
		set  bool
	}{{"query_offset", g.QueryOffset != nil}, {"partial_response_strategy", g.Ruler.PartialResponse != ""},
		{"source_tenants", len(g.Ruler.SourceTenants) > 0},
		{"evaluation_delay", g.Ruler.EvaluationDelay != nil}, {"align_evaluation_time_on_interval", g.Ruler.AlignEvaluation}} {
		if field.set && !slices.Contains(takers(field.name), f) {
			out = append(out, field.name)
		}
	}
	return out
}

// CheckFormat finds the groups that a format cannot hold.
func CheckFormat(f Format, groups []Group) []diag.Finding {
	var out []diag.Finding
	for _, g := range groups {
		for _, field := range f.Lost(g) {
			var names []string
			for _, taker := range takers(field) {
				names = append(names, string(taker))
			}
			out = append(out, diag.Errorf(FindingFormat, g.Pos,
				"group %s: the format %s has no %s, so that the group would mean something else in it; the formats that have it: %s",
				g.Name, f, field, strings.Join(names, ", ")))
		}
	}
	return out
}
