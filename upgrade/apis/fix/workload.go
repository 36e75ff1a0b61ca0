package fix

import "strings"

// workload rewrites extensions/v1beta1, apps/v1beta1 and apps/v1beta2 to apps/v1. The selector came from the labels of
// the template and is required now; defaults that meant something else are written out.
func workload(s *subject) error {
	spec := s.get("spec")
	if spec == nil || spec.kind != mapping || spec.find("<<") != nil {
		return refuse(s.version, "it needs a spec that is written out")
	}
	if e := spec.find("rollbackTo"); e != nil {
		return refuse(e.key, "rollbackTo asks for a rollback and is no state to keep; take it out, and use kubectl rollout undo")
	}
	if e := spec.find("templateGeneration"); e != nil {
		spec.drop(e)
		s.note("templateGeneration is gone, which the cluster counts itself")
	}
	if err := s.selector(spec); err != nil {
		return err
	}
	old := s.api.Version != "v1beta2"
	switch {
	case s.kind == "DaemonSet" && old, s.kind == "StatefulSet" && old:
		return s.onDelete(spec)
	case s.kind == "Deployment" && old:
		return s.strategy(spec)
	}
	return nil
}

// selector writes out the selector that the API server took from the labels of the template. apps/v1beta2 took none.
func (s *subject) selector(spec *node) error {
	labels := spec.get("template", "metadata", "labels")
	if e := spec.find("selector"); e != nil {
		if e.value.kind == alias || e.value.kind == mapping && len(e.value.entries) > 0 {
			return nil
		}
		return refuse(e.key, "the selector is empty; apps/v1 needs one that matches the labels of the template")
	}
	at := spec.find("template")
	if s.api.Version == "v1beta2" || at == nil || labels == nil || len(labels.entries) == 0 && labels.kind != alias {
		return refuse(s.version, "it has no selector, which apps/v1 requires; write one that matches the labels of the template")
	}
	copied := newMap()
	if labels.kind == alias {
		copied = labels.clone()
	}
	for _, e := range labels.entries {
		if e.value.kind != scalar || e.key.tag == "!!merge" {
			return opaque(e.value)
		}
		v := text(e.value.value)
		v.tag = "!!str"
		if e.value.tag != "!!str" {
			return refuse(e.value, "a label is a text; quote it")
		}
		copied.entries = append(copied.entries, field(e.key.value, v))
	}
	spec.before("selector", newMap(field("matchLabels", copied)), at)
	s.note("the selector is written out from the labels of the template, which was the default; it cannot be changed later")
	if len(s.get("metadata", "labels").entriesOf()) == 0 {
		s.note("its own labels came from the template as long as it had none; apps/v1 gives it none")
	}
	return nil
}

func (n *node) entriesOf() []*entry {
	if n == nil {
		return nil
	}
	return n.entries
}

// onDelete writes out that pods are replaced only when somebody deletes them, which was the default.
func (s *subject) onDelete(spec *node) error {
	e := spec.find("updateStrategy")
	switch {
	case e == nil:
		spec.add("updateStrategy", newMap(field("type", text("OnDelete"))), spec.find("selector"))
	case e.value.kind == mapping && e.value.find("type") == nil && e.value.find("<<") == nil:
		if len(e.value.entries) == 0 {
			e.replace(newMap(field("type", text("OnDelete"))))
		} else {
			e.value.add("type", text("OnDelete"), nil)
		}
	case e.value.kind == mapping:
		return nil
	default:
		return opaque(e.value)
	}
	s.note("updateStrategy: OnDelete is written out, which was the default; apps/v1 rolls changes out by itself")
	return nil
}

// strategy writes out how many pods a rolling update of extensions/v1beta1 replaces at once, and says what else differs.
func (s *subject) strategy(spec *node) error {
	var limits []string
	if s.api.Group == "extensions" {
		if err := s.pace(spec); err != nil {
			return err
		}
		for _, name := range []string{"progressDeadlineSeconds (600)", "revisionHistoryLimit (10)"} {
			if key, _, _ := strings.Cut(name, " "); spec.find(key) == nil {
				limits = append(limits, name)
			}
		}
		if len(limits) > 0 {
			s.note("had no %s; apps/v1 has these defaults, which change no pods", strings.Join(limits, " and no "))
		}
	} else if spec.find("revisionHistoryLimit") == nil {
		s.note("kept 2 old revisions; apps/v1 keeps 10")
	}
	return nil
}

// pace writes out that one pod at a time was replaced.
func (s *subject) pace(spec *node) error {
	one := func() []*entry {
		return []*entry{field("maxSurge", literal("!!int", "1")), field("maxUnavailable", literal("!!int", "1"))}
	}
	e := spec.find("strategy")
	switch {
	case e == nil:
		spec.add("strategy", newMap(field("type", text("RollingUpdate")), field("rollingUpdate", newMap(one()...))), spec.find("selector"))
	case e.value.kind != mapping || e.value.find("<<") != nil:
		return opaque(e.value)
	case e.value.get("type").str() == "Recreate":
		return nil
	default:
		r := e.value.find("rollingUpdate")
		switch {
		case r == nil && len(e.value.entries) == 0:
			e.replace(newMap(field("rollingUpdate", newMap(one()...))))
		case r == nil:
			e.value.add("rollingUpdate", newMap(one()...), nil)
		case r.value.kind != mapping || r.value.find("<<") != nil || len(r.value.entries) == 0:
			return opaque(r.value)
		default:
			added := false
			for _, f := range one() {
				if r.value.find(f.key.value) == nil {
					r.value.add(f.key.value, f.value, nil)
					added = true
				}
			}
			if !added {
				return nil
			}
		}
	}
	s.note("maxSurge and maxUnavailable of 1 are written out, which were the defaults; those of apps/v1 are 25%%")
	return nil
}
