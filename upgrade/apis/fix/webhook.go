package fix

import "treadmill/internal/yamlx/edit"

// webhooks rewrites webhook configurations. What v1 requires and nobody but their author knows is asked for; defaults that
// differ are written out.
func webhooks(s *subject) error {
	names := map[string]bool{}
	for _, w := range s.Get("webhooks").List() {
		if w.Kind != edit.Mapping || w.Find("<<") != nil {
			return opaque(w)
		}
		name := w.Get("name")
		if names[name.Str()] {
			return refuse(name, "two webhooks have the name %q, which v1 does not take", name.Str())
		}
		names[name.Str()] = true
		switch e := w.Find("sideEffects"); {
		case e == nil:
			return refuse(
				w,
				"webhook %q says no sideEffects, which v1 requires: write None if calling it changes nothing, NoneOnDryRun if it minds dryRun",
				name.Str(),
			)
		case e.Value.Str() != "None" && e.Value.Str() != "NoneOnDryRun":
			return refuse(
				e.Value,
				"webhook %q has sideEffects: %s; v1 takes None and NoneOnDryRun only, so the webhook has to mind dryRun first",
				name.Str(),
				e.Value.Str(),
			)
		}
		if v := w.Get("admissionReviewVersions"); v == nil || len(v.Items) == 0 && v.Kind != edit.Alias {
			return refuse(
				w,
				"webhook %q says no admissionReviewVersions, which v1 requires: write the versions of AdmissionReview that it understands, such as [v1, v1beta1]",
				name.Str(),
			)
		}
		s.webhookDefaults(w)
	}
	return nil
}

func (s *subject) webhookDefaults(w *edit.Node) {
	for _, d := range []struct{ key, tag, old, new string }{
		{"failurePolicy", "!!str", "Ignore", "Fail"},
		{"matchPolicy", "!!str", "Exact", "Equivalent"},
		{"timeoutSeconds", "!!int", "30", "10"},
	} {
		if !w.Get(d.key).Null() {
			continue
		}
		w.Drop(w.Find(d.key))
		w.Add(d.key, edit.Literal(d.tag, d.old), nil)
		s.note("webhook %q: %s: %s is written out, which was the default; that of v1 is %s", w.Get("name").Str(), d.key, d.old, d.new)
	}
}
