package fix

import "regexp"

// ingress rewrites extensions/v1beta1 and networking.k8s.io/v1beta1 to networking.k8s.io/v1, which takes service and port
// of a backend apart and has no default for pathType. The old default was ImplementationSpecific.
func ingress(s *subject) error {
	spec := s.get("spec")
	if e := spec.find("backend"); e != nil {
		if err := backend(e.value); err != nil {
			return err
		}
		e.rename("defaultBackend")
	}
	untyped := 0
	for _, rule := range spec.get("rules").list() {
		for _, p := range rule.get("http", "paths").list() {
			if p.kind != mapping {
				return opaque(p)
			}
			b := p.find("backend")
			if b != nil {
				if err := backend(b.value); err != nil {
					return err
				}
			}
			if p.get("pathType").null() {
				untyped++
				p.drop(p.find("pathType"))
				p.add("pathType", text("ImplementationSpecific"), p.find("path"))
			}
		}
	}
	if untyped > 0 {
		s.note("pathType: ImplementationSpecific is written out, which was the default; Prefix or Exact mean the same to every controller")
	}
	return nil
}

var portName = regexp.MustCompile(`^[a-z0-9-]*[a-z][a-z0-9-]*$`)

// backend rewrites serviceName and servicePort to service.name and service.port.
func backend(b *node) error {
	if b.null() {
		return nil
	}
	if b.kind != mapping || b.find("<<") != nil {
		return opaque(b)
	}
	name, port := b.find("serviceName"), b.find("servicePort")
	if name == nil && port == nil {
		return nil
	}
	if name == nil || port == nil || name.value.str() == "" || port.value.kind != scalar || port.value.null() {
		return refuse(b, "a backend needs serviceName and servicePort")
	}
	which := "number"
	if port.value.tag != "!!int" {
		if which = "name"; !portName.MatchString(port.value.value) {
			return refuse(port.value, "servicePort %q is a text and no name of a port; take the quotes away if it is a number", port.value.value)
		}
	}
	b.nest("service", name, port)
	name.rename("name")
	port.rename("port")
	port.replace(newMap(field(which, port.value)))
	return nil
}

// opaque refuses a value that a rule cannot look into.
func opaque(n *node) error {
	if n.kind == alias {
		return refuse(n, "*%s repeats a value that has to change; write it out", n.anchor)
	}
	return refuse(n, "a value is not what the API has there, or comes from a merge; write it out")
}
