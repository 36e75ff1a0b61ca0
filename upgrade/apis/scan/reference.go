package scan

import (
	"fmt"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/object"
	"treadmill/upgrade/apis/refer"
)

// ReferencePrefix begins the IDs of references.
const ReferencePrefix = "reference/"

// The IDs of references to an API that the target has removed.
const (
	ReferenceScale   = "reference/scale"   // an autoscaler cannot find what it scales
	ReferenceOwner   = "reference/owner"   // garbage collection cannot find the owner
	ReferenceRole    = "reference/role"    // a rule grants nothing
	ReferenceWebhook = "reference/webhook" // a rule of a webhook no longer matches
	ReferencePolicy  = "reference/policy"  // a rule of an admission policy no longer matches, or its parameters are not found
)

// References judges what objects refer to. What only names an API that the target has removed does not work there: an
// autoscaler, a webhook or a policy that stops without a word is an error, an owner or a grant a warning, and what the same rule
// says of the group that took over as well is info. A rule that names a version which is still served besides is left alone,
// and so is a group that the table does not know.
func References(refs []refer.Reference, table *lifecycle.Table, target upgrade.Minor) []Finding {
	found := []Finding{}
	for _, r := range refs {
		apis := named(r, table)
		if len(apis) == 0 || slices.ContainsFunc(apis, func(a lifecycle.API) bool { return !a.RemovedAt(target) }) {
			continue
		}
		last := slices.MaxFunc(apis, func(a, b lifecycle.API) int { return a.Removed.Compare(b.Removed) })
		f := Finding{Source: r.Object.Source, Group: last.Group, APIVersion: last.APIVersion(), Kind: last.Kind, Namespace: r.Object.Namespace,
			Name: r.Object.Name, Owner: r.Object.Owner, IntroducedIn: last.Introduced, DeprecatedIn: last.Deprecated,
			RemovedIn: last.Removed, Evidence: last.Evidence}
		f.Position = r.Object.Position
		if last.Replacement.Kind != "" {
			f.Replacement = &Replacement{last.Replacement.APIVersion(), last.Replacement.Kind}
		}
		var means string
		f.ID, f.Severity, means = role(r.Role)
		if f.Replacement != nil && last.Replacement.Group != last.Group && slices.Contains(r.Beside, last.Replacement.Group) {
			f.Severity, means, f.Replacement = diag.Info, "it may be left out: the rule names "+last.Replacement.Group+" too", nil
		}
		f.Fixable = f.Replacement != nil && f.Replacement.Kind == last.Kind && f.ID != ReferenceOwner && r.Object.Source == object.File
		f.Message = fmt.Sprintf("%s %q names %s in %s: removed in %s, so that %s%s", r.Object.Kind, r.Object.Name, what(r, last), r.Role,
			last.Removed, means, way(f.Replacement))
		found = append(found, f)
	}
	Sort(found)
	return slices.CompactFunc(found, func(a, b Finding) bool { return a.Message == b.Message && compare(a, b) == 0 })
}

// role is the ID and severity for a role, and what a removed API means to it.
func role(r refer.Role) (string, diag.Severity, string) {
	switch r {
	case refer.ScaleTarget:
		return ReferenceScale, diag.Error, "nothing is scaled"
	case refer.Sized:
		return ReferenceScale, diag.Error, "no pods are sized"
	case refer.OwnedBy:
		return ReferenceOwner, diag.Warning, "the owner is not found"
	case refer.Grant:
		return ReferenceRole, diag.Warning, "the rule grants nothing"
	case refer.Webhook:
		return ReferenceWebhook, diag.Error, "the webhook is not called"
	case refer.Param:
		return ReferencePolicy, diag.Error, "its parameters are not found"
	}
	return ReferencePolicy, diag.Error, "the rule does not match"
}

// named lists the APIs that a reference may mean.
func named(r refer.Reference, table *lifecycle.Table) []lifecycle.API {
	var out []lifecycle.API
	for _, a := range table.APIs {
		if a.Group == r.Group && (r.Resource == "*" || r.Resource == a.Resource || r.Resource == "" && r.Kind == a.Kind) &&
			(len(r.Versions) == 0 || slices.Contains(r.Versions, a.Version)) {
			out = append(out, a)
		}
	}
	return out
}

func what(r refer.Reference, last lifecycle.API) string {
	if r.Resource == "" {
		return last.String()
	}
	group := r.Group
	if len(r.Versions) > 0 {
		group += "/" + strings.Join(r.Versions, ",")
	}
	return group + " " + r.Resource
}

func way(r *Replacement) string {
	if r == nil {
		return ""
	}
	return "; use " + r.APIVersion + " " + r.Kind
}
