package fix

import (
	"strings"

	"treadmill/internal/yamlx/edit"
)

// workload rewrites extensions/v1beta1, apps/v1beta1 and apps/v1beta2 to apps/v1. The selector came from the labels of
// the template and is required now; defaults that meant something else are written out.
func workload(s *subject) error {
	spec := s.Get("spec")
	if spec == nil || spec.Kind != edit.Mapping || spec.Find("<<") != nil {
		return refuse(s.version, "it needs a spec that is written out")
	}
	if e := spec.Find("rollbackTo"); e != nil {
		return refuse(e.Key, "rollbackTo asks for a rollback and is no state to keep; take it out, and use kubectl rollout undo")
	}
	if e := spec.Find("templateGeneration"); e != nil {
		spec.Drop(e)
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
func (s *subject) selector(spec *edit.Node) error {
	labels := spec.Get("template", "metadata", "labels")
	if e := spec.Find("selector"); e != nil {
		if e.Value.Kind == edit.Alias || e.Value.Kind == edit.Mapping && len(e.Value.Entries) > 0 {
			return nil
		}
		return refuse(e.Key, "the selector is empty; apps/v1 needs one that matches the labels of the template")
	}
	at := spec.Find("template")
	if s.api.Version == "v1beta2" || at == nil || labels == nil || len(labels.Entries) == 0 && labels.Kind != edit.Alias {
		return refuse(s.version, "it has no selector, which apps/v1 requires; write one that matches the labels of the template")
	}
	copied := edit.NewMap()
	if labels.Kind == edit.Alias {
		copied = labels.Clone()
	}
	for _, e := range labels.Entries {
		if e.Value.Kind != edit.Scalar || e.Key.Tag == "!!merge" {
			return opaque(e.Value)
		}
		v := edit.Text(e.Value.Value)
		v.Tag = "!!str"
		if e.Value.Tag != "!!str" {
			return refuse(e.Value, "a label is a text; quote it")
		}
		copied.Entries = append(copied.Entries, edit.Field(e.Key.Value, v))
	}
	spec.Before("selector", edit.NewMap(edit.Field("matchLabels", copied)), at)
	s.note("the selector is written out from the labels of the template, which was the default; it cannot be changed later")
	if len(entriesOf(s.Get("metadata", "labels"))) == 0 {
		s.note("its own labels came from the template as long as it had none; apps/v1 gives it none")
	}
	return nil
}

func entriesOf(n *edit.Node) []*edit.Entry {
	if n == nil {
		return nil
	}
	return n.Entries
}

// onDelete writes out that pods are replaced only when somebody deletes them, which was the default.
func (s *subject) onDelete(spec *edit.Node) error {
	e := spec.Find("updateStrategy")
	switch {
	case e == nil:
		spec.Add("updateStrategy", edit.NewMap(edit.Field("type", edit.Text("OnDelete"))), spec.Find("selector"))
	case e.Value.Kind == edit.Mapping && e.Value.Find("type") == nil && e.Value.Find("<<") == nil:
		if len(e.Value.Entries) == 0 {
			e.Replace(edit.NewMap(edit.Field("type", edit.Text("OnDelete"))))
		} else {
			e.Value.Add("type", edit.Text("OnDelete"), nil)
		}
	case e.Value.Kind == edit.Mapping:
		return nil
	default:
		return opaque(e.Value)
	}
	s.note("updateStrategy: OnDelete is written out, which was the default; apps/v1 rolls changes out by itself")
	return nil
}

// strategy writes out how many pods a rolling update of extensions/v1beta1 replaces at once, and says what else differs.
func (s *subject) strategy(spec *edit.Node) error {
	var limits []string
	if s.api.Group == "extensions" {
		if err := s.pace(spec); err != nil {
			return err
		}
		for _, name := range []string{"progressDeadlineSeconds (600)", "revisionHistoryLimit (10)"} {
			if key, _, _ := strings.Cut(name, " "); spec.Find(key) == nil {
				limits = append(limits, name)
			}
		}
		if len(limits) > 0 {
			s.note("had no %s; apps/v1 has these defaults, which change no pods", strings.Join(limits, " and no "))
		}
	} else if spec.Find("revisionHistoryLimit") == nil {
		s.note("kept 2 old revisions; apps/v1 keeps 10")
	}
	return nil
}

// pace writes out that one pod at a time was replaced.
func (s *subject) pace(spec *edit.Node) error {
	one := func() []*edit.Entry {
		return []*edit.Entry{edit.Field("maxSurge", edit.Literal("!!int", "1")), edit.Field("maxUnavailable", edit.Literal("!!int", "1"))}
	}
	e := spec.Find("strategy")
	switch {
	case e == nil:
		spec.Add(
			"strategy",
			edit.NewMap(edit.Field("type", edit.Text("RollingUpdate")), edit.Field("rollingUpdate", edit.NewMap(one()...))),
			spec.Find("selector"),
		)
	case e.Value.Kind != edit.Mapping || e.Value.Find("<<") != nil:
		return opaque(e.Value)
	case e.Value.Get("type").Str() == "Recreate":
		return nil
	default:
		r := e.Value.Find("rollingUpdate")
		switch {
		case r == nil && len(e.Value.Entries) == 0:
			e.Replace(edit.NewMap(edit.Field("rollingUpdate", edit.NewMap(one()...))))
		case r == nil:
			e.Value.Add("rollingUpdate", edit.NewMap(one()...), nil)
		case r.Value.Kind != edit.Mapping || r.Value.Find("<<") != nil || len(r.Value.Entries) == 0:
			return opaque(r.Value)
		default:
			added := false
			for _, f := range one() {
				if r.Value.Find(f.Key.Value) == nil {
					r.Value.Add(f.Key.Value, f.Value, nil)
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
