package fix

import (
	"strings"

	"treadmill/internal/yamlx/edit"
)

// cronJob refuses schedules that name a time zone, which batch/v1 does not take in a new object.
func cronJob(s *subject) error {
	if v := s.Get("spec", "schedule"); strings.Contains(v.Str(), "TZ") {
		return refuse(v, "batch/v1 does not take a time zone in the schedule; write it to spec.timeZone (Kubernetes 1.27 and later)")
	}
	return nil
}

// disruptionBudget refuses the empty selector, which policy/v1beta1 takes for none and policy/v1 for all.
func disruptionBudget(s *subject) error {
	if e := s.Get("spec").Find("selector"); e != nil && e.Value.Kind == edit.Mapping && len(e.Value.Entries) == 0 {
		return refuse(e.Key, "an empty selector matches no pod in policy/v1beta1 and every pod of the namespace in policy/v1; "+
			"take the selector out to match none, or write the labels that are meant")
	}
	for _, list := range []string{"matchLabels", "matchExpressions"} {
		e := s.Get("spec", "selector").Find(list)
		if e != nil && e.Value.Kind != edit.Alias && len(e.Value.All()) == 0 && len(s.Get("spec", "selector").Entries) == 1 {
			return refuse(e.Key, "an empty selector matches no pod in policy/v1beta1 and every pod of the namespace in policy/v1; "+
				"take the selector out to match none, or write the labels that are meant")
		}
	}
	return nil
}

// endpointSlice moves the zone and the node of an endpoint out of its topology. v1 has no place for the rest.
func endpointSlice(s *subject) error {
	if v := s.Get("addressType"); v.Str() == "IP" {
		return refuse(v, "the address type IP is gone; write IPv4 or IPv6")
	}
	for _, e := range s.Get("endpoints").List() {
		if e.Kind != edit.Mapping || e.Find("<<") != nil {
			return opaque(e)
		}
		t := e.Find("topology")
		if t == nil {
			continue
		}
		if t.Value.Kind != edit.Mapping {
			return opaque(t.Value)
		}
		if err := s.topology(e, t); err != nil {
			return err
		}
	}
	return nil
}

func (s *subject) topology(e *edit.Node, t *edit.Entry) error {
	for _, f := range t.Value.Entries {
		switch f.Key.Value {
		case "topology.kubernetes.io/zone":
			if e.Find("zone") != nil {
				return refuse(f.Key, "the endpoint has a zone and one in its topology; take one out")
			}
			f.Rename("zone")
		case "kubernetes.io/hostname":
			if n := e.Get("nodeName"); n != nil && n.Str() == f.Value.Str() {
				t.Value.Drop(f)
				continue
			} else if n != nil {
				return refuse(f.Key, "the endpoint has a nodeName and another one in its topology; take one out")
			}
			f.Rename("nodeName")
			s.note("nodeName is from the topology key kubernetes.io/hostname, which is the node's name unless somebody changed it")
		default:
			return refuse(f.Key, "v1 has no place for the topology key %s, and drops it; take it out", f.Key.Value)
		}
	}
	e.Lift(t)
	return nil
}

// event refuses events that events.k8s.io/v1 does not take.
func event(s *subject) error {
	for _, name := range []string{"eventTime", "reportingController", "reportingInstance", "action", "reason", "type"} {
		if s.Get(name).Str() == "" {
			return refuse(s.version, "events.k8s.io/v1 requires %s", name)
		}
	}
	for _, name := range []string{"deprecatedSource", "deprecatedFirstTimestamp", "deprecatedLastTimestamp", "deprecatedCount"} {
		if e := s.Find(name); e != nil && !e.Value.Null() {
			return refuse(e.Key, "events.k8s.io/v1 does not take %s in a new event; take it out", name)
		}
	}
	return nil
}

// priorityLevel renames the shares of a level.
func priorityLevel(s *subject) error {
	limited := s.Get("spec", "limited")
	if limited == nil {
		return nil
	}
	if limited.Kind != edit.Mapping || limited.Find("<<") != nil {
		return opaque(limited)
	}
	for _, name := range []string{"assuredConcurrencyShares", "nominalConcurrencyShares"} {
		e := limited.Find(name)
		if e == nil {
			continue
		}
		if e.Value.Str() == "0" {
			return refuse(e.Value, "a share of 0 was taken for the default of 30, and means none in v1; take it out or write what is meant")
		}
		e.Rename("nominalConcurrencyShares")
	}
	return nil
}

// runtimeClass lifts the fields of spec.
func runtimeClass(s *subject) error {
	e := s.Find("spec")
	if e == nil || e.Value.Kind != edit.Mapping || e.Value.Find("<<") != nil {
		return refuse(s.version, "it needs a spec that is written out")
	}
	if h := e.Value.Find("runtimeHandler"); h != nil {
		h.Rename("handler")
	}
	s.Lift(e)
	return nil
}

// binding gives subjects an apiGroup for their apiVersion.
func binding(s *subject) error {
	for _, sub := range s.Get("subjects").List() {
		if sub.Kind != edit.Mapping || sub.Find("<<") != nil {
			return opaque(sub)
		}
		if v := sub.Get("name"); sub.Get("kind").Str() == "User" && v.Str() == "*" {
			return refuse(v, "the user * stood for all who are authenticated; write the group system:authenticated")
		}
		e := sub.Find("apiVersion")
		if e == nil {
			continue
		}
		if sub.Find("apiGroup") != nil || e.Value.Kind != edit.Scalar {
			return refuse(e.Key, "a subject has apiVersion and apiGroup; take apiVersion out")
		}
		group, _, named := strings.Cut(e.Value.Str(), "/")
		if !named {
			sub.Drop(e)
			continue
		}
		e.Rename("apiGroup")
		e.Value.Set(group)
	}
	return nil
}
