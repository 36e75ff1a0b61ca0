package fix

// structural refuses a schema that apiextensions.k8s.io/v1 does: every value has a type, what is free is said to be, and
// the logical parts say nothing that belongs outside of them.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
func structural(n *node) error {
	if n.kind != mapping || n.find("<<") != nil {
		return opaque(n)
	}
	free := n.get("x-kubernetes-int-or-string").str() == "true" || n.get("x-kubernetes-preserve-unknown-fields").str() == "true"
	if n.get("type").str() == "" && !free {
		return unstructured(n, "a value has no type")
	}
	if n.find("properties") != nil && n.find("additionalProperties") != nil {
		return unstructured(n, "properties and additionalProperties exclude each other")
	}
	for _, e := range n.entries {
		if err := structuralPart(e); err != nil {
			return err
		}
	}
	return nil
}

func structuralPart(e *entry) error {
	switch e.key.value {
	case "$ref", "definitions", "dependencies", "id", "patternProperties", "deprecated", "discriminator", "readOnly", "writeOnly", "xml":
		return unstructured(e.key, e.key.value+" is not allowed")
	case "uniqueItems":
		if e.value.str() == "true" {
			return unstructured(e.key, "uniqueItems is not allowed")
		}
	case "items":
		return structural(e.value)
	case "additionalProperties":
		if e.value.kind == scalar {
			if e.value.str() == "false" {
				return unstructured(e.key, "additionalProperties: false is not allowed")
			}
			return nil
		}
		return structural(e.value)
	case "properties":
		if e.value.kind != mapping {
			return opaque(e.value)
		}
		for _, p := range e.value.entries {
			if err := structural(p.value); err != nil {
				return err
			}
		}
	case "allOf", "anyOf", "oneOf":
		for _, v := range e.value.list() {
			if err := logical(v); err != nil {
				return err
			}
		}
	case "not":
		return logical(e.value)
	}
	return nil
}

// logical refuses what may not stand below allOf, anyOf, oneOf and not. The types below x-kubernetes-int-or-string may.
func logical(n *node) error {
	if n.kind != mapping {
		return opaque(n)
	}
	for _, e := range n.entries {
		switch e.key.value {
		case "type":
			if t := e.value.str(); t == "integer" || t == "string" {
				continue
			}
			fallthrough
		case "additionalProperties", "default", "description", "nullable", "title":
			return unstructured(e.key, e.key.value+" may not stand below allOf, anyOf, oneOf or not")
		case "properties":
			for _, p := range e.value.all() {
				if err := logical(p.value); err != nil {
					return err
				}
			}
		case "items", "not":
			if err := logical(e.value); err != nil {
				return err
			}
		}
	}
	return nil
}

func unstructured(at *node, why string) error {
	return refuse(at, "the schema is not structural, as v1 requires: %s", why)
}
