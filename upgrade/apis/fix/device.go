package fix

import "treadmill/internal/yamlx/edit"

// claim rewrites the requests of a ResourceClaim or of a template of them: a request for one kind of device says what it
// wants under exactly.
func claim(s *subject) error {
	spec := s.Get("spec")
	if s.kind == "ResourceClaimTemplate" {
		spec = spec.Get("spec")
	}
	if e := spec.Find("controller"); e != nil {
		return refuse(e.Key, "spec.controller is gone; the driver allocates through ResourceSlices")
	}
	for _, r := range spec.Get("devices", "requests").List() {
		if r.Kind != edit.Mapping || r.Find("<<") != nil {
			return opaque(r)
		}
		var parts []*edit.Entry
		for _, e := range r.Entries {
			if k := e.Key.Value; k != "name" && k != "firstAvailable" && k != "exactly" {
				parts = append(parts, e)
			}
		}
		if len(parts) > 0 {
			if r.Find("firstAvailable") != nil || r.Find("exactly") != nil {
				return refuse(parts[0].Key, "a request has %s beside firstAvailable", parts[0].Key.Value)
			}
			r.Nest("exactly", parts...)
		}
	}
	return nil
}

// resourceSlice lifts the fields of basic to the device. The capacity of v1alpha3 is a bare quantity.
func resourceSlice(s *subject) error {
	for _, device := range s.Get("spec", "devices").List() {
		if device.Kind != edit.Mapping || device.Find("<<") != nil {
			return opaque(device)
		}
		basic := device.Find("basic")
		if basic == nil {
			continue
		}
		if basic.Value.Kind != edit.Mapping || basic.Value.Find("<<") != nil {
			return opaque(basic.Value)
		}
		for _, e := range entriesOf(basic.Value.Get("capacity")) {
			if e.Value.Kind == edit.Scalar {
				e.Replace(edit.NewMap(edit.Field("value", e.Value)))
			}
		}
		device.Lift(basic)
	}
	return nil
}

func deviceClass(s *subject) error {
	if e := s.Get("spec").Find("suitableNodes"); e != nil {
		return refuse(e.Key, "suitableNodes is gone, which was for drivers that allocate themselves; take it out")
	}
	return nil
}

func taintRule(s *subject) error {
	selector := s.Get("spec", "deviceSelector")
	for _, name := range []string{"deviceClassName", "selectors"} {
		if e := selector.Find(name); e != nil {
			return refuse(e.Key, "deviceSelector has no %s any more; select by driver, pool and device", name)
		}
	}
	return nil
}
