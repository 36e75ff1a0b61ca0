package openslo

import (
	"maps"
	"strconv"

	"treadmill/slo"
)

// routed reports whether alerts have something of their own, for which a policy must be written.
func routed(al slo.Alerting) bool {
	own := func(r slo.Route) bool { return r.Disabled || r.Name != "" || len(r.Labels)+len(r.Annotations) > 0 }
	return own(slo.Route{Name: al.Name, Labels: al.Labels, Annotations: al.Annotations}) || own(al.Page) ||
		own(al.Ticket) || al.NoData == slo.Off
}

// policyOf is the alert policy of an SLO. The standard has a severity for each condition and no place for other labels, for annotations,
// for names and for short windows: they stand in the metadata. An alert that is switched off has no conditions.
func policyOf(s slo.SLO) yamlMap {
	al := s.Alerting
	policy, quiet := s.Policy, al.Page.Disabled && al.Ticket.Disabled
	if policy == nil {
		policy = slo.DefaultPolicy()
	}
	labels := maps.Clone(al.Labels)
	delete(labels, "severity") // each condition says its own
	var conditions []yamlMap
	written := map[slo.Severity]bool{}
	for i, p := range policy {
		if al.Route(p.Severity).Disabled && !quiet {
			continue
		}
		name := objectName(s.ID + "-" + string(p.Severity) + "-" + strconv.Itoa(i+1))
		conditions = append(conditions, conditionOf(name, s, p, !written[p.Severity]))
		written[p.Severity] = true
	}
	spec := yamlMap{{"alertWhenNoData", al.WatchesData()}}
	if quiet {
		spec = append(spec, entry{"alertWhenBreaching", false})
	}
	return yamlMap{{"kind", "AlertPolicy"}, {"metadata", metadataOf(objectName(s.ID),
		slo.Route{Name: al.Name, Labels: labels, Annotations: al.Annotations}, 0)},
		{"spec", append(spec, entry{"conditions", conditions})}}
}

// conditionOf is one pair of windows; the first of a severity carries what its alert has.
func conditionOf(name string, s slo.SLO, p slo.Pair, first bool) yamlMap {
	route := s.Alerting.Route(p.Severity)
	word := severityOf(s.Alerting, p.Severity)
	labels := maps.Clone(route.Labels)
	delete(labels, "severity")
	if known, ok := slo.SeverityOf(word); word == "" || !ok || known != p.Severity {
		if word != "" {
			labels = with(labels, "severity", word)
		}
		word = string(p.Severity)
	}
	short := slo.Window(0)
	if p.Short != shortOf(p.Long) {
		short = p.Short
	}
	carried := slo.Route{Name: route.Name, Labels: labels, Annotations: route.Annotations}
	if !first {
		carried = slo.Route{}
	}
	burn := p.Burn
	if burn.Cmp(slo.NewNumber(0, 1)) == 0 {
		burn = p.Share.Mul(s.Period.Length.Over(p.Long))
	}
	return yamlMap{{"kind", "AlertCondition"}, {"metadata", metadataOf(name, carried, short)}, {"spec", yamlMap{{"severity", word},
		{"condition", yamlMap{{"kind", "burnrate"}, {"op", "gt"}, {"threshold", number(burn)}, {"lookbackWindow", duration(p.Long)}}}}}}
}

// severityOf is the label severity of the alert of a severity, "" where the spec says nothing.
func severityOf(al slo.Alerting, s slo.Severity) string {
	if word := al.Route(s).Labels["severity"]; word != "" {
		return word
	}
	return al.Labels["severity"]
}

func with(labels map[string]string, name, text string) map[string]string {
	if labels == nil {
		labels = map[string]string{}
	}
	labels[name] = text
	return labels
}

// metadataOf is the metadata of a policy or a condition with what the standard has no field for.
func metadataOf(name string, r slo.Route, short slo.Window) yamlMap {
	out := yamlMap{{"name", name}}
	if len(r.Labels) > 0 {
		out = append(out, entry{"labels", r.Labels})
	}
	annotations := maps.Clone(r.Annotations)
	if r.Name != "" {
		annotations = with(annotations, alertName, r.Name)
	}
	if short > 0 {
		annotations = with(annotations, shortWindow, short.String())
	}
	if len(annotations) > 0 {
		out = append(out, entry{"annotations", annotations})
	}
	return out
}
