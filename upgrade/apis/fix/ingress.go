package fix

import (
	"regexp"

	"treadmill/internal/yamlx/edit"
)

// ingress rewrites extensions/v1beta1 and networking.k8s.io/v1beta1 to networking.k8s.io/v1, which takes service and port
// of a backend apart and has no default for pathType. The old default was ImplementationSpecific.
func ingress(s *subject) error {
	spec := s.Get("spec")
	if e := spec.Find("backend"); e != nil {
		if err := backend(e.Value); err != nil {
			return err
		}
		e.Rename("defaultBackend")
	}
	untyped := 0
	for _, rule := range spec.Get("rules").List() {
		for _, p := range rule.Get("http", "paths").List() {
			if p.Kind != edit.Mapping {
				return opaque(p)
			}
			b := p.Find("backend")
			if b != nil {
				if err := backend(b.Value); err != nil {
					return err
				}
			}
			if p.Get("pathType").Null() {
				untyped++
				p.Drop(p.Find("pathType"))
				p.Add("pathType", edit.Text("ImplementationSpecific"), p.Find("path"))
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
func backend(b *edit.Node) error {
	if b.Null() {
		return nil
	}
	if b.Kind != edit.Mapping || b.Find("<<") != nil {
		return opaque(b)
	}
	name, port := b.Find("serviceName"), b.Find("servicePort")
	if name == nil && port == nil {
		return nil
	}
	if name == nil || port == nil || name.Value.Str() == "" || port.Value.Kind != edit.Scalar || port.Value.Null() {
		return refuse(b, "a backend needs serviceName and servicePort")
	}
	which := "number"
	if port.Value.Tag != "!!int" {
		if which = "name"; !portName.MatchString(port.Value.Value) {
			return refuse(port.Value, "servicePort %q is a text and no name of a port; take the quotes away if it is a number", port.Value.Value)
		}
	}
	b.Nest("service", name, port)
	name.Rename("name")
	port.Rename("port")
	port.Replace(edit.NewMap(edit.Field(which, port.Value)))
	return nil
}

// opaque refuses a value that a rule cannot look into.
func opaque(n *edit.Node) error {
	if n.Kind == edit.Alias {
		return refuse(n, "*%s repeats a value that has to change; write it out", n.Anchor)
	}
	return refuse(n, "a value is not what the API has there, or comes from a merge; write it out")
}
