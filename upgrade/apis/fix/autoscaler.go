package fix

import "treadmill/internal/yamlx/edit"

// autoscaler rewrites the metrics of autoscaling/v2beta1 to autoscaling/v2 as the API server converted them.
func autoscaler(s *subject) error {
	if e := s.Find("status"); e != nil && !e.Value.Null() && len(e.Value.All()) > 0 {
		return refuse(e.Key, "status has other fields in autoscaling/v2; take it out, the cluster writes it")
	}
	if e := s.Get("metadata", "annotations").Find("autoscaling.alpha.kubernetes.io/behavior"); e != nil {
		return refuse(e.Key, "the annotation holds spec.behavior of autoscaling/v2; move it there")
	}
	for _, m := range s.Get("spec", "metrics").List() {
		if m.Kind != edit.Mapping {
			return opaque(m)
		}
		for _, e := range m.Entries {
			if err := metric(e); err != nil {
				return err
			}
		}
	}
	return nil
}

// metric rewrites one source of a metric.
func metric(e *edit.Entry) error {
	v := e.Value
	source := e.Key.Value
	if source != "resource" && source != "containerResource" && source != "pods" && source != "object" && source != "external" || v.Null() {
		return nil
	}
	if v.Kind != edit.Mapping || v.Find("<<") != nil {
		return opaque(v)
	}
	if source == "object" {
		if t := v.Find("target"); t != nil {
			t.Rename("describedObject")
		}
	}
	if source == "pods" || source == "object" || source == "external" {
		identify(v, source)
	}
	return aim(v)
}

// identify moves the name and the selector of a metric below metric.
func identify(v *edit.Node, source string) {
	var parts []*edit.Entry
	for _, name := range []string{"metricName", "selector", "metricSelector"} {
		e := v.Find(name)
		if e == nil || name == "selector" && source == "external" {
			continue
		}
		parts = append(parts, e)
		if name == "metricName" {
			e.Rename("name")
		} else if name == "metricSelector" {
			e.Rename("selector")
		}
	}
	if len(parts) > 0 {
		v.Nest("metric", parts...)
	}
}

// aim moves what a metric is held to below target, and names its type. A target of both kinds had one that counted.
func aim(v *edit.Node) error {
	names := map[string][2]string{
		"targetAverageUtilization": {"averageUtilization", "Utilization"}, //nolint:misspell // the API spells it so
		"targetAverageValue":       {"averageValue", "AverageValue"},
		"averageValue":             {"averageValue", "AverageValue"},
		"targetValue":              {"value", "Value"},
	}
	var found []*edit.Entry
	for _, e := range v.Entries {
		if _, ok := names[e.Key.Value]; ok && !e.Value.Null() {
			found = append(found, e)
		}
	}
	switch len(found) {
	case 0:
		return refuse(v, "the metric has no target")
	case 1:
	default:
		return refuse(found[1].Key, "the metric has two targets, %s and %s; take one out", found[0].Key.Value, found[1].Key.Value)
	}
	to := names[found[0].Key.Value]
	inner := v.Nest("target", found[0])
	found[0].Rename(to[0])
	inner.Before("type", edit.Text(to[1]), found[0])
	return nil
}
