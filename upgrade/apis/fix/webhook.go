package fix

// webhooks rewrites webhook configurations. What v1 requires and nobody but their author knows is asked for; defaults that
// differ are written out.
func webhooks(s *subject) error {
	names := map[string]bool{}
	for _, w := range s.get("webhooks").list() {
		if w.kind != mapping || w.find("<<") != nil {
			return opaque(w)
		}
		name := w.get("name")
		if names[name.str()] {
			return refuse(name, "two webhooks have the name %q, which v1 does not take", name.str())
		}
		names[name.str()] = true
		switch e := w.find("sideEffects"); {
		case e == nil:
			return refuse(w, "webhook %q says no sideEffects, which v1 requires: write None if calling it changes nothing, NoneOnDryRun if it minds dryRun", name.str())
		case e.value.str() != "None" && e.value.str() != "NoneOnDryRun":
			return refuse(e.value, "webhook %q has sideEffects: %s; v1 takes None and NoneOnDryRun only, so the webhook has to mind dryRun first", name.str(), e.value.str())
		}
		if v := w.get("admissionReviewVersions"); v == nil || len(v.items) == 0 && v.kind != alias {
			return refuse(w, "webhook %q says no admissionReviewVersions, which v1 requires: write the versions of AdmissionReview that it understands, such as [v1, v1beta1]", name.str())
		}
		s.webhookDefaults(w)
	}
	return nil
}

func (s *subject) webhookDefaults(w *node) {
	for _, d := range []struct{ key, tag, old, new string }{
		{"failurePolicy", "!!str", "Ignore", "Fail"},
		{"matchPolicy", "!!str", "Exact", "Equivalent"},
		{"timeoutSeconds", "!!int", "30", "10"},
	} {
		if !w.get(d.key).null() {
			continue
		}
		w.drop(w.find(d.key))
		w.add(d.key, literal(d.tag, d.old), nil)
		s.note("webhook %q: %s: %s is written out, which was the default; that of v1 is %s", w.get("name").str(), d.key, d.old, d.new)
	}
}
