package fix

import (
	"slices"
	"strings"

	"treadmill/internal/yamlx/edit"
)

// definition rewrites apiextensions.k8s.io/v1beta1 to v1: schema, printer columns and subresources belong to each version,
// and the conversion webhook has a place of its own.
func definition(s *subject) error {
	spec := s.Get("spec")
	if spec == nil || spec.Kind != edit.Mapping || spec.Find("<<") != nil {
		return refuse(s.version, "it needs a spec that is written out")
	}
	if spec.Get("preserveUnknownFields").Str() != "false" {
		return refuse(s.version, "apiextensions.k8s.io/v1 drops fields that the schema does not know, and this definition keeps them; "+
			"write \"preserveUnknownFields: false\" into its spec if that is meant, after adding x-kubernetes-preserve-unknown-fields to the schema where fields are free")
	}
	group := spec.Get("group").Str()
	if (strings.HasSuffix(group, ".k8s.io") || strings.HasSuffix(group, ".kubernetes.io") || group == "k8s.io") &&
		s.Get("metadata", "annotations", "api-approved.kubernetes.io").Null() {
		return refuse(
			s.version,
			"v1 wants the annotation api-approved.kubernetes.io for the group %s; write the URL of the approval, or \"unapproved, …\"",
			group,
		)
	}
	unbracket(spec)
	versions, err := s.versions(spec)
	if err != nil {
		return err
	}
	if err := spread(spec, versions); err != nil {
		return err
	}
	for _, v := range versions {
		if err := columns(v.Get("additionalPrinterColumns")); err != nil {
			return err
		}
		schema := v.Get("schema", "openAPIV3Schema")
		if schema == nil {
			return refuse(
				s.version,
				"version %s has no schema, which v1 requires; write one, such as type: object with x-kubernetes-preserve-unknown-fields: true",
				v.Get("name").Str(),
			)
		}
		if schema.Get("type").Str() != "object" {
			return refuse(schema, "the schema is not structural, as v1 requires: its type is not object")
		}
		if err := structural(schema); err != nil {
			return err
		}
	}
	if spec.Find("scope") == nil {
		spec.Add("scope", edit.Text("Namespaced"), spec.Find("group"))
		s.note("scope: Namespaced is written out, which was the default")
	}
	return s.conversion(spec.Get("conversion"))
}

// unbracket writes a list of versions in brackets as a block where a block of the spec goes into it, since brackets cannot hold one.
func unbracket(spec *edit.Node) {
	list := spec.Find("versions")
	if spec.Flow || list == nil || list.Value.Kind != edit.Sequence {
		return
	}
	inFlow := list.Value.Flow
	for _, v := range list.Value.List() {
		inFlow = inFlow || v.Flow
	}
	block := false
	for _, name := range []string{"additionalPrinterColumns", "subresources", "validation"} {
		v := spec.Get(name)
		block = block || v != nil && !v.Flow && v.Kind != edit.Scalar
	}
	if !inFlow || !block {
		return
	}
	loose := &edit.Node{Kind: edit.Sequence, New: true}
	for _, v := range list.Value.List() {
		if v.Kind != edit.Mapping || v.Find("<<") != nil || v.Anchor != "" {
			return
		}
		m := edit.NewMap()
		for _, e := range v.Entries {
			m.Entries = append(m.Entries, edit.Field(e.Key.Value, e.Value))
		}
		loose.Items = append(loose.Items, &edit.Entry{Value: m, New: true})
	}
	list.Replace(loose)
}

// versions returns the versions of a definition, after making a list of the single one that spec.version may name.
func (s *subject) versions(spec *edit.Node) ([]*edit.Node, error) {
	single, list := spec.Find("version"), spec.Find("versions")
	if list == nil {
		if single == nil || single.Value.Str() == "" {
			return nil, refuse(s.version, "it names no version")
		}
		v := edit.NewMap(
			edit.Field("name", single.Value),
			edit.Field("served", edit.Literal("!!bool", "true")),
			edit.Field("storage", edit.Literal("!!bool", "true")),
		)
		single.Rename("versions")
		single.Replace(&edit.Node{Kind: edit.Sequence, New: true, Items: []*edit.Entry{{Value: v, New: true}}})
		return []*edit.Node{v}, nil
	}
	versions := list.Value.List()
	if len(versions) == 0 {
		return nil, refuse(list.Key, "it names no version")
	}
	for _, v := range versions {
		if v.Kind != edit.Mapping || v.Find("<<") != nil {
			return nil, opaque(v)
		}
	}
	if single != nil {
		if single.Value.Str() != versions[0].Get("name").Str() {
			return nil, refuse(single.Value, "version is not the first of versions")
		}
		spec.Drop(single)
	}
	return versions, nil
}

// spread moves what stands in the spec for all versions into each of them.
func spread(spec *edit.Node, versions []*edit.Node) error {
	for _, name := range []string{"additionalPrinterColumns", "subresources", "validation"} {
		e := spec.Find(name)
		if e == nil {
			continue
		}
		to := name
		if name == "validation" {
			to = "schema"
		}
		for _, v := range versions {
			if v.Find(to) != nil {
				return refuse(e.Key, "%s stands in the spec and in a version; take one out", to)
			}
		}
		e.Rename(to)
		for i, v := range versions {
			c := e
			if i > 0 {
				c = edit.CloneEntries([]*edit.Entry{e})[0]
			}
			v.Entries, v.Changed = append(v.Entries, c), true
		}
		spec.Entries, spec.Changed = slices.DeleteFunc(spec.Entries, func(o *edit.Entry) bool { return o == e }), true
	}
	return nil
}

func columns(list *edit.Node) error {
	for _, c := range list.List() {
		if c.Kind != edit.Mapping || c.Find("<<") != nil {
			return opaque(c)
		}
		if e := c.Find("JSONPath"); e != nil {
			e.Rename("jsonPath")
		}
	}
	return nil
}

// conversion moves the webhook of a conversion to its place.
func (s *subject) conversion(c *edit.Node) error {
	if c.Null() {
		return nil
	}
	if c.Kind != edit.Mapping || c.Find("<<") != nil {
		return opaque(c)
	}
	var parts []*edit.Entry
	client, reviews := c.Find("webhookClientConfig"), c.Find("conversionReviewVersions")
	if client != nil {
		client.Rename("clientConfig")
		parts = append(parts, client)
	}
	if reviews != nil {
		parts = append(parts, reviews)
	}
	if len(parts) == 0 {
		return nil
	}
	w := c.Nest("webhook", parts...)
	if reviews == nil {
		v := &edit.Node{Kind: edit.Sequence, New: true, Items: []*edit.Entry{{Value: edit.Text("v1beta1"), New: true}}}
		w.Add("conversionReviewVersions", v, nil)
		s.note("conversionReviewVersions: [v1beta1] is written out, which was the default")
	}
	return nil
}
