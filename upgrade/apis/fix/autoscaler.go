package fix

// autoscaler rewrites the metrics of autoscaling/v2beta1 to autoscaling/v2 as the API server converted them.
func autoscaler(s *subject) error {
	if e := s.find("status"); e != nil && !e.value.null() && len(e.value.all()) > 0 {
		return refuse(e.key, "status has other fields in autoscaling/v2; take it out, the cluster writes it")
	}
	if e := s.get("metadata", "annotations").find("autoscaling.alpha.kubernetes.io/behavior"); e != nil {
		return refuse(e.key, "the annotation holds spec.behavior of autoscaling/v2; move it there")
	}
	for _, m := range s.get("spec", "metrics").list() {
		if m.kind != mapping {
			return opaque(m)
		}
		for _, e := range m.entries {
			if err := metric(e); err != nil {
				return err
			}
		}
	}
	return nil
}

// metric rewrites one source of a metric.
func metric(e *entry) error {
	v := e.value
	source := e.key.value
	if source != "resource" && source != "containerResource" && source != "pods" && source != "object" && source != "external" || v.null() {
		return nil
	}
	if v.kind != mapping || v.find("<<") != nil {
		return opaque(v)
	}
	if source == "object" {
		if t := v.find("target"); t != nil {
			t.rename("describedObject")
		}
	}
	if source == "pods" || source == "object" || source == "external" {
		identify(v, source)
	}
	return aim(v)
}

// identify moves the name and the selector of a metric below metric.
func identify(v *node, source string) {
	var parts []*entry
	for _, name := range []string{"metricName", "selector", "metricSelector"} {
		e := v.find(name)
		if e == nil || name == "selector" && source == "external" {
			continue
		}
		parts = append(parts, e)
		if name == "metricName" {
			e.rename("name")
		} else if name == "metricSelector" {
			e.rename("selector")
		}
	}
	if len(parts) > 0 {
		v.nest("metric", parts...)
	}
}

// aim moves what a metric is held to below target, and names its type. A target of both kinds had one that counted.
func aim(v *node) error {
	names := map[string][2]string{
		"targetAverageUtilization": {"averageUtilization", "Utilization"}, //nolint:misspell // the API spells it so
		"targetAverageValue":       {"averageValue", "AverageValue"},
		"averageValue":             {"averageValue", "AverageValue"},
		"targetValue":              {"value", "Value"},
	}
	var found []*entry
	for _, e := range v.entries {
		if _, ok := names[e.key.value]; ok && !e.value.null() {
			found = append(found, e)
		}
	}
	switch len(found) {
	case 0:
		return refuse(v, "the metric has no target")
	case 1:
	default:
		return refuse(found[1].key, "the metric has two targets, %s and %s; take one out", found[0].key.value, found[1].key.value)
	}
	to := names[found[0].key.value]
	inner := v.nest("target", found[0])
	found[0].rename(to[0])
	inner.before("type", text(to[1]), found[0])
	return nil
}
