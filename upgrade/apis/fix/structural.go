package fix

import "treadmill/internal/yamlx/edit"

// structural refuses a schema that apiextensions.k8s.io/v1 does: every value has a type, what is free is said to be, and
// the logical parts say nothing that belongs outside of them.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
func structural(n *edit.Node) error {
	if n.Kind != edit.Mapping || n.Find("<<") != nil {
		return opaque(n)
	}
	free := n.Get("x-kubernetes-int-or-string").Str() == "true" || n.Get("x-kubernetes-preserve-unknown-fields").Str() == "true"
	if n.Get("type").Str() == "" && !free {
		return unstructured(n, "a value has no type")
	}
	if n.Find("properties") != nil && n.Find("additionalProperties") != nil {
		return unstructured(n, "properties and additionalProperties exclude each other")
	}
	for _, e := range n.Entries {
		if err := structuralPart(e); err != nil {
			return err
		}
	}
	return nil
}

func structuralPart(e *edit.Entry) error {
	switch e.Key.Value {
	case "$ref", "definitions", "dependencies", "id", "patternProperties", "deprecated", "discriminator", "readOnly", "writeOnly", "xml":
		return unstructured(e.Key, e.Key.Value+" is not allowed")
	case "uniqueItems":
		if e.Value.Str() == "true" {
			return unstructured(e.Key, "uniqueItems is not allowed")
		}
	case "items":
		return structural(e.Value)
	case "additionalProperties":
		if e.Value.Kind == edit.Scalar {
			if e.Value.Str() == "false" {
				return unstructured(e.Key, "additionalProperties: false is not allowed")
			}
			return nil
		}
		return structural(e.Value)
	case "properties":
		if e.Value.Kind != edit.Mapping {
			return opaque(e.Value)
		}
		for _, p := range e.Value.Entries {
			if err := structural(p.Value); err != nil {
				return err
			}
		}
	case "allOf", "anyOf", "oneOf":
		for _, v := range e.Value.List() {
			if err := logical(v); err != nil {
				return err
			}
		}
	case "not":
		return logical(e.Value)
	}
	return nil
}

// logical refuses what may not stand below allOf, anyOf, oneOf and not. The types below x-kubernetes-int-or-string may.
func logical(n *edit.Node) error {
	if n.Kind != edit.Mapping {
		return opaque(n)
	}
	for _, e := range n.Entries {
		switch e.Key.Value {
		case "type":
			if t := e.Value.Str(); t == "integer" || t == "string" {
				continue
			}
			fallthrough
		case "additionalProperties", "default", "description", "nullable", "title":
			return unstructured(e.Key, e.Key.Value+" may not stand below allOf, anyOf, oneOf or not")
		case "properties":
			for _, p := range e.Value.All() {
				if err := logical(p.Value); err != nil {
					return err
				}
			}
		case "items", "not":
			if err := logical(e.Value); err != nil {
				return err
			}
		}
	}
	return nil
}

func unstructured(at *edit.Node, why string) error {
	return refuse(at, "the schema is not structural, as v1 requires: %s", why)
}
