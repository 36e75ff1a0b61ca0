package rules

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
)

// victoria reads the rule object of the operator of VictoriaMetrics. It holds more than a PrometheusRule does: what only VictoriaMetrics
// knows, be it a field or a function of its query language, is told and not read.
func (r *reader) victoria(n *yaml.Node) {
	r.seen = true
	before := len(r.findings)
	r.object(n, "VMRule")
	for i := range r.findings[before:] {
		f := &r.findings[before+i]
		if slices.Contains([]string{"input/unknown-field", FindingPromQL}, f.ID) {
			f.Severity = diag.Warning
			f.Message += ": if VictoriaMetrics knows it, it is right and not read here"
		}
	}
}
