package fix

// claim rewrites the requests of a ResourceClaim or of a template of them: a request for one kind of device says what it
// wants under exactly.
func claim(s *subject) error {
	spec := s.get("spec")
	if s.kind == "ResourceClaimTemplate" {
		spec = spec.get("spec")
	}
	if e := spec.find("controller"); e != nil {
		return refuse(e.key, "spec.controller is gone; the driver allocates through ResourceSlices")
	}
	for _, r := range spec.get("devices", "requests").list() {
		if r.kind != mapping || r.find("<<") != nil {
			return opaque(r)
		}
		var parts []*entry
		for _, e := range r.entries {
			if k := e.key.value; k != "name" && k != "firstAvailable" && k != "exactly" {
				parts = append(parts, e)
			}
		}
		if len(parts) > 0 {
			if r.find("firstAvailable") != nil || r.find("exactly") != nil {
				return refuse(parts[0].key, "a request has %s beside firstAvailable", parts[0].key.value)
			}
			r.nest("exactly", parts...)
		}
	}
	return nil
}

// resourceSlice lifts the fields of basic to the device. The capacity of v1alpha3 is a bare quantity.
func resourceSlice(s *subject) error {
	for _, device := range s.get("spec", "devices").list() {
		if device.kind != mapping || device.find("<<") != nil {
			return opaque(device)
		}
		basic := device.find("basic")
		if basic == nil {
			continue
		}
		if basic.value.kind != mapping || basic.value.find("<<") != nil {
			return opaque(basic.value)
		}
		for _, e := range basic.value.get("capacity").entriesOf() {
			if e.value.kind == scalar {
				e.replace(newMap(field("value", e.value)))
			}
		}
		device.lift(basic)
	}
	return nil
}

func deviceClass(s *subject) error {
	if e := s.get("spec").find("suitableNodes"); e != nil {
		return refuse(e.key, "suitableNodes is gone, which was for drivers that allocate themselves; take it out")
	}
	return nil
}

func taintRule(s *subject) error {
	selector := s.get("spec", "deviceSelector")
	for _, name := range []string{"deviceClassName", "selectors"} {
		if e := selector.find(name); e != nil {
			return refuse(e.key, "deviceSelector has no %s any more; select by driver, pool and device", name)
		}
	}
	return nil
}
