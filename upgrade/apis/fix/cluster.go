package fix

import "strings"

// cronJob refuses schedules that name a time zone, which batch/v1 does not take in a new object.
func cronJob(s *subject) error {
	if v := s.get("spec", "schedule"); strings.Contains(v.str(), "TZ") {
		return refuse(v, "batch/v1 does not take a time zone in the schedule; write it to spec.timeZone (Kubernetes 1.27 and later)")
	}
	return nil
}

// disruptionBudget refuses the empty selector, which policy/v1beta1 takes for none and policy/v1 for all.
func disruptionBudget(s *subject) error {
	if e := s.get("spec").find("selector"); e != nil && e.value.kind == mapping && len(e.value.entries) == 0 {
		return refuse(e.key, "an empty selector matches no pod in policy/v1beta1 and every pod of the namespace in policy/v1; "+
			"take the selector out to match none, or write the labels that are meant")
	}
	for _, list := range []string{"matchLabels", "matchExpressions"} {
		e := s.get("spec", "selector").find(list)
		if e != nil && e.value.kind != alias && len(e.value.all()) == 0 && len(s.get("spec", "selector").entries) == 1 {
			return refuse(e.key, "an empty selector matches no pod in policy/v1beta1 and every pod of the namespace in policy/v1; "+
				"take the selector out to match none, or write the labels that are meant")
		}
	}
	return nil
}

// endpointSlice moves the zone and the node of an endpoint out of its topology. v1 has no place for the rest.
func endpointSlice(s *subject) error {
	if v := s.get("addressType"); v.str() == "IP" {
		return refuse(v, "the address type IP is gone; write IPv4 or IPv6")
	}
	for _, e := range s.get("endpoints").list() {
		if e.kind != mapping || e.find("<<") != nil {
			return opaque(e)
		}
		t := e.find("topology")
		if t == nil {
			continue
		}
		if t.value.kind != mapping {
			return opaque(t.value)
		}
		if err := s.topology(e, t); err != nil {
			return err
		}
	}
	return nil
}

func (s *subject) topology(e *node, t *entry) error {
	for _, f := range t.value.entries {
		switch f.key.value {
		case "topology.kubernetes.io/zone":
			if e.find("zone") != nil {
				return refuse(f.key, "the endpoint has a zone and one in its topology; take one out")
			}
			f.rename("zone")
		case "kubernetes.io/hostname":
			if n := e.get("nodeName"); n != nil && n.str() == f.value.str() {
				t.value.drop(f)
				continue
			} else if n != nil {
				return refuse(f.key, "the endpoint has a nodeName and another one in its topology; take one out")
			}
			f.rename("nodeName")
			s.note("nodeName is from the topology key kubernetes.io/hostname, which is the node's name unless somebody changed it")
		default:
			return refuse(f.key, "v1 has no place for the topology key %s, and drops it; take it out", f.key.value)
		}
	}
	e.lift(t)
	return nil
}

// event refuses events that events.k8s.io/v1 does not take.
func event(s *subject) error {
	for _, name := range []string{"eventTime", "reportingController", "reportingInstance", "action", "reason", "type"} {
		if s.get(name).str() == "" {
			return refuse(s.version, "events.k8s.io/v1 requires %s", name)
		}
	}
	for _, name := range []string{"deprecatedSource", "deprecatedFirstTimestamp", "deprecatedLastTimestamp", "deprecatedCount"} {
		if e := s.find(name); e != nil && !e.value.null() {
			return refuse(e.key, "events.k8s.io/v1 does not take %s in a new event; take it out", name)
		}
	}
	return nil
}

// priorityLevel renames the shares of a level.
func priorityLevel(s *subject) error {
	limited := s.get("spec", "limited")
	if limited == nil {
		return nil
	}
	if limited.kind != mapping || limited.find("<<") != nil {
		return opaque(limited)
	}
	for _, name := range []string{"assuredConcurrencyShares", "nominalConcurrencyShares"} {
		e := limited.find(name)
		if e == nil {
			continue
		}
		if e.value.str() == "0" {
			return refuse(e.value, "a share of 0 was taken for the default of 30, and means none in v1; take it out or write what is meant")
		}
		e.rename("nominalConcurrencyShares")
	}
	return nil
}

// runtimeClass lifts the fields of spec.
func runtimeClass(s *subject) error {
	e := s.find("spec")
	if e == nil || e.value.kind != mapping || e.value.find("<<") != nil {
		return refuse(s.version, "it needs a spec that is written out")
	}
	if h := e.value.find("runtimeHandler"); h != nil {
		h.rename("handler")
	}
	s.lift(e)
	return nil
}

// binding gives subjects an apiGroup for their apiVersion.
func binding(s *subject) error {
	for _, sub := range s.get("subjects").list() {
		if sub.kind != mapping || sub.find("<<") != nil {
			return opaque(sub)
		}
		if v := sub.get("name"); sub.get("kind").str() == "User" && v.str() == "*" {
			return refuse(v, "the user * stood for all who are authenticated; write the group system:authenticated")
		}
		e := sub.find("apiVersion")
		if e == nil {
			continue
		}
		if sub.find("apiGroup") != nil || e.value.kind != scalar {
			return refuse(e.key, "a subject has apiVersion and apiGroup; take apiVersion out")
		}
		group, _, named := strings.Cut(e.value.str(), "/")
		if !named {
			sub.drop(e)
			continue
		}
		e.rename("apiGroup")
		e.value.set(group)
	}
	return nil
}
