package fix

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx/edit"
	"treadmill/upgrade/apis/lifecycle"
)

// reference is a place in an object that names another API, which was rewritten.
type reference struct {
	holder *subject
	role   string
	api    lifecycle.API
	name   string
	at     *edit.Node // what is written anew
	place  *edit.Node // where it is told, if that is another value
	old    string
}

// where is the value at whose place a reference is told.
func (r reference) where() *edit.Node {
	if r.place != nil {
		return r.place
	}
	return r.at
}

// references rewrites what an object names of APIs that are gone: what an autoscaler scales or measures, and the groups of rules.
func (d *document) references(s *subject, list *subject) {
	if list != nil && s.version == list.version {
		return // it may be put back together with its list
	}
	d.named(s, "scaleTargetRef", s.Get("spec", "scaleTargetRef"))
	for _, m := range s.Get("spec", "metrics").List() {
		for _, key := range []string{"describedObject", "target"} {
			d.named(s, key, m.Get("object", key))
		}
	}
	switch s.kind {
	case "VerticalPodAutoscaler":
		d.named(s, "targetRef", s.Get("spec", "targetRef"))
	case "Role", "ClusterRole":
		d.rules(s, s.Get("rules"))
	case "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration":
		for _, w := range s.Get("webhooks").List() {
			d.rules(s, w.Get("rules"))
		}
	case "ValidatingAdmissionPolicy", "MutatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "MutatingAdmissionPolicyBinding":
		d.rules(s, s.Get("spec", "matchConstraints", "resourceRules"))
		d.rules(s, s.Get("spec", "matchResources", "resourceRules"))
		d.named(s, "paramKind", s.Get("spec", "paramKind"))
	}
}

// gone finds an API that is removed at the target and has one of the same kind that takes over and stays.
func (d *document) gone(k lifecycle.GVK) (lifecycle.API, bool) {
	api, ok := d.table.Find(k)
	if !ok || !api.RemovedAt(d.target) || api.Replacement.Kind != api.Kind {
		return api, false
	}
	to, ok := d.table.Find(api.Replacement)
	return api, ok && !to.RemovedAt(d.target)
}

// named rewrites a reference by apiVersion and kind.
func (d *document) named(s *subject, role string, ref *edit.Node) {
	version := ref.Get("apiVersion")
	api, ok := d.gone(lifecycle.ParseGVK(version.Str(), ref.Get("kind").Str()))
	if ok && version.Kind == edit.Scalar && !version.New {
		d.rename(reference{holder: s, role: role, api: api, name: ref.Get("name").Str(), at: version}, api.Replacement.APIVersion())
	}
}

// rename writes what a reference names now, unless an alias repeats it elsewhere.
func (d *document) rename(r reference, to string) {
	if d.leave != nil && d.leaves(d.placeOf(r.where())) {
		return
	}
	r.old = r.at.Value
	if r.at.Set(to); d.Repeated() != nil {
		r.at.Value, r.at.Changed = r.old, false
		d.refuse(d.placeOf(r.where()), r.api, r.name, "an anchor repeats it elsewhere; write it out")
		return
	}
	d.renamed = append(d.renamed, r)
}

// rules rewrites the group of rules of which all resources have gone to one other group, and the version where one is named, also where the
// group stays.
func (d *document) rules(s *subject, list *edit.Node) {
	for _, rule := range list.List() {
		groups, versions := rule.Get("apiGroups").List(), rule.Get("apiVersions").List()
		if len(groups) != 1 || groups[0].Kind != edit.Scalar || len(versions) > 1 {
			continue
		}
		old := groups[0].Str()
		api, ok := d.ruleAPI(old, versions, rule.Get("resources").List())
		if !ok {
			continue
		}
		if api.Replacement.Group == old {
			if versions[0].Kind == edit.Scalar && !versions[0].New {
				d.rename(reference{holder: s, role: "rules", api: api, at: versions[0], place: groups[0]}, api.Replacement.Version)
			}
			continue
		}
		before := len(d.renamed)
		d.rename(reference{holder: s, role: "rules", api: api, at: groups[0]}, api.Replacement.Group)
		if len(versions) == 1 && versions[0].Str() != "*" && len(d.renamed) > before {
			versions[0].Set(api.Replacement.Version)
		}
	}
}

// ruleAPI finds what the resources of a rule have become, if that is the same for all of them.
func (d *document) ruleAPI(group string, versions, resources []*edit.Node) (found lifecycle.API, ok bool) {
	version := ""
	if len(versions) == 1 {
		version = strings.TrimSuffix(versions[0].Str(), "*")
	}
	for _, r := range resources {
		name, _, _ := strings.Cut(r.Str(), "/")
		var all []lifecycle.API
		for _, a := range d.table.APIs {
			if a.Group == group && a.Resource == name && (version == "" || a.Version == version) {
				all = append(all, a)
			}
		}
		if len(all) == 0 || slices.ContainsFunc(all, func(a lifecycle.API) bool { _, gone := d.gone(a.GVK); return !gone }) {
			return found, false
		}
		for _, a := range all {
			if found.Kind != "" && (found.Replacement.Group != a.Replacement.Group || found.Replacement.Version != a.Replacement.Version) {
				return found, false
			}
			found = a
		}
	}
	return found, found.Kind != "" && (found.Replacement.Group != group || version != "" && found.Replacement.Version != version)
}

// keepReferences reports the references that were rewritten.
func (d *document) keepReferences() {
	for _, r := range d.renamed {
		to, _ := d.table.Find(r.api.Replacement)
		note := fmt.Sprintf("it is named in %s of %s %q", r.role, r.holder.kind, r.holder.name)
		if r.name != "" {
			note += " as " + strconv.Quote(r.name)
		}
		d.result.Changes = append(
			d.result.Changes,
			Change{Position: d.placeOf(r.where()), APIVersion: r.api.APIVersion(), Kind: r.api.Kind,
				Namespace: r.holder.namespace, Name: r.holder.name, To: r.api.Replacement.APIVersion(),
				ServedSince: to.Introduced, Notes: []string{note}},
		)
	}
}

// giveUpReferences refuses the references of a document that cannot be written.
func (d *document) giveUpReferences(err error) {
	for _, r := range d.renamed {
		at := diag.Position{}
		if !r.where().New {
			at = d.placeOf(r.where())
		}
		d.refuse(at, r.api, r.name, err.Error())
	}
	d.renamed = nil
}
