package fix

import (
	"slices"
	"strings"
)

// definition rewrites apiextensions.k8s.io/v1beta1 to v1: schema, printer columns and subresources belong to each version,
// and the conversion webhook has a place of its own.
func definition(s *subject) error {
	spec := s.get("spec")
	if spec == nil || spec.kind != mapping || spec.find("<<") != nil {
		return refuse(s.version, "it needs a spec that is written out")
	}
	if spec.get("preserveUnknownFields").str() != "false" {
		return refuse(s.version, "apiextensions.k8s.io/v1 drops fields that the schema does not know, and this definition keeps them; "+
			"write \"preserveUnknownFields: false\" into its spec if that is meant, after adding x-kubernetes-preserve-unknown-fields to the schema where fields are free")
	}
	group := spec.get("group").str()
	if (strings.HasSuffix(group, ".k8s.io") || strings.HasSuffix(group, ".kubernetes.io") || group == "k8s.io") &&
		s.get("metadata", "annotations", "api-approved.kubernetes.io").null() {
		return refuse(s.version, "v1 wants the annotation api-approved.kubernetes.io for the group %s; write the URL of the approval, or \"unapproved, …\"", group)
	}
	versions, err := s.versions(spec)
	if err != nil {
		return err
	}
	if err := spread(spec, versions); err != nil {
		return err
	}
	for _, v := range versions {
		if err := columns(v.get("additionalPrinterColumns")); err != nil {
			return err
		}
		schema := v.get("schema", "openAPIV3Schema")
		if schema == nil {
			return refuse(s.version, "version %s has no schema, which v1 requires; write one, such as type: object with x-kubernetes-preserve-unknown-fields: true", v.get("name").str())
		}
		if schema.get("type").str() != "object" {
			return refuse(schema, "the schema is not structural, as v1 requires: its type is not object")
		}
		if err := structural(schema); err != nil {
			return err
		}
	}
	if spec.find("scope") == nil {
		spec.add("scope", text("Namespaced"), spec.find("group"))
		s.note("scope: Namespaced is written out, which was the default")
	}
	return s.conversion(spec.get("conversion"))
}

// versions returns the versions of a definition, after making a list of the single one that spec.version may name.
func (s *subject) versions(spec *node) ([]*node, error) {
	single, list := spec.find("version"), spec.find("versions")
	if list == nil {
		if single == nil || single.value.str() == "" {
			return nil, refuse(s.version, "it names no version")
		}
		v := newMap(field("name", single.value), field("served", literal("!!bool", "true")), field("storage", literal("!!bool", "true")))
		single.rename("versions")
		single.replace(&node{kind: sequence, new: true, items: []*entry{{value: v, new: true}}})
		return []*node{v}, nil
	}
	versions := list.value.list()
	if len(versions) == 0 {
		return nil, refuse(list.key, "it names no version")
	}
	for _, v := range versions {
		if v.kind != mapping || v.find("<<") != nil {
			return nil, opaque(v)
		}
	}
	if single != nil {
		if single.value.str() != versions[0].get("name").str() {
			return nil, refuse(single.value, "version is not the first of versions")
		}
		spec.drop(single)
	}
	return versions, nil
}

// spread moves what stands in the spec for all versions into each of them.
func spread(spec *node, versions []*node) error {
	for _, name := range []string{"additionalPrinterColumns", "subresources", "validation"} {
		e := spec.find(name)
		if e == nil {
			continue
		}
		to := name
		if name == "validation" {
			to = "schema"
		}
		for _, v := range versions {
			if v.find(to) != nil {
				return refuse(e.key, "%s stands in the spec and in a version; take one out", to)
			}
		}
		e.rename(to)
		for i, v := range versions {
			c := e
			if i > 0 {
				c = cloneEntries([]*entry{e})[0]
			}
			v.entries, v.changed = append(v.entries, c), true
		}
		spec.entries, spec.changed = slices.DeleteFunc(spec.entries, func(o *entry) bool { return o == e }), true
	}
	return nil
}

func columns(list *node) error {
	for _, c := range list.list() {
		if c.kind != mapping || c.find("<<") != nil {
			return opaque(c)
		}
		if e := c.find("JSONPath"); e != nil {
			e.rename("jsonPath")
		}
	}
	return nil
}

// conversion moves the webhook of a conversion to its place.
func (s *subject) conversion(c *node) error {
	if c.null() {
		return nil
	}
	if c.kind != mapping || c.find("<<") != nil {
		return opaque(c)
	}
	var parts []*entry
	client, reviews := c.find("webhookClientConfig"), c.find("conversionReviewVersions")
	if client != nil {
		client.rename("clientConfig")
		parts = append(parts, client)
	}
	if reviews != nil {
		parts = append(parts, reviews)
	}
	if len(parts) == 0 {
		return nil
	}
	w := c.nest("webhook", parts...)
	if reviews == nil {
		v := &node{kind: sequence, new: true, items: []*entry{{value: text("v1beta1"), new: true}}}
		w.add("conversionReviewVersions", v, nil)
		s.note("conversionReviewVersions: [v1beta1] is written out, which was the default")
	}
	return nil
}
